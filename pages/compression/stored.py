"""Which compression, and which of its rows, is looked at: the same in all panels."""

import streamlit as st

from pages.components.context import services
from pages.components.panels import bound
from pages.components.text import plain
from training.compression.record import Compression, Row
from training.compression.store import list_compressions

WIDTH = 380
"""Of the choice of a compression, in pixels of the screen."""


def choose() -> None:
    """The choice of a compression; nothing where there is none yet."""
    found = _stored()
    if not found:
        return
    if st.session_state.get("compression") not in found:
        st.session_state.pop("compression", None)
    st.selectbox(
        "Compression",
        list(found),
        format_func=lambda key: _title(found[key]),
        label_visibility="collapsed",
        width=WIDTH,
        **bound("compression"),
    )


def chosen() -> Compression | None:
    """The compression that is looked at; None where there is none yet, which is said."""
    found = _stored()
    compression = found.get(st.session_state.get("compression", ""))
    if compression is None or not compression.rows:
        st.info("Nothing has been compressed yet: start with the first tab.", icon=":material/compress:")
        return None
    return compression


def choose_row(compression: Compression, *names: str) -> Row | None:
    """One of its rows.

    Args:
        names: only rows in whose chain one of these steps is; all without. None where there is no such row.
    """
    rows = {row.name: row for row in compression.rows if not names or set(row.name.split("+")) & set(names)}
    if not rows:
        return None
    key = f"row_{'_'.join(names) or 'all'}"
    if st.session_state.get(key) not in rows:
        st.session_state.pop(key, None)
    chosen = st.segmented_control(
        "Row",
        list(rows),
        default=list(rows)[-1],
        format_func=lambda name: plain(rows[name].title),
        required=True,
        label_visibility="collapsed",
        **bound(key),
    )
    return rows[chosen] if chosen is not None else None


def _stored() -> dict[str, Compression]:
    return {compression.id: compression for compression in list_compressions(services().settings.storage)}


def _title(compression: Compression) -> str:
    return f"{compression.title}, {compression.created_at.astimezone():%d %B, %H:%M}"
