"""Which compression, and which of its rows, is looked at: the same in all panels."""

import streamlit as st

from pages.components.context import services
from pages.components.keyed import choose_key
from training.compression.record import Compression, Row
from training.compression.store import list_compressions

KEY = "compression"
"""Of the choice of a compression, on the page and in its address."""

WIDTH = 380
"""Of a choice, in pixels of the screen."""


def choose() -> None:
    """The choice of a compression; nothing where there is none yet."""
    if found := _stored():
        choose_key("Compression", {key: _title(one) for key, one in found.items()}, next(iter(found)), KEY, width=WIDTH)


def chosen() -> Compression | None:
    """The compression that is looked at; None where there is none yet, which is said."""
    compression = _stored().get(st.session_state.get(KEY, ""))
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
    titles = {name: row.title for name, row in rows.items()}
    return rows[choose_key("Row", titles, list(rows)[-1], f"row_{'_'.join(names) or 'all'}", width=WIDTH)]


def _stored() -> dict[str, Compression]:
    return {compression.id: compression for compression in list_compressions(services().settings.storage)}


def _title(compression: Compression) -> str:
    return f"{compression.title}, {compression.created_at.astimezone():%d %B, %H:%M}"
