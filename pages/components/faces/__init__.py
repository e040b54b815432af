"""The faces component: a grid of faces that are links, or can be ticked, or are only shown."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

_FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "familiar.faces",
    html=(_FOLDER / "faces.html").read_text("utf-8"),
    css=(_FOLDER / "faces.css").read_text("utf-8"),
    js=(_FOLDER / "faces.js").read_text("utf-8"),
)


@dataclass(frozen=True)
class Tile:
    """One face.

    Attributes:
        id: unique in its grid.
        name: stands below the picture, and is read out.
        picture: as a data URL; None where its file can't be read.
        note: a few words more.
        mark: what is special about it; it then stands out.
        address: where a link leads, for a tab of its own.
    """

    id: int
    name: str
    picture: str | None
    note: str = ""
    mark: str = ""
    address: str = ""


def open_faces(tiles: Sequence[Tile], on_open: Callable[[int], None], *, key: str, label: str) -> None:
    """Faces as links.

    Args:
        on_open: called with the id of the one that is clicked, before the page runs again.
        key: of the widget, unique in the app.
        label: what they are, for those who don't see them.
    """
    _show(tiles, {"kind": "open", "label": label}, key, on_opened_change=partial(_open, key, tiles, on_open))


def choose_faces(
    tiles: Sequence[Tile], *, key: str, label: str, several: bool = True, start: Collection[int] = ()
) -> tuple[int, ...]:
    """Faces that can be ticked; the ids of those that are, in that order. What is ticked stays so while it is not shown.

    Args:
        key: of the widget, unique in the app; under another one nothing is ticked but `start`.
        label: what they are, for those who don't see them.
        several: whether more than one can be ticked.
        start: ids of those that are ticked in the beginning.
    """
    data = {"kind": "several" if several else "one", "label": label, "start": list(start)}
    chosen = _show(tiles, data, key, on_chosen_change=_rerun).get("chosen")
    # The browser's word is not trusted, and there is none before the first click.
    chosen = chosen if isinstance(chosen, list | tuple) else start
    return tuple(dict.fromkeys(one for one in chosen if isinstance(one, int)))


def show_faces(tiles: Sequence[Tile], *, key: str, label: str) -> None:
    """A few faces beside each other, only to be looked at."""
    _show(tiles, {"kind": "show", "label": label}, key)


def _show(tiles: Sequence[Tile], data: Mapping[str, object], key: str, **callbacks: Any) -> Mapping[str, object]:
    shown: Mapping[str, object] = _component(key=key, data={**data, "tiles": [asdict(tile) for tile in tiles]}, **callbacks)
    return shown


def _open(key: str, tiles: Sequence[Tile], on_open: Callable[[int], None]) -> None:
    said = st.session_state.get(key)
    opened = said.get("opened") if isinstance(said, Mapping) else None
    if opened in [tile.id for tile in tiles]:
        on_open(int(opened))


def _rerun() -> None:
    """Streamlit reports only values that have a callback; the rerun that comes with it is all we need."""
