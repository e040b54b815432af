"""The touch component: the way through a network as tiles, and one map whose cells show their window and their sum."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from pages.components.keyed import point_to

_FOLDER = Path(__file__).parent

SCRIPTS = ("maps.js", "strip.js", "sum.js", "touch.js")
"""Streamlit takes one module per component. These are joined in this order; only the last one exports."""

_component = st.components.v2.component(
    "familiar.touch",
    html=(_FOLDER / "touch.html").read_text("utf-8"),
    css=(_FOLDER / "touch.css").read_text("utf-8"),
    js="\n".join((_FOLDER / name).read_text("utf-8") for name in SCRIPTS),
)


LOST = "Frozen: the connection to the app is lost. This is the last face."


def touch(network: Mapping[str, Any] | None, *, key: str, cell: tuple[int, int] | None, live: str | None = None) -> None:
    """Show a network at work. Pointing at cells needs no rerun; the page reruns when another layer or channel is chosen, which
    then stand in the address under `layer` and `channel`, and when a cell is kept, under `row` and `col`.

    Args:
        network: from `recognition.inspection.touch`; None where it is live.
        key: of the widget, unique in the app.
        cell: row and column to begin with; the strongest one where there is none.
        live: address to ask for the newest again and again, see `recognition.server`; None for what stands still. The page
            reruns when the address is refused, for a newer one.
    """
    _component(
        key=key,
        data={"network": network, "cell": cell, "live": live, "lost": LOST},
        on_go_change=partial(_go, key),
        on_cell_change=partial(_keep_cell, key),
        on_renew_change=_rerun,
    )


def _rerun() -> None:
    """Streamlit reports only values that have a callback; the rerun that comes with it is all we need."""


def _said(key: str, name: str) -> object:
    """What the browser last said. Its word is not trusted."""
    state = st.session_state.get(key)
    return state.get(name) if isinstance(state, Mapping) else None


def _go(key: str) -> None:
    said = _said(key, "go")
    if isinstance(said, Mapping) and isinstance(said.get("layer"), str) and isinstance(said.get("channel"), int):
        if st.query_params.get("layer") != said["layer"]:
            # The cell that was kept is another layer's.
            for place in ("row", "col"):
                st.query_params.pop(place, None)
        point_to("layer", said["layer"])
        st.query_params["channel"] = str(said["channel"])


def _keep_cell(key: str) -> None:
    said = _said(key, "cell")
    if isinstance(said, list | tuple) and len(said) == 2 and all(isinstance(place, int) for place in said):
        st.query_params["row"], st.query_params["col"] = str(said[0]), str(said[1])
