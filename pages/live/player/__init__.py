"""The video player: a film with boxes over it, and a timeline of each person in it."""

from pathlib import Path

import streamlit as st
from streamlit import runtime

from pages.components.camera import OVERLAY
from pages.components.text import data_url
from recognition.live.video import VideoReport

_FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "familiar.player",
    html=(_FOLDER / "player.html").read_text("utf-8"),
    css=(_FOLDER / "player.css").read_text("utf-8"),
    js="\n".join(path.read_text("utf-8") for path in (OVERLAY, _FOLDER / "player.js")),
)


def player(*, key: str, film: bytes, kind: str, report: VideoReport) -> bool:
    """Show a film with what was found in it.

    Args:
        key: of the widget, unique in the app.
        film: the file's content. kind: its MIME type.
        report: what is drawn over it.

    Returns:
        Whether the browser said just now that it can't play this film.
    """
    address = runtime.get_instance().media_file_mgr.add(film, kind, f"player-{key}") if runtime.exists() else ""
    result = _component(
        key=key,
        data={
            "address": address,
            "size": report.size,
            "length": report.length.total_seconds(),
            "positions": [round(position, 3) for position in report.positions],
            "faces": [
                [
                    [face.track, *(round(float(side)) for side in face.box), face.person, face.name, _rounded(face.confidence)]
                    for face in frame
                ]
                for frame in report.faces
            ],
            "people": [
                {"id": person.number, "name": person.name, "face": data_url(person.face), "stays": person.stays}
                for person in report.people
            ],
        },
        on_unplayable_change=lambda: None,
    )
    return bool(result.get("unplayable"))


def _rounded(confidence: float | None) -> float | None:
    return None if confidence is None else round(confidence, 3)
