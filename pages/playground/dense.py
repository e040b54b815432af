"""A dense network on points: the boundary that hidden units bend."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from pages.components.panels import bound, explain, show_errors
from pages.playground.formulas import aligned, factor, number
from pages.playground.graph import Unit, network_graph
from pages.playground.plane import plane
from pages.playground.points import Chosen, choose_point, choose_points, choose_source, say_what_is_missing
from training.course.playground.activations import ACTIVATIONS
from training.course.playground.backpropagation import Pass, Passes, backpropagate
from training.course.playground.dense import MAX_HIDDEN, MAX_UNITS, DenseSettings, layers_of, train_dense
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
            _numbers(points, settings, recording, epoch)


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
        st.success(f"{right:.0%} right. A straight line would have done here.", icon=":material/check:")


def _numbers(points: Points, settings: DenseSettings, recording: Recording, epoch: int) -> None:
    layers = layers_of(recording.states[epoch], settings)
    names = [_unit_name(layer, unit, len(layers)) for layer in range(len(layers)) for unit in range(len(layers[layer].biases))]
    with st.container(horizontal=True):
        at = choose_point(KEY, points)
        name = st.selectbox("Unit", names, help="Or click it in the drawing.", width=200, **bound("dense_unit"))
    target = np.eye(points.classes)[points.labels[at]]
    passes = backpropagate(layers, points.places[at], target)
    columns = _columns(points.places[at], passes)
    network_graph(
        columns, [layer.weights for layer in layers], key="dense_graph", what="Weight", here=name, on_pick=_choose_unit
    )
    layer = next(index for index, column in enumerate(columns[1:]) if name in [unit.key for unit in column])
    unit = [unit.key for unit in columns[layer + 1]].index(name)
    _unit_numbers(passes, layer, unit, [unit.name for unit in columns[layer]], settings, int(points.labels[at]))


def _choose_unit(name: str) -> None:
    # The inputs have no weights to show.
    if not name.startswith("x"):
        st.session_state["dense_unit"] = name


def _unit_name(layer: int, unit: int, layers: int) -> str:
    return f"Output {CLASSES[unit]}" if layer == layers - 1 else f"Hidden {layer + 1}.{unit + 1}"


def _columns(x: Sequence[float] | np.typing.NDArray[np.float64], passes: Passes) -> list[list[Unit]]:
    columns = [[Unit(f"x{index + 1}", "x₁x₂"[2 * index : 2 * index + 2], _short(value)) for index, value in enumerate(x)]]
    for index, layer in enumerate(passes.layers):
        column = []
        for unit, (z, output) in enumerate(zip(layer.z, layer.outputs, strict=True)):
            name = _unit_name(index, unit, len(passes.layers))
            column.append(Unit(name, name, _short(output), f"z = {_short(z)}, b = {_short(layer.layer.biases[unit])}"))
        columns.append(column)
    return columns


def _short(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _unit_numbers(passes: Passes, layer: int, unit: int, sources: list[str], settings: DenseSettings, label: int) -> None:
    """Forwards, back and one step of one unit."""
    here = passes.layers[layer]
    after = here.stepped(settings.rate)
    weights, inputs, gradient = here.layer.weights[unit], here.inputs, here.gradient[unit]
    z, output, delta = here.z[unit], here.outputs[unit], here.deltas[unit]
    softmax = here.layer.activation == "softmax"
    activation = r"\operatorname{softmax}(z)" if softmax else rf"\operatorname{{{here.layer.activation}}}(z)"
    with st.container(horizontal=True, gap="large"):
        with st.container(width=420):
            st.dataframe(
                pd.DataFrame(
                    {
                        "Input": [*sources, "bias"],
                        "a": [*inputs, 1.0],
                        "w": [*weights, here.layer.biases[unit]],
                        "w · a": [*(weights * inputs), here.layer.biases[unit]],
                        "∂L/∂w": [*gradient, delta],
                        "new w": [*after.weights[unit], after.biases[unit]],
                    }
                ),
                hide_index=True,
                column_config={
                    name: st.column_config.NumberColumn(format="%.3f", width="small")
                    for name in ("a", "w", "w · a", "∂L/∂w", "new w")
                },
                height="content",
            )
        rows = [
            rf"z &= \textstyle\sum w\,a + b = \mathbf{{{number(z)}}}",
            rf"\varphi(z) &= {activation} = \mathbf{{{number(output)}}}",
        ]
        rows += _delta_output(unit, output, delta, label) if softmax else _delta_hidden(here, passes.layers[layer + 1], unit)
        rows += [
            r"\frac{\partial L}{\partial w} &= \delta\, a, \quad \frac{\partial L}{\partial b} = \delta",
            rf"w &\leftarrow w - {number(settings.rate)} \cdot \frac{{\partial L}}{{\partial w}}",
        ]
        st.latex(aligned(*rows), width="content")
    st.caption(f"Loss of this point: {passes.loss:.4f}. The step is the one that this point alone asks for.")


def _delta_output(unit: int, output: float, delta: float, label: int) -> list[str]:
    wanted = int(unit == label)
    return [rf"\delta &= p - y = {number(output)} - {wanted} = \mathbf{{{number(delta)}}}"]


def _delta_hidden(here: Pass, behind: Pass, unit: int) -> list[str]:
    assert here.pulls is not None
    assert here.slopes is not None
    terms = [
        rf"{factor(weight)} \cdot {factor(delta)}"
        for weight, delta in zip(behind.layer.weights[:, unit], behind.deltas, strict=True)
    ]
    # Two to a line, or a phone could not show them.
    lines = [" + ".join(terms[start : start + 2]) for start in range(0, len(terms), 2)]
    return [
        r"\frac{\partial L}{\partial \varphi} &= \textstyle\sum_k w_k\,\delta_k",
        rf"&= {lines[0]}",
        *(f"&+ {line}" for line in lines[1:]),
        rf"&= {number(here.pulls[unit])}, \quad \varphi'(z) = {number(here.slopes[unit])}",
        rf"\delta &= \textstyle\frac{{\partial L}}{{\partial \varphi}}\, \varphi'(z) = \mathbf{{{number(here.deltas[unit])}}}",
    ]
