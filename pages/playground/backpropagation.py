"""Backpropagation of a 2-3-2 network: every number forwards, every derivative back, each beside what autograd says."""

from typing import Literal

import numpy as np
import streamlit as st

from pages.components.number_table import number_table, replace_numbers
from pages.components.panels import bound, explain, inputs, show_errors
from pages.playground.derivatives import every_derivative, on_the_way
from pages.playground.formulas import low, short
from pages.playground.graph import Unit, network_graph
from training.course.playground.activations import ACTIVATIONS, Activation, Numbers
from training.course.playground.backpropagation import Layer, Passes, autograd, backpropagate

HIDDEN = np.array([[0.4, -0.2, 0.1], [0.3, 0.5, -0.1], [-0.6, 0.2, 0.2]])
OUTPUT = np.array([[0.5, -0.3, 0.4, 0.1], [-0.2, 0.6, 0.3, -0.1]])
"""The weights to start from: one row a unit, its bias last."""

ENDS: dict[str, Literal["sigmoid", "softmax"]] = {"Sigmoid, squared error": "sigmoid", "Softmax, cross-entropy": "softmax"}

FORWARDS, BACKWARDS = "Forwards: values and weights", "Backwards: derivatives"


def panel() -> None:
    place = st.container()
    with inputs():
        x = np.array([_number("x₁", 1.0, "bp_x1"), _number("x₂", 0.5, "bp_x2")])
        target = np.array([_number("Target t₁", 1.0, "bp_t1"), _number("Target t₂", 0.0, "bp_t2")])
        activation: Activation = st.selectbox("Hidden units φ", list(ACTIVATIONS), 2, width=115, **bound("bp_activation"))
        end = ENDS[st.selectbox("Output and loss L", list(ENDS), width=210, **bound("bp_end"))]
        rate = st.number_input("Learning rate η", 0.001, 100.0, 0.5, 0.1, width=130, **bound("bp_rate"))
    with show_errors():
        with st.expander("Change the weights", icon=":material/edit:"):
            one, two = st.columns(2)
            with one:
                st.caption("Hidden layer: one row a unit")
                hidden = number_table(HIDDEN, "bp_hidden", "hidden layer", ["w from x₁", "w from x₂", "bias b"])
            with two:
                st.caption("Output layer: one row a unit")
                output = number_table(OUTPUT, "bp_output", "output layer", ["v from h₁", "v from h₂", "v from h₃", "bias c"])
        layers = (Layer(hidden[:, :-1], hidden[:, -1], activation), Layer(output[:, :-1], output[:, -1], end))
        passes = backpropagate(layers, x, target)
        stepped = tuple(layer.stepped(rate) for layer in passes.layers)
        with place:
            _drawn(passes, target)
            _step(passes, stepped, x, target)
        explain(
            "Forwards, each unit adds up its weighted inputs and bends the sum. Backwards, the chain rule multiplies what lies "
            "between a weight and the loss; what the units behind a unit pass back adds up, so each derivative is used again "
            "and none is calculated twice.",
            r"z_j = \sum_i w_{ji}\, x_i + b_j, \quad h_j = \varphi(z_j)",
            r"\frac{\partial L}{\partial w_{ji}} = \delta_j\, x_i, \quad \delta_j = \varphi'(z_j) \sum_k v_{kj}\, \delta_k",
        )
        on_the_way(passes, target)
        every_derivative(passes, stepped, autograd(layers, x, target))


def _number(label: str, usual: float, key: str) -> float:
    return float(st.number_input(label, -100.0, 100.0, usual, 0.1, width=95, **bound(key)))


def _drawn(passes: Passes, target: Numbers) -> None:
    shown = st.segmented_control(
        "Show", [FORWARDS, BACKWARDS], default=FORWARDS, required=True, label_visibility="collapsed", **bound("bp_show")
    )
    hidden, output = passes.layers
    back = shown == BACKWARDS
    units = [[Unit(f"x{i}", f"x{low(i)}", short(value)) for i, value in enumerate(hidden.inputs, start=1)]]
    for layer, name in ((hidden, "h"), (output, "o")):
        column = []
        for i, (z, value, delta) in enumerate(zip(layer.z, layer.outputs, layer.deltas, strict=True), start=1):
            text = f"δ = {short(delta)}" if back else f"{name}{low(i)}"
            wanted = f" → t{low(i)} = {short(target[i - 1])}" if name == "o" and not back else ""
            detail = f"z = {short(z)}, {name} = {short(value)}, δ = {short(delta)}"
            column.append(Unit(f"{name}{i}", text + wanted, short(value), detail))
        units.append(column)
    lines = [layer.gradient if back else layer.layer.weights for layer in passes.layers]
    network_graph(units, lines, key="bp_graph", what="∂L/∂w" if back else "Weight", labels=True)


def _step(passes: Passes, stepped: tuple[Layer, ...], x: Numbers, target: Numbers) -> None:
    """The loss before and after one step, and the step itself."""
    with st.container(horizontal=True, vertical_alignment="center"):
        after = backpropagate(stepped, x, target).loss
        st.markdown(rf"$L = \mathbf{{{passes.loss:.4f}}}$, after one step $\mathbf{{{after:.4f}}}$", width="content")
        st.button("Take this step", icon=":material/trending_down:", on_click=_take, args=(stepped,))
        st.button("Start again", icon=":material/undo:", type="tertiary", on_click=_take, args=(None,))


def _take(stepped: tuple[Layer, ...] | None) -> None:
    hidden, output = (np.column_stack([layer.weights, layer.biases]) for layer in stepped) if stepped else (HIDDEN, OUTPUT)
    replace_numbers("bp_hidden", hidden)
    replace_numbers("bp_output", output)
