"""The network at work on the picture, to be touched: every part's maps, one map closely, and how its cells were made."""

import streamlit as st

from pages.components.panels import explain
from pages.feature_maps.subject import Shown, Subject, choose_touched, whole_number
from pages.feature_maps.touch import touch
from recognition.inspection.inspectable import Inspectable
from recognition.inspection.people import Answer
from recognition.inspection.touch import touchable

WORDS = (
    "Each small picture is a map: what one learned filter answers at every place, bright where it answers strongly. Choose a "
    "part, a layer, a channel; then point at a cell to see its window on the picture and the sum that made it."
)

MATHS = (
    r"A_k(i, j) = b_k + \sum_{c, m, n} I_c(s\,i+m,\; s\,j+n)\, K_{k,c}(m, n)",
    r"\text{ReLU}(x) = \max(0, x)",
    r"\text{window: } r_{l} = r_{l-1} + (f_l - 1) \prod_{i<l} s_i",
)


def panel(subject: Subject[Inspectable], shown: Shown, answer: Answer) -> None:
    """`answer`: what the network says of the picture."""
    explain(WORDS, *MATHS)
    # The picture first; the inputs below it are for whoever would rather type.
    place = st.container()
    touched = choose_touched(subject.summary)
    with place:
        touch(touchable(subject.network, shown.crop, subject.summary, touched, answer), key="touch", cell=kept_cell())


def kept_cell() -> tuple[int, int] | None:
    """Row and column in the address."""
    row, column = whole_number("row"), whole_number("col")
    return None if row is None or column is None else (row, column)
