"""Kernel editor: a picture through one small grid of numbers."""

from typing import Any

import numpy as np
import streamlit as st

from pages.components.keyed import choose_key
from pages.components.number_table import forget, is_edited, number_table
from pages.components.panels import bound, explain, picture, show_errors
from pages.convolution_lab.common import source_picture
from recognition.inspection.drawing import as_picture
from recognition.inspection.sliding_window import Sliding
from training.course.convolution import KERNELS, Grid, filter_picture, random_kernel, resized_kernel

RANDOM = "Random (untrained)"
FIRST = "Vertical edge"
SIZES = {"3×3": 3, "5×5": 5}


def panel() -> None:
    explain(
        "A kernel is a small grid of numbers that slides over the picture: at every place it multiplies "
        "what it covers, cell by cell, and adds up. Which numbers stand in it decides what it answers to: "
        "edges, blur, sharpness.",
        r"S(i, j) = \sum_m \sum_n I(i+m,\; j+n)\, K(m, n)",
    )
    controls, before, after = st.columns([1.15, 1, 1], gap="medium")
    with controls:
        kernel = _kernel()
        colour = st.toggle("Each colour by itself", **bound("colour"), help="Otherwise the brightness is filtered.")
    if kernel is None:
        return
    image = source_picture()
    with show_errors():
        result = filter_picture(image, kernel, Sliding(len(kernel), padding="same"), colour=colour)
        # A kernel whose numbers add up to 0 answers with both signs: grey is its zero.
        balanced = bool(np.isclose(kernel.sum(), 0.0, atol=1e-6))
        filtered = as_picture(result, centre=0.5 if balanced else 0.0)
        with before:
            picture(image, f"Before: {image.shape[1]}×{image.shape[0]} pixels", "picture")
        with after:
            zero = "middle grey is 0" if balanced else "black is 0, white is 1"
            low, high = result.min(), result.max()
            picture(filtered, f"After: values {low:.2f} to {high:.2f}, {zero}", "filtered")


OTHER_NUMBERS: dict[str, Any] = {"on_change": forget, "args": ("cells",)}
"""For inputs that bring other numbers than those that were edited."""


def _kernel() -> Grid | None:
    """The edited kernel, None where it can't be used; what is wrong is shown."""
    side = SIZES[st.segmented_control("Size", list(SIZES), default="3×3", required=True, **OTHER_NUMBERS, **bound("size"))]
    own = is_edited("cells", (side, side))
    name = _name(side, own)
    if name == RANDOM:
        seed = st.number_input("Which random kernel", 0, 9999, 0, **OTHER_NUMBERS, **bound("seed"))
        preset = random_kernel(side, int(seed)).round(2)
    else:
        preset = resized_kernel(KERNELS[name], side)
    kernel = None
    with show_errors():
        kernel = number_table(preset, "cells", "kernel")
    if is_edited("cells", (side, side)) != own:
        # It has just become one's own, or is the preset again: its name stands above the table.
        st.rerun()
    return kernel


def _name(side: int, own: bool) -> str:
    """The input for the preset. One whose numbers were changed is called one's own."""
    titles = {name: name for name in (*(name for name, kernel in KERNELS.items() if len(kernel) <= side), RANDOM)}
    chosen = st.query_params.get("kernel", st.session_state.get("kernel", FIRST))
    if own and chosen in titles:
        titles[chosen] = f"Own (was {titles[chosen]})"
    name = choose_key("Kernel", titles, FIRST, "kernel")
    if st.session_state.get("lab_kernel", name) != name:
        forget("cells")
        st.session_state["lab_kernel"] = name
        st.rerun()
    st.session_state["lab_kernel"] = name
    return name
