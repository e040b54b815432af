"""The plane component: points to put down and to choose, what a network says of the plane, and a player for its epochs."""

import base64
import zlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
import streamlit as st

from training.course.playground.errors import PlaygroundError
from training.course.playground.points import MAX_POINTS, REACH, Points
from training.course.playground.recording import Recording

_FOLDER = Path(__file__).parent

SCRIPTS = ("field.js", "curves.js", "plane.js")
"""Streamlit takes one module per component. These are joined in this order; only the last one exports."""

OWN = "own"
"""The points put down by hand, in the address."""

_component = st.components.v2.component(
    "familiar.plane",
    html=(_FOLDER / "plane.html").read_text("utf-8"),
    css=(_FOLDER / "plane.css").read_text("utf-8"),
    js="\n".join((_FOLDER / name).read_text("utf-8") for name in SCRIPTS),
)


def plane(
    points: Points, recording: Recording | None, *, key: str, source: str, hint: str | None, classes: int, hard: bool
) -> int:
    """Show points and how a network learned them; the epoch that is looked at.

    It plays in the browser alone: the page reruns when the player rests at another epoch, when a point is chosen
    (`chosen_key`) and when points are put down, which then stand in the address under `OWN`.

    Args:
        points: to show. recording: of their training; None shows the points alone.
        key: of the widget, unique in the app; the epoch stands in the address under `KEY_epoch`, unless it is the last one.
        source: where the points come from; another one brings other points.
        hint: what to do where there are no points; None where none can be put down.
        classes: that are shown, and that points can be put down of.
        hard: the network has a step at its end: it says one class or the other, and nothing between.
    """
    epoch = _epoch(key)
    _component(
        key=key,
        data={
            "points": [[*place, int(label)] for place, label in zip(points.places.tolist(), points.labels, strict=True)],
            "recording": recording and _encoded(recording, hard),
            "source": source,
            "revision": _revision(key),
            "editable": hint is not None,
            "hint": hint or "",
            "classes": classes,
            "most": MAX_POINTS,
            "reach": REACH,
            "chosen": int(st.session_state.get(chosen_key(key), 1)) - 1,
            "epoch": epoch,
        },
        on_points_change=partial(_keep_points, key),
        on_epoch_change=partial(_keep_epoch, key),
        on_chosen_change=partial(_keep_chosen, key),
    )
    last = recording.epochs if recording else 0
    return last if epoch is None else min(epoch, last)


def chosen_key(key: str) -> str:
    """Of the number input of the page that says which point is looked at, from 1."""
    return f"{key}_point"


def _encoded(recording: Recording, hard: bool) -> dict[str, object]:
    """The recording as JSON: scores as 16-bit integers with a scale for each epoch, which is plenty for a picture."""
    scales = np.abs(recording.scores).max(axis=(1, 2, 3)) / np.iinfo(np.int16).max
    scales[scales == 0] = 1
    scores = np.rint(recording.scores / scales[:, None, None, None]).astype("<i2").tobytes()
    frames, channels, side, _ = recording.scores.shape
    return {
        "id": zlib.crc32(scores, zlib.crc32(recording.losses.tobytes())),
        "frames": frames,
        "channels": channels,
        "side": side,
        "scores": base64.b64encode(scores).decode(),
        "scales": scales.tolist(),
        "hard": hard,
        "losses": recording.losses.tolist(),
        "accuracies": recording.accuracies.tolist(),
    }


def _said(key: str, name: str) -> object:
    """What the browser last said."""
    state = st.session_state.get(key)
    return state.get(name) if isinstance(state, Mapping) else None


def _revision(key: str) -> int:
    """Of the points that the browser put down last: it ignores answers to earlier ones."""
    said = _said(key, "points")
    revision = said.get("revision") if isinstance(said, Mapping) else None
    return revision if isinstance(revision, int) else 0


def _keep_points(key: str) -> None:
    said = _said(key, "points")
    try:
        # The browser's word is not trusted: what is no text of points changes nothing.
        points = Points.read(str(said["text"])) if isinstance(said, Mapping) and "text" in said else None
    except PlaygroundError:
        return
    if points is not None:
        st.query_params[OWN] = points.write()
        st.session_state[chosen_key(key)] = max(1, len(points))


def _keep_chosen(key: str) -> None:
    said = _said(key, "chosen")
    if isinstance(said, int):
        st.session_state[chosen_key(key)] = said + 1


def _keep_epoch(key: str) -> None:
    said = _said(key, "epoch")
    if isinstance(said, int) and said >= 0:
        st.query_params[f"{key}_epoch"] = str(said)
    else:
        st.query_params.pop(f"{key}_epoch", None)


def _epoch(key: str) -> int | None:
    """The epoch of the address; None for the last one."""
    text = st.query_params.get(f"{key}_epoch", "")
    return int(text) if text.isascii() and text.isdigit() else None
