"""Step by step: one window position, its products and its sum."""

import numpy as np
import streamlit as st

from pages.components.number_table import forget, number_table
from pages.components.panels import bound, explain, inputs, show_errors
from pages.convolution_lab.common import draw_row, grid_html, number
from recognition.inspection.sliding_window import Padding, Sliding
from training.course.convolution import Grid, Step, convolve, step
from training.course.worked_examples import EXAMPLES

CHANNELS = {3: [" R", " G", " B"]}
"""What follows the titles of the grids, by number of channels."""


def panel() -> None:
    explain(
        "The window covers a few cells; each is multiplied with the kernel's number on top of it, and the "
        "products add up to one cell of the output. Move the window and watch the output fill; colour "
        "pictures have one slice of the kernel for each channel, whose sums are added, plus one bias.",
        r"S(i, j) = b + \sum_{c, m, n} I_c(i', j')\, K_c(m, n)",
        r"i' = s\,i + d\,m,\; j' = s\,j + d\,n",
    )
    key = st.selectbox(
        "Example", list(EXAMPLES), format_func=lambda key: EXAMPLES[key].title, on_change=_forget_numbers, **bound("example")
    )
    example = EXAMPLES[key]
    with show_errors():
        grid, kernel = example.grid, example.kernel
        if grid.ndim == 2:
            with st.expander("Change the numbers", icon=":material/edit:"):
                st.caption("Picture")
                grid = number_table(grid, "grid", "picture")
                st.caption("Kernel")
                kernel = number_table(kernel, "weights", "kernel")
        with inputs():
            stride = int(st.number_input("Stride", 1, 4, 1, width=130, **bound("step_stride")))
            paddings: list[Padding | int] = ["none", "same", "full"]
            start = paddings.index(example.padding)
            padding = st.selectbox("Padding", paddings, start, width=130, **bound(f"step_padding_{key}"))
            dilation = int(st.number_input("Dilation", 1, 3, 1, width=130, **bound("step_dilation")))
            bias = st.number_input("Bias", -100.0, 100.0, example.bias, 1.0, width=130, **bound(f"step_bias_{key}"))
        window = Sliding(len(kernel), stride, padding, dilation)
        result = convolve(grid, kernel, window, bias)
        _draw(grid, kernel, result, window, bias)


def _forget_numbers() -> None:
    forget("grid")
    forget("weights")


def _draw(grid: Grid, kernel: Grid, result: Grid, window: Sliding, bias: float) -> None:
    position = 0
    if result.size > 1:
        chosen = st.slider("Window position", 1, result.size, 1, **bound("position"))
        position = min(int(chosen), result.size) - 1
    row, column = divmod(position, result.shape[1])
    at = step(grid, kernel, row, column, window, bias)
    later = {(r, c) for r in range(result.shape[0]) for c in range(result.shape[1]) if (r, c) > (row, column)}
    size = f"Output {result.shape[0]}×{result.shape[1]}"
    output = grid_html(result, size, marks={"now": {(row, column)}}, hidden=later)
    slices = kernel[:, :, None] if kernel.ndim == 2 else kernel
    pictures = grid[:, :, None] if grid.ndim == 2 else grid
    names = CHANNELS.get(pictures.shape[2], [""])
    for channel, name in enumerate(names):
        draw_row(
            _picture_grid(pictures[:, :, channel], at, window, f"Picture{name}"),
            "∗",
            grid_html(slices[:, :, channel], f"Kernel{name}"),
            "=",
            _products(at, slices, channel, name),
            *(("→", output) if len(names) == 1 else ()),
        )
    # In the line, not as a display: it wraps on narrow screens.
    st.markdown(f"${_sum(at, row, column)}$")
    if len(names) > 1:
        draw_row(output)


def _sum(at: Step, row: int, column: int) -> str:
    """The current cell written out: every product for one channel, the channels' sums for colour, and the bias."""
    single = at.products.shape[2] == 1 and at.products.size <= 9
    terms = [_signed(value) for value in (at.products.ravel() if single else at.sums)]
    if at.bias:
        terms.append(_signed(at.bias))
    return rf"S({row}, {column}) = {' + '.join(terms)} = \mathbf{{{_plain(at.total)}}}"


def _picture_grid(grid: Grid, at: Step, window: Sliding, title: str) -> str:
    before, after = window.ends
    padded = np.pad(grid, (before, after))
    height, width = padded.shape
    inside = {(r, c) for r in range(before, height - after) for c in range(before, width - after)}
    padding = {(r, c) for r in range(height) for c in range(width)} - inside
    reach = range(0, window.reach, window.dilation)
    covered = {(at.top + before + m, at.left + before + n) for m in reach for n in reach}
    return grid_html(padded, title, marks={"pad": padding, "window": covered})


def _products(at: Step, slices: Grid, channel: int, name: str) -> str:
    products = at.products[:, :, channel]
    texts = {
        (r, c): f"<small>{number(at.patch[r, c, channel])}·{_factor(slices[r, c, channel])} = </small>{number(product)}"
        for (r, c), product in np.ndenumerate(products)
    }
    return grid_html(products, f"Products{name}, sum {number(at.sums[channel])}", texts=texts)


def _factor(value: float) -> str:
    text = number(value)
    return f"({text})" if text.startswith("−") else text


def _plain(value: float) -> str:
    return number(value).replace("−", "-")


def _signed(value: float) -> str:
    """A number inside a sum: negative ones in brackets."""
    text = _plain(value)
    return f"({text})" if text.startswith("-") else text
