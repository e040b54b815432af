"""Kernel editor: a picture through one small grid of numbers."""

import numpy as np
import pandas as pd
import streamlit as st

from pages.lab.common import bound, explain, picture, source_picture, told
from recognition.inspection.arithmetic import Sliding
from recognition.inspection.convolution import (
    KERNELS,
    Grid,
    filter_picture,
    parse_kernel,
    random_kernel,
    resized_kernel,
)
from recognition.inspection.drawing import as_picture
from recognition.inspection.errors import KernelError

RANDOM = "Random (untrained)"
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
    with told():
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


def _kernel() -> Grid | None:
    """The edited kernel, None where it can't be used; what is wrong is told."""
    side = SIZES[st.segmented_control("Size", list(SIZES), default="3×3", required=True, **bound("size"))]
    names = [name for name, kernel in KERNELS.items() if len(kernel) <= side]
    name = st.selectbox("Kernel", [*names, RANDOM], index=names.index("Vertical edge"), **bound("kernel"))
    if name == RANDOM:
        seed = st.number_input("Which random kernel", 0, 9999, 0, **bound("seed"))
        preset = random_kernel(side, int(seed)).round(2)
    else:
        preset = resized_kernel(KERNELS[name], side)
    start = _from_address(preset)
    if start is None:
        return None
    # A new preset is a new table: edits of the old one are gone.
    edited = st.data_editor(
        pd.DataFrame(start, columns=[str(number + 1) for number in range(side)]),
        hide_index=True,
        column_config={str(number + 1): st.column_config.NumberColumn(format="%.4g", width="small") for number in range(side)},
        key=f"kernel_cells_{name}_{side}_{st.session_state.get('seed')}",
    )
    try:
        kernel = parse_kernel(edited.to_numpy())
    except KernelError as error:
        st.error(str(error), icon=":material/error:")
        return None
    if np.allclose(kernel, preset):
        st.query_params.pop("cells", None)
    else:
        st.query_params["cells"] = ";".join(",".join(f"{value:.6g}" for value in row) for row in kernel)
    return kernel


def _from_address(preset: Grid) -> Grid | None:
    """The numbers in a shared address, once, when the page opens; the preset's after that."""
    if "cells_read" not in st.session_state:
        st.session_state["cells_read"] = st.query_params.get("cells"), preset.copy()
    text, first = st.session_state["cells_read"]
    if text is None or first.shape != preset.shape or not np.array_equal(first, preset):
        return preset
    try:
        kernel = parse_kernel([row.split(",") for row in text.split(";")])
        if kernel.shape != preset.shape:
            raise KernelError(f"The address holds a kernel of another size than {len(preset)}×{len(preset)}.")
    except KernelError as error:
        st.error(f"The kernel in the address can't be used. {error}", icon=":material/error:")
        return preset
    return kernel
