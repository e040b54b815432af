"""Sizes: how large the output is, and what the layer holds."""

from typing import Any

import streamlit as st

from pages.components.panels import bound, explain, inputs, show_errors
from recognition.inspection.sliding_window import Sliding
from training.course.convolution import measured, parameter_count

EXAMPLES: dict[str, dict[str, Any]] = {
    "6×6, kernel 3": {"n": 6, "f": 3, "c": 1, "k": 1},
    "5×5, stride 2": {"n": 5, "f": 3, "s": 2, "c": 1, "k": 1},
    "5×5, “same”": {"n": 5, "f": 3, "p": "same", "c": 1, "k": 1},
    "5×5, “full”": {"n": 5, "f": 3, "p": "full", "c": 1, "k": 1},
    "52×52, kernel 12": {"n": 52, "f": 12, "s": 2, "c": 1, "k": 15},
    "8×8 RGB, 4 filters": {"n": 8, "f": 3, "k": 4},
    "CIFAR-10, 64 filters": {"n": 32, "f": 3, "k": 64},
    "Letters, stride 2": {"n": 128, "f": 3, "s": 2, "p": "same", "c": 1, "k": 16},
}
PADDINGS = "None: no zeros. Same: as many as keep the size at stride 1. Full: every overlap counts."
DEFAULTS: dict[str, Any] = {"n": 32, "f": 3, "s": 1, "p": "none", "d": 1, "c": 3, "k": 64}


def panel() -> None:
    explain(
        "Along one side the window fits as often as its steps go into the room that is left: n pixels plus "
        "p zeros at both ends, minus the window's own reach. Every filter gives one channel of the output "
        "and holds one number for each cell and channel it covers, plus a bias.",
        r"\text{side} = \left\lfloor \frac{n + 2p - f}{s} \right\rfloor + 1",
        r"\text{parameters} = k \cdot (f \cdot f \cdot c) + k",
    )
    st.pills("From the course", list(EXAMPLES), key="size_example", on_change=_load)
    with inputs():
        n = _whole("Picture side n", "n", 1, 4096)
        channels = _whole("Channels c", "c", 1, 4096)
        kernel = _whole("Kernel f", "f", 1, 4096)
        stride = _whole("Stride s", "s", 0, 64)
        padding = st.selectbox("Padding p", ("none", "same", "full"), help=PADDINGS, width=130, **bound("p"))
        dilation = _whole("Dilation d", "d", 1, 16)
        filters = _whole("Filters k", "k", 1, 4096)
    with show_errors():
        window = Sliding(kernel, stride, padding, dilation)
        side = window.positions(n)
        (height, width, maps), parameters = measured(n, n, channels, filters, window)
        st.latex(_size_formula(n, window, side))
        st.latex(
            rf"{filters} \cdot ({kernel} \cdot {kernel} \cdot {channels}) + {filters}"
            rf" = {_thousands(parameter_count(filters, kernel, channels))} \text{{ parameters}}"
        )
        agree = (height, width, maps, parameters) == (
            side,
            side,
            filters,
            parameter_count(filters, kernel, channels),
        )
        one, two, three = st.columns(3)
        one.metric("Output", f"{side}×{side}×{filters}", border=True)
        two.metric("Values in it", f"{side * side * filters:,}", border=True)
        three.metric("Parameters", f"{parameter_count(filters, kernel, channels):,}", border=True)
        if agree:
            st.success(
                f"Checked: torch.nn.Conv2d gives {height}×{width}×{maps} with {parameters:,} parameters.",
                icon=":material/verified:",
            )
        else:
            st.error(f"torch.nn.Conv2d gives {height}×{width}×{maps} with {parameters:,} parameters.")
        warning = window.warning(n)
        if warning:
            st.warning(warning, icon=":material/straighten:")


def _whole(label: str, key: str, low: int, high: int) -> int:
    return int(st.number_input(label, low, high, DEFAULTS[key], width=130, **bound(key)))


def _load() -> None:
    """Put an example of the course into the inputs."""
    name = st.session_state["size_example"]
    if name is not None:
        for key, value in (DEFAULTS | EXAMPLES[name]).items():
            st.session_state[key] = value


def _size_formula(n: int, window: Sliding, side: int) -> str:
    before, after = window.ends
    padding = rf"2 \cdot {before}" if before == after else f"{before} + {after}"
    reach = str(window.kernel)
    if window.dilation > 1:
        reach = rf"({window.dilation} \cdot ({window.kernel} - 1) + 1)"
    room = n + before + after - window.reach

    def steps(over: str) -> str:
        return rf"\left\lfloor \frac{{{over}}}{{{window.stride}}} \right\rfloor + 1"

    return f"{steps(f'{n} + {padding} - {reach}')} = {steps(str(room))} = {side}"


def _thousands(value: int) -> str:
    return f"{value:,}".replace(",", "{,}")
