"""The table of what is searched: each setting with its range or its list of values."""

import zlib
from collections.abc import Hashable, Mapping

import pandas as pd
import streamlit as st

from pages.components.text import show_error
from training.errors import SearchError
from training.search.bases import knobs_of
from training.search.knobs import Knob
from training.search.settings import Base
from training.search.space import Choice, Dimension, Space
from training.search.written import make, read, write, write_value

PARAM = "space"
"""In the address, while it differs from the usual: `training.rate=0.0001..0.1 log;training.batch=16, 32`."""

ROWS = 10
"""Of the table on the screen; the others are scrolled to."""

ROW = 35
"""Pixels of a row, and of the head."""


def choose_space(base: Base) -> Space:
    """The editor.

    Raises:
        SearchError: what was typed can't be searched.
    """
    knobs = knobs_of(base)
    # Another network has other settings: then the table begins anew.
    key = f"space_{zlib.crc32(repr(sorted(knobs.items())).encode())}"
    if key not in st.session_state:
        # Newly on the screen, perhaps again: the address knows what was edited, the editor has forgotten.
        st.session_state[f"{key}_start"] = _from_address(knobs)
    edited = st.data_editor(
        _table(knobs, st.session_state[f"{key}_start"]),
        key=key,
        hide_index=True,
        height=ROW * (min(len(knobs), ROWS) + 1) + 2,
        placeholder="",
        column_order=["Search", "Setting", "From", "To", "Log", "Values"],
        disabled=["Setting"],
        column_config={
            "Search": st.column_config.CheckboxColumn(width=78),
            "Setting": st.column_config.TextColumn(width=190),
            "From": st.column_config.NumberColumn(format="%.4g", width=76, help="Of a range, included"),
            "To": st.column_config.NumberColumn(format="%.4g", width=76, help="Of a range, included"),
            "Log": st.column_config.CheckboxColumn(width=62, help="Each order of magnitude is as likely as another"),
            "Values": st.column_config.TextColumn(width="medium", help="Instead of a range: a list with commas"),
        },
    )
    dimensions = {
        name: _dimension(knob, row)
        for (name, knob), row in zip(knobs.items(), edited.to_dict("records"), strict=True)
        if row["Search"]
    }
    if not dimensions:
        raise SearchError("Nothing is searched. Tick at least one setting.")
    if dimensions == {name: knob.usual for name, knob in knobs.items() if knob.chosen}:
        st.query_params.pop(PARAM, None)
    else:
        st.query_params[PARAM] = ";".join(f"{name}={write(dimension)}" for name, dimension in dimensions.items())
    return Space(dimensions=dimensions)


def _dimension(knob: Knob, row: Mapping[Hashable, object]) -> Dimension:
    values = row["Values"]
    if isinstance(values, str) and values.strip():
        return make(knob, values=values)
    low, high = row["From"], row["To"]
    if not isinstance(low, float | int) or not isinstance(high, float | int) or low != low or high != high:
        raise SearchError(f"{knob.title} has neither a whole range nor a list of values. Fill in From and To, or Values.")
    return make(knob, low, high, log=bool(row["Log"]))


def _table(knobs: dict[str, Knob], chosen: dict[str, Dimension]) -> pd.DataFrame:
    rows = []
    for name, knob in knobs.items():
        dimension = chosen.get(name, knob.usual)
        rows.append(
            {
                "Search": name in chosen,
                "Setting": knob.title,
                "From": None if isinstance(dimension, Choice) else float(dimension.low),
                "To": None if isinstance(dimension, Choice) else float(dimension.high),
                "Log": not isinstance(dimension, Choice) and dimension.log,
                "Values": ", ".join(map(write_value, dimension.values)) if isinstance(dimension, Choice) else None,
            }
        )
    return pd.DataFrame(rows).astype({"From": float, "To": float})


def _from_address(knobs: dict[str, Knob]) -> dict[str, Dimension]:
    """What is searched by the address; the usual where that says nothing, or nothing that can be read."""
    text = st.query_params.get(PARAM)
    usual = {name: knob.usual for name, knob in knobs.items() if knob.chosen}
    if text is None:
        return usual
    found = {}
    try:
        for part in text.split(";"):
            name, _, values = part.partition("=")
            # Of another network, whose settings this one has not.
            if name in knobs:
                found[name] = read(values, knobs[name])
    except SearchError as error:
        show_error(f"The space in the address can't be used. {error}")
        return usual
    return found or usual
