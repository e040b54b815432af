"""The camera component: live video with names, a guided round of photos, or what a network takes the picture for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import streamlit as st

from recognition.server.schema import Round
from recognition.session import RoundState

_FOLDER = Path(__file__).parent

OVERLAY = _FOLDER / "overlay.js"
"""Boxes with names over a picture, for other components that show some."""

SCRIPTS = ("socket.js", "overlay.js", "guess.js", "seen.js", "camera.js")
"""Streamlit takes one module per component. These are joined in this order; only the last one exports."""


@dataclass(frozen=True)
class CameraState:
    """What the camera says to the page.

    Attributes:
        running: the camera is on.
        photos: ids of the photos that the enrollment round keeps, oldest first.
        complete: the round has all the photos it wants.
        chosen: number of the appearance that was clicked just now, in the picture or in the list.
    """

    running: bool = False
    photos: tuple[str, ...] = ()
    complete: bool = False
    chosen: int | None = None


def module() -> str:
    """The component's JavaScript, one module."""
    return "\n".join((_FOLDER / name).read_text("utf-8") for name in SCRIPTS)


_component = st.components.v2.component(
    "familiar.camera",
    html=(_FOLDER / "camera.html").read_text("utf-8"),
    css=(_FOLDER / "camera.css").read_text("utf-8"),
    js=module(),
)


def camera(
    *,
    key: str,
    token: str,
    kind: Literal["live", "maps", "enroll", "guess"],
    path: str | None = None,
    round_: RoundState | None = None,
) -> CameraState:
    """Show the camera.

    The page reruns when the camera starts or stops, when a photo is taken or discarded, when a face or a row of the list
    is clicked, and when the camera needs a new token because the server refused the last one. So on every rerun a page
    makes sure that its session is still open, opens a new one if it isn't, and hands over a new token for it. A camera
    that is connected takes no notice: to move it to another session, close the one it is connected to.

    Args:
        key: of the widget, unique in the app.
        token: issued by `recognition.server.Tokens` for the session to connect to.
        kind: what the session does; decides the words beside the start button, and what stands beside the picture.
        path: of the server's socket; `/api/live` below Streamlit's base URL path by default.
        round_: where an enrollment round stands, to be shown while no camera is connected to it.
    """
    known: Mapping[str, object] = st.session_state.get(key) or {}
    result = _component(
        key=key,
        data={
            "kind": kind,
            "token": token,
            "path": path or _default_path(),
            "reported": _as_json(_read(known.get("state"))),
            "round": None if round_ is None else Round.of(round_).model_dump(mode="json"),
        },
        on_state_change=_rerun,
        on_renew_change=_rerun,
        on_chosen_change=_rerun,
    )
    chosen = result.get("chosen")
    return replace(_read(result.get("state")), chosen=chosen if isinstance(chosen, int) else None)


def _rerun() -> None:
    """Streamlit reports only values that have a callback; the rerun that comes with it is all we need."""


def _default_path() -> str:
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}/api/live" if base else "/api/live"


def _read(state: object) -> CameraState:
    """The browser's word is not trusted: anything unexpected reads as its default."""
    if not isinstance(state, Mapping):
        return CameraState()
    photos = state.get("photos")
    return CameraState(
        running=state.get("running") is True,
        photos=tuple(map(str, photos)) if isinstance(photos, list | tuple) else (),
        complete=state.get("complete") is True,
    )


def _as_json(state: CameraState) -> dict[str, object]:
    return {"running": state.running, "photos": list(state.photos), "complete": state.complete}
