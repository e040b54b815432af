"""Small tables of numbers to edit, whose state is in the address."""

import zlib
from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from pages.components.text import show_error
from training.course.convolution import Grid, KernelError, parse_grid


def forget(param: str) -> None:
    """Drop what was edited by hand from the address: for callbacks of inputs that choose another preset."""
    st.query_params.pop(param, None)


def is_edited(param: str, shape: tuple[int, int]) -> bool:
    """Whether the address holds numbers that such a table can show."""
    try:
        return param in st.query_params and bool(_parse(st.query_params[param], shape, param).size)
    except KernelError:
        return False


def number_table(preset: Grid, param: str, what: str, columns: Sequence[str] | None = None) -> Grid:
    """A small table of numbers to edit; it stands in the address while it differs from its preset.

    Args:
        preset: (H, W) the numbers to start from.
        param: name in the address. Inputs that choose the preset must `forget` it.
        what: how to call it in messages.
        columns: (W,) their titles; their numbers by default.

    Raises:
        KernelError: a cell that is empty or no number.
    """
    key = _key(preset, param)
    if key not in st.session_state:
        # Newly on the screen, perhaps again: the address knows what was edited, the editor has forgotten.
        st.session_state[f"{key}_start"] = _from_address(preset, param, what)
    titles = list(columns) if columns else [str(number + 1) for number in range(preset.shape[1])]
    edited = st.data_editor(
        pd.DataFrame(st.session_state[f"{key}_start"], columns=titles),
        hide_index=True,
        column_config={name: st.column_config.NumberColumn(format="%.4g", width="small") for name in titles},
        key=key,
    )
    values = parse_grid(edited.to_numpy(), what)
    if np.array_equal(values, preset):
        forget(param)
    else:
        _write(param, values)
    return values


def replace_numbers(param: str, values: Grid) -> None:
    """Put other numbers into the table of this name in the address, of the size of its preset: for callbacks."""
    _write(param, values)
    # Another key is another editor, which starts from the address.
    st.session_state[f"{param}_replaced"] = st.session_state.get(f"{param}_replaced", 0) + 1


def _key(preset: Grid, param: str) -> str:
    return f"{param}_{zlib.crc32(preset.tobytes())}_{st.session_state.get(f'{param}_replaced', 0)}"


def _write(param: str, values: Grid) -> None:
    st.query_params[param] = ";".join(",".join(f"{value:.6g}" for value in row) for row in values)


def _from_address(preset: Grid, param: str, what: str) -> Grid:
    text = st.query_params.get(param)
    if text is None:
        return preset
    try:
        return _parse(text, preset.shape, what)
    except KernelError as error:
        show_error(f"The {what} in the address can't be used. {error}")
        return preset


def _parse(text: str, shape: tuple[int, ...], what: str) -> Grid:
    values = parse_grid([row.split(",") for row in text.split(";")], what)
    if values.shape != shape:
        raise KernelError(f"It has {values.shape[0]}×{values.shape[1]} cells, not {shape[0]}×{shape[1]}.")
    return values
