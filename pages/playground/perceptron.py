"""Rosenblatt's perceptron: a line that moves at every mistake."""

import streamlit as st

from pages.components.panels import bound, explain
from pages.playground.formulas import aligned, factor, number
from pages.playground.plane import plane
from pages.playground.points import YOURS, Chosen, choose_point, choose_points, choose_source, say_what_is_missing
from training.course.playground.errors import PlaygroundError
from training.course.playground.perceptron import Correction, PerceptronSettings, correction, train_perceptron
from training.course.playground.points import CLASSES, Points, separable
from training.course.playground.recording import Recording

KEY = "perceptron"

RATES = (0.001, 0.01, 0.03, 0.1, 0.3, 1.0, 10.0)


def panel() -> None:
    source = choose_source(KEY, "Blobs")
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
            epoch = plane(points, recording, key=KEY, source=source, hint=chosen.hint, classes=2, hard=True)
        if recording is not None:
            _verdict(chosen, points, recording)
    explain(
        "A perceptron adds up its weighted inputs and says class B where the sum is not negative, A where it is: its "
        "boundary is a straight line. At every point that it gets wrong, the rule turns and shifts the line a little "
        "towards it; a point that is right changes nothing.",
        r"z = w \cdot x + b",
        r"\hat y = \varphi(z) = \begin{cases} 1 & z \ge 0 \\ 0 & z < 0 \end{cases}",
        r"w \leftarrow w + \eta\, (y - \hat y)\, x \qquad b \leftarrow b + \eta\, (y - \hat y)",
    )
    if recording is not None:
        st.subheader(f"One update after epoch {epoch}", anchor=False)
        at = choose_point(KEY, points)
        _numbers(correction(recording.states[epoch], points.places[at], int(points.labels[at]), settings.rate))


@st.cache_resource(max_entries=16, show_spinner=False)
def _learned(text: str, settings: PerceptronSettings) -> Recording:
    return train_perceptron(Points.read(text), settings)


def _settings() -> PerceptronSettings:
    rate = st.select_slider("Learning rate η", RATES, 0.01, **bound("perceptron_rate"))
    epochs = st.slider("Epochs", 1, 100, 50, **bound("perceptron_epochs"), help="At most: it stops when all points are right.")
    seed = st.number_input(
        "Seed", 0, 9999, 0, help="Of the first weights and of the order of the points.", **bound("perceptron_seed")
    )
    return PerceptronSettings(rate, int(epochs), int(seed))


def _verdict(chosen: Chosen, points: Points, recording: Recording) -> None:
    """What came out, and why."""
    if recording.accuracies[-1] == 1.0:
        first = int((recording.accuracies < 1.0).sum())
        st.success(f"All points are right after epoch {first}: the rule changes nothing any more.", icon=":material/check:")
    elif separable(points):
        st.info(
            "A straight line can separate these points, and the rule finds it: give it more epochs.", icon=":material/schedule:"
        )
    else:
        lead = "XOR: A is where both coordinates have the same sign, and no" if chosen.source == "XOR" else "No"
        st.warning(
            f"{lead} straight line can separate these points, so the perceptron never comes to rest. A hidden layer can "
            "tell them apart.",
            icon=":material/block:",
        )
        st.button(
            "Try a dense network on these points", icon=":material/arrow_forward:", on_click=_to_dense, args=(chosen.source,)
        )


def _to_dense(source: str) -> None:
    st.session_state["panel"] = "Dense network"
    same = {"dense_points": source}
    if source != YOURS:
        same["dense_noise"] = st.session_state["perceptron_noise"]
    for key, value in same.items():
        # Into the address too: of inputs that are not on the screen yet, Streamlit doesn't write it there.
        st.session_state[key] = st.query_params[key] = value


def _numbers(rule: Correction) -> None:
    """The rule at one point, written out."""
    (w1, w2), (x1, x2), (new1, new2) = rule.weight, rule.x, rule.new_weight
    step = f"{factor(rule.rate)} \\cdot {factor(rule.error)}"
    sign = r"\ge 0" if rule.answer else "< 0"
    with st.container(horizontal=True, gap="large"):
        st.latex(
            aligned(
                rf"x &= ({number(x1)},\; {number(x2)}) \qquad y = {rule.label}\;\text{{(class {CLASSES[rule.label]})}}",
                rf"w &= ({number(w1)},\; {number(w2)}) \qquad b = {number(rule.bias)}",
                rf"z &= {factor(w1)} \cdot {factor(x1)} + {factor(w2)} \cdot {factor(x2)} + {factor(rule.bias)}",
                rf"&= \mathbf{{{number(rule.z)}}} {sign}",
                rf"\hat y &= \varphi(z) = {rule.answer} \qquad y - \hat y = {rule.error}",
            ),
            width="content",
        )
        st.latex(
            aligned(
                rf"w_1 &\leftarrow {factor(w1)} + {step} \cdot {factor(x1)} = \mathbf{{{number(new1)}}}",
                rf"w_2 &\leftarrow {factor(w2)} + {step} \cdot {factor(x2)} = \mathbf{{{number(new2)}}}",
                rf"b &\leftarrow {factor(rule.bias)} + {step} = \mathbf{{{number(rule.new_bias)}}}",
            ),
            width="content",
        )
    if rule.error == 0:
        st.caption(
            "This point is right, so nothing changes. Points that are wrong have a dark ring: go back to epoch 0 and tap one."
        )
