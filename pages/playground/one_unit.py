"""One unit of the dense network at one point: forwards, back, and the step it takes, with all numbers."""

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from pages.components.panels import bound
from pages.playground.formulas import aligned, factor, low, number, short
from pages.playground.graph import Unit, network_graph
from pages.playground.points import choose_point
from training.course.playground.activations import Numbers
from training.course.playground.backpropagation import Pass, Passes, backpropagate
from training.course.playground.dense import DenseSettings, layers_of
from training.course.playground.points import CLASSES, Points
from training.course.playground.recording import State


def look_inside(key: str, points: Points, settings: DenseSettings, state: State) -> None:
    """Choose a point and a unit, and see what it does with that point.

    Args:
        key: of the panel, which begins the names of the inputs.
        points: that were learned. settings: of the network. state: its weights.

    Raises:
        PlaygroundError: numbers too large to calculate with.
    """
    layers = layers_of(state, settings)
    names = [_unit_name(layer, unit, len(layers)) for layer in range(len(layers)) for unit in range(len(layers[layer].biases))]
    with st.container(horizontal=True):
        at = choose_point(key, points)
        name = st.selectbox("Unit", names, help="Or click it in the drawing.", width=200, **bound(f"{key}_unit"))
    target = np.eye(points.classes)[points.labels[at]]
    passes = backpropagate(layers, points.places[at], target)
    columns = _columns(points.places[at], passes)
    weights = [layer.weights for layer in layers]
    network_graph(columns, weights, key=f"{key}_graph", what="Weight", here=name, on_pick=partial(_choose_unit, key))
    layer = next(index for index, column in enumerate(columns[1:]) if name in [unit.key for unit in column])
    unit = [unit.key for unit in columns[layer + 1]].index(name)
    _unit_numbers(passes, layer, unit, [unit.name for unit in columns[layer]], settings, int(points.labels[at]))


def _choose_unit(key: str, name: str) -> None:
    # The inputs have no weights to show.
    if not name.startswith("x"):
        st.session_state[f"{key}_unit"] = name


def _unit_name(layer: int, unit: int, layers: int) -> str:
    return f"Output {CLASSES[unit]}" if layer == layers - 1 else f"Hidden {layer + 1}.{unit + 1}"


def _columns(x: Numbers, passes: Passes) -> list[list[Unit]]:
    columns = [[Unit(f"x{index}", f"x{low(index)}", short(value)) for index, value in enumerate(x, start=1)]]
    for index, layer in enumerate(passes.layers):
        column = []
        for unit, (z, output) in enumerate(zip(layer.z, layer.outputs, strict=True)):
            name = _unit_name(index, unit, len(passes.layers))
            column.append(Unit(name, name, short(output), f"z = {short(z)}, b = {short(layer.layer.biases[unit])}"))
        columns.append(column)
    return columns


def _unit_numbers(passes: Passes, layer: int, unit: int, sources: list[str], settings: DenseSettings, label: int) -> None:
    """Forwards, back and one step of one unit."""
    here = passes.layers[layer]
    after = here.stepped(settings.rate)
    weights, inputs, gradient = here.layer.weights[unit], here.inputs, here.gradient[unit]
    z, output, delta = here.z[unit], here.outputs[unit], here.deltas[unit]
    softmax = here.layer.activation == "softmax"
    activation = r"\operatorname{softmax}(z)" if softmax else rf"\operatorname{{{here.layer.activation}}}(z)"
    with st.container(horizontal=True, gap="large"):
        with st.container(width=470):
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
                    name: st.column_config.NumberColumn(format="%.2g" if name == "∂L/∂w" else "%.3f", width=70)
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
