"""The network at work on the picture, to be touched: every part's maps, one map closely, and how its cells were made."""

import streamlit as st

from pages.components.panels import explain, inputs
from pages.feature_maps.subject import Shown, Subject, choose_layer, choose_order, whole_number
from pages.feature_maps.touch import touch
from recognition.inspection.inspectable import Inspectable
from recognition.inspection.touch import Answer, Touched, touchable

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
    place = st.container()
    with inputs():
        layer = choose_layer(subject.summary)
        order = choose_order()
    with place:
        touched = Touched(layer.name, whole_number("channel"), order)
        network = touchable(subject.network, shown.crop, subject.summary, touched, answer)
        row, column = whole_number("row"), whole_number("col")
        touch(network, key="touch", cell=None if row is None or column is None else (row, column))
