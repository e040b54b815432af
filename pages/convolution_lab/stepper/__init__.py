"""The stepper component: a window slides over small numbers and over a face, cell by cell, and the output fills."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from recognition.inspection.sliding_window import Sliding
from training.course.convolution import Grid, convolve

_FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "familiar.stepper",
    html=(_FOLDER / "stepper.html").read_text("utf-8"),
    css=(_FOLDER / "stepper.css").read_text("utf-8"),
    js=(_FOLDER / "stepper.js").read_text("utf-8"),
)


def stepper(grid: Grid, kernel: Grid, window: Sliding, bias: float, face: Grid, *, key: str) -> None:
    """Show how a kernel slides over a grid, and over a face in the same rhythm. It plays in the browser alone; the position,
    from 1, stands in the address under `position` once it rests.

    Args:
        grid: (H, W) or (H, W, C), small enough for its numbers to be read.
        kernel: (f, f) or (f, f, C).
        window: stride, padding and dilation.
        bias: added to every sum.
        face: (h, w) or (h, w, C), 0 to 1, at most some dozens of cells a side.
        key: of the widget, unique in the app.

    Raises:
        FitError: the kernel does not fit.
    """
    _component(
        key=key,
        data={
            "grid": _sliced(grid),
            "kernel": _sliced(kernel),
            "output": convolve(grid, kernel, window, bias).tolist(),
            "face": _sliced(face),
            "faceOutput": convolve(face, kernel, window, 0.0).tolist(),
            "stride": window.stride,
            "dilation": window.dilation,
            "ends": list(window.ends),
            "bias": bias,
            "position": _position() - 1,
        },
        on_position_change=partial(_keep_position, key),
    )


def _sliced(values: Grid) -> list[Any]:
    """(H, W) or (H, W, C) as C lists of rows."""
    slices: list[Any] = (values[:, :, None] if values.ndim == 2 else values).transpose(2, 0, 1).tolist()
    return slices


def _position() -> int:
    text = st.query_params.get("position", "1")
    return max(int(text), 1) if text.isascii() and text.isdecimal() and len(text) < 6 else 1


def _keep_position(key: str) -> None:
    state = st.session_state.get(key)
    said = state.get("position") if isinstance(state, Mapping) else None
    # The browser's word is not trusted.
    if isinstance(said, int) and 0 <= said < 10_000:
        st.query_params["position"] = str(said + 1)
