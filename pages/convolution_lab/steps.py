"""Step by step: one window position after the other, its products and its sum."""

import streamlit as st

from pages.components.number_table import forget, number_table
from pages.components.panels import bound, explain, inputs, show_errors
from pages.convolution_lab.common import source_picture
from pages.convolution_lab.stepper import stepper
from recognition.inspection.drawing import enlarge
from recognition.inspection.sliding_window import Padding, Sliding
from training.course.convolution import Grid, grey, unit_grid
from training.course.worked_examples import EXAMPLES

FACE_SIDE = 40
"""Cells of the longer side of the picture that the window slides over."""


def panel() -> None:
    explain(
        "The window covers a few cells; each is multiplied with the kernel's number on top of it, and the products add up to "
        "one cell of the output. Press Play and watch the output fill.",
        r"S(i, j) = b + \sum_{c, m, n} I_c(i', j')\, K_c(m, n)",
        r"i' = s\,i + d\,m,\; j' = s\,j + d\,n",
    )
    key = st.selectbox(
        "Example",
        list(EXAMPLES),
        format_func=lambda key: EXAMPLES[key].title,
        on_change=_forget_numbers,
        width=330,
        **bound("example"),
    )
    example = EXAMPLES[key]
    # The picture first; what can be changed stands below it.
    place = st.container()
    with show_errors():
        with inputs():
            stride = int(st.number_input("Stride", 1, 4, 1, width=130, **bound("step_stride")))
            paddings: list[Padding | int] = ["none", "same", "full"]
            start = paddings.index(example.padding)
            padding = st.selectbox("Padding", paddings, start, width=130, **bound(f"step_padding_{key}"))
            dilation = int(st.number_input("Dilation", 1, 3, 1, width=130, **bound("step_dilation")))
            bias = st.number_input("Bias", -100.0, 100.0, example.bias, 1.0, width=130, **bound(f"step_bias_{key}"))
        grid, kernel = example.grid, example.kernel
        if grid.ndim == 2:
            with st.expander("Change the numbers", icon=":material/edit:"):
                st.caption("Picture")
                grid = number_table(grid, "grid", "picture")
                st.caption("Kernel")
                kernel = number_table(kernel, "weights", "kernel")
        window = Sliding(len(kernel), stride, padding, dilation)
        with place:
            stepper(grid, kernel, window, bias, _face(3 if grid.ndim == 3 else 1), key="stepper")


def _forget_numbers() -> None:
    forget("grid")
    forget("weights")


def _face(channels: int) -> Grid:
    """The lab's picture, coarse enough for the window to be seen on it: grey, or in colour for kernels of three slices."""
    coarse = enlarge(source_picture(), FACE_SIDE)
    return unit_grid(coarse) if channels == 3 else grey(coarse)
