"""A dense network on points: the boundary that hidden units bend."""

import streamlit as st

from pages.components.panels import bound, explain, show_errors
from pages.playground.one_unit import look_inside
from pages.playground.plane import plane
from pages.playground.points import Chosen, choose_points, choose_source, say_what_is_missing
from training.course.playground.activations import ACTIVATIONS
from training.course.playground.dense import MAX_HIDDEN, MAX_UNITS, DenseSettings, train_dense
from training.course.playground.errors import PlaygroundError
from training.course.playground.points import CLASSES, Points, separable
from training.course.playground.recording import Recording

KEY = "dense"

RATES = (0.001, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0)

GOOD = 0.95
"""Share of points right from which on a training counts as done, in the words below the picture."""


def panel() -> None:
    source = choose_source(KEY, "Circles")
    picture, inputs = st.columns([3.4, 1], gap="medium")
    with inputs:
        chosen = choose_points(KEY, source)
        settings = _settings()
    points = chosen.points
    with picture:
        place = st.container()
        recording = None
        try:
            recording = _learned(chosen.text, settings)
        except PlaygroundError as error:
            say_what_is_missing(error)
        with place:
            # Only the student's own points may get a third class.
            classes = len(CLASSES) if chosen.hint else points.classes
            epoch = plane(points, recording, key=KEY, source=source, hint=chosen.hint, classes=classes, hard=False)
        if recording is not None:
            _verdict(chosen, points, settings, recording)
    explain(
        "Each hidden unit draws one soft line through the plane, and the units behind it add such lines up, so the boundary "
        "can bend. All weights go a small step down the gradient of the loss after every few points.",
        r"h = \varphi(W_1 x + b_1)",
        r"p = \operatorname{softmax}(W_2\, h + b_2)",
        r"w \leftarrow w - \eta\, \frac{\partial L}{\partial w}, \quad L = -\log p_y",
    )
    if recording is not None:
        st.subheader(f"One point and one unit after epoch {epoch}", anchor=False)
        with show_errors():
            look_inside(KEY, points, settings, recording.states[epoch])


@st.cache_resource(max_entries=16, show_spinner=False)
def _learned(text: str, settings: DenseSettings) -> Recording:
    return train_dense(Points.read(text), settings)


def _settings() -> DenseSettings:
    hidden = st.slider("Hidden layers", 0, MAX_HIDDEN, 2, **bound("dense_hidden"))
    units = st.slider("Units in each", 1, MAX_UNITS, 6, disabled=hidden == 0, **bound("dense_units"))
    activation = st.selectbox("Activation φ", list(ACTIVATIONS), disabled=hidden == 0, **bound("dense_activation"))
    rate = st.select_slider("Learning rate η", RATES, 0.3, **bound("dense_rate"))
    epochs = st.slider("Epochs", 10, 200, 100, 10, **bound("dense_epochs"))
    seed = st.number_input(
        "Seed", 0, 9999, 0, help="Of the first weights and of the order of the points.", **bound("dense_seed")
    )
    return DenseSettings(int(hidden), int(units), activation, rate, int(epochs), int(seed))


def _verdict(chosen: Chosen, points: Points, settings: DenseSettings, recording: Recording) -> None:
    """What came out, and why."""
    right = recording.accuracies[-1]
    if points.contradictions:
        st.warning(
            f"{points.contradictions} points lie where one of another class lies: no network can get all of them right.",
            icon=":material/join_inner:",
        )
    if recording.trouble is not None:
        st.error(f"After epoch {recording.epochs}: {recording.trouble}", icon=":material/error:")
    elif recording.losses[-1] > recording.losses[0]:
        st.warning(
            "The loss ended higher than it began: the steps jump over the valley. Lower the learning rate.",
            icon=":material/trending_up:",
        )
    elif settings.hidden == 0 and not separable(points):
        what = "XOR needs more: without" if chosen.source == "XOR" else "Without"
        st.info(
            f"{what} a hidden layer the boundary is straight, like a perceptron's. Add one hidden layer.",
            icon=":material/layers:",
        )
    elif right < GOOD:
        st.info(
            f"{right:.0%} right: not there yet. Try more epochs or units, another learning rate, or another seed: small "
            "networks get stuck.",
            icon=":material/schedule:",
        )
    elif not separable(points):
        what = (
            "This is XOR, which no perceptron can learn"
            if chosen.source == "XOR"
            else "No straight line separates these points"
        )
        st.success(f"{what}: the hidden units bent the boundary, and {right:.0%} are right.", icon=":material/check:")
    else:
        st.success(f"{right:.0%} right. Here it would have worked without a hidden layer too.", icon=":material/check:")
