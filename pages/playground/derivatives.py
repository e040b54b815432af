"""The derivatives of a network with one hidden layer as tables: symbols, numbers, and what autograd says."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from pages.playground.formulas import factor, number
from training.course.playground.activations import Numbers
from training.course.playground.backpropagation import Layer, Pass, Passes

AGREES = 1e-6
"""Relative difference from which on a derivative is marked as wrong."""


@dataclass(frozen=True)
class Names:
    """What the numbers of a layer are called in formulas."""

    unit: str
    sum: str
    weight: str
    bias: str


HIDDEN, OUTPUT = Names("h", "z", "w", "b"), Names("o", "u", "v", "c")


def on_the_way(passes: Passes, target: Numbers) -> None:
    """The derivatives that the chain rule multiplies, unit by unit."""
    st.subheader("Derivatives on the way back", anchor=False)
    hidden, output = passes.layers
    errors = [
        rf"o_{unit} - t_{unit} = {number(value)} - {factor(wanted)} = "
        for unit, (value, wanted) in enumerate(zip(output.outputs, target, strict=True), start=1)
    ]
    passed_back = [
        " + ".join(rf"{factor(v)} \cdot {factor(delta)}" for v, delta in zip(column, output.deltas, strict=True)) + " = "
        for column in output.layer.weights.T
    ]
    rows = [*_units(output, OUTPUT, errors), *_units(hidden, HIDDEN, passed_back)]
    _table(("unit", "sum", "value", "from behind", "slope", "δ"), rows)


def _units(layer: Pass, names: Names, behind: Sequence[str]) -> list[list[str]]:
    """A row for each unit.

    Args:
        behind: for each unit, how what comes back to it is calculated.
    """
    rows = []
    for index, work in enumerate(behind):
        unit, total = f"{names.unit}_{index + 1}", f"{names.sum}_{index + 1}"
        delta = rf"{_partial('L', total)} = "
        row = [_formula(unit), _formula(f"{total} = {number(layer.z[index])}"), _formula(number(layer.outputs[index]))]
        if layer.pulls is None or layer.slopes is None:
            row += ["–", "–", _formula(f"{delta} {work} {number(layer.deltas[index])}")]
        else:
            row += [
                _formula(f"{_partial('L', unit)} = {work} {number(layer.pulls[index])}"),
                _formula(rf"\varphi'({total}) = {number(layer.slopes[index])}"),
                _formula(f"{delta} {number(layer.deltas[index])}"),
            ]
        rows.append(row)
    return rows


def every_derivative(passes: Passes, stepped: Sequence[Layer], checked: Sequence[tuple[Numbers, Numbers]]) -> None:
    """A row for each weight and bias.

    Args:
        passes: of a network with one hidden layer.
        stepped: its layers after one step.
        checked: autograd's derivatives by weights and biases, a pair for each layer.
    """
    st.subheader("Every derivative, checked against autograd", anchor=False)
    rows: list[list[str]] = []
    # From the loss backwards, as they are calculated.
    for layer, after, names, (weights, biases) in reversed(
        list(zip(passes.layers, stepped, (HIDDEN, OUTPUT), checked, strict=True))
    ):
        for unit in range(len(layer.z)):
            symbols, numbers = _chain(layer, names, unit)
            for source, value in enumerate(layer.inputs):
                name = f"{names.weight}_{{{unit + 1}{source + 1}}}"
                last = _partial(f"{names.sum}_{unit + 1}", name)
                rows.append(
                    [
                        *(_formula(name), _formula(f"{symbols} {last}"), _formula(rf"{numbers} \cdot {factor(value)}")),
                        *_compared(layer.gradient[unit, source], weights[unit, source]),
                        _formula(number(after.weights[unit, source])),
                    ]
                )
            rows.append(
                [
                    *(_formula(f"{names.bias}_{unit + 1}"), _formula(symbols), _formula(numbers)),
                    *_compared(layer.deltas[unit], biases[unit]),
                    _formula(number(after.biases[unit])),
                ]
            )
    _table(("weight", "chain rule", "numbers", "by hand", "autograd", "agree", "new value"), rows)


def _chain(layer: Pass, names: Names, unit: int) -> tuple[str, str]:
    """∂L by a unit's sum as a product, in symbols and in numbers."""
    output, total = f"{names.unit}_{unit + 1}", f"{names.sum}_{unit + 1}"
    if layer.pulls is None or layer.slopes is None:
        return _partial("L", total), factor(layer.deltas[unit])
    return (
        _partial("L", output) + _partial(output, total),
        rf"{factor(layer.pulls[unit])} \cdot {factor(layer.slopes[unit])}",
    )


def _compared(by_hand: float, checked: float) -> tuple[str, str, str]:
    mark = ":green[✓]" if np.isclose(by_hand, checked, rtol=AGREES, atol=AGREES**2) else ":red[✗]"
    return f"{by_hand:.6f}".replace("-", "−"), f"{checked:.6f}".replace("-", "−"), mark


def _partial(of: str, by: str) -> str:
    return rf"\frac{{\partial {of}}}{{\partial {by}}}"


def _formula(text: str) -> str:
    """In braces: no line break inside."""
    return f"${{{text}}}$"


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    st.table(pd.DataFrame(rows, columns=list(titles)).set_index(titles[0]), width="content")
