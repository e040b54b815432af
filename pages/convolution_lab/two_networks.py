"""Same picture, two networks: what each answers when the face moves."""

import numpy as np
import pandas as pd
import streamlit as st

from pages.components.panels import bound, explain, picture, show_errors
from pages.convolution_lab.common import source_picture
from recognition.inspection.drawing import enlarge
from recognition.pictures import Picture
from training.course.convolution import translate
from training.course.stack import describe
from training.course.translation import MAX_SHIFT, Answer, Pair, strangers, train_pair


@st.cache_resource(max_entries=4, show_spinner="Training both networks")
def _trained(image: Picture) -> tuple[Pair, pd.DataFrame]:
    """Both networks, and by pixels moved how many of all faces each still knows, in per cent."""
    pair = train_pair([image, *strangers()])
    shifts = list(range(0, MAX_SHIFT + 1, 2))
    dense, convolutional = pair.rates(shifts)
    index = pd.Index(shifts, name="Pixels moved")
    return pair, pd.DataFrame({"Dense network": dense * 100, "CNN": convolutional * 100}, index=index)


def panel() -> None:
    explain(
        "Both networks learn to tell this face from seven strangers (25×25 crops from scikit-image), always "
        "in the middle of the picture. A dense network has learned single pixels, a CNN patterns that it "
        "finds anywhere: move the face and see what each says.",
        r"\text{dense: } \hat y = W_2\, \text{ReLU}(W_1 x + b_1) + b_2",
        r"\text{CNN: } \hat y = W\, \operatorname{mean}_{i, j}\, S(i, j) + b",
    )
    if not st.toggle("Train both networks on this face, some seconds", **bound("train")):
        return
    with show_errors():
        image = source_picture()
        pair, rates = _trained(image)
        one, two = st.columns(2)
        right = int(one.slider("Face moved right", -MAX_SHIFT, MAX_SHIFT, 10, **bound("face_right")))
        down = int(two.slider("Face moved down", -MAX_SHIFT, MAX_SHIFT, 0, **bound("face_down")))
        dense, convolutional = pair.answers(0, right, down)
        shown, left_answer, right_answer = st.columns([1, 1.3, 1.3], gap="medium")
        with shown:
            moved = translate(pair.pictures[0], right, down)
            picture(enlarge(moved, 256), "What both networks see, 64×64 in grey", "two_networks")
        with left_answer:
            _show_answer("Dense network", dense, describe(pair.dense.stack).parameters)
        with right_answer:
            _show_answer("CNN", convolutional, describe(pair.convolutional.stack).parameters)
        st.markdown("**All eight faces**, moved left, right, up and down: how many are still recognised")
        st.line_chart(rates, y_label="% right", height=260)


def _show_answer(title: str, answer: Answer, parameters: int) -> None:
    st.markdown(f"**{title}**, {parameters:,} parameters")
    if answer.best == 0:
        st.badge("This is the face", icon=":material/check:", color="green")
    else:
        st.badge(f"Stranger {answer.best}", icon=":material/close:", color="red")
    names = ["The face", *(f"Stranger {number}" for number in range(1, len(answer.probabilities)))]
    order = np.argsort(-answer.probabilities)[:3]
    for number in order:
        share = float(answer.probabilities[number])
        st.progress(share, f"{names[number]}: {share:.0%}")
