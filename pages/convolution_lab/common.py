"""What the lab's panels share: the picture and number grids."""

import html
from collections.abc import Callable, Collection, Mapping

import cv2
import numpy as np
import skimage.data
import streamlit as st

from pages.components.context import services
from pages.components.enrolled_photo import choose_photo
from pages.components.panels import bound
from pages.components.text import show_error
from recognition.errors import RecognitionError
from recognition.inspection.drawing import enlarge
from recognition.pictures import Picture, read_picture
from training.course.convolution import Grid

SIDE = 320
"""Longer side of the lab's picture, in pixels: fine enough to look at, small enough to answer at once."""

Cell = tuple[int, int]


def source_picture() -> Picture:
    """The picture that the lab works on, as chosen at the top of the page. Further sources belong in SOURCES."""
    source = SOURCES[st.session_state.get("picture") or FACE]
    try:
        return _shrunk(source())
    except RecognitionError as error:
        show_error(f"{error} The sample face is shown instead.")
        return sample_face()


def choose_picture() -> None:
    """The inputs of `source_picture`."""
    with st.popover("Picture", icon=":material/add_photo_alternate:"):
        chosen = st.segmented_control("Picture", list(SOURCES), default=FACE, required=True, **bound("picture"))
        if chosen == UPLOAD:
            st.file_uploader("A face, or anything", type=["jpg", "jpeg", "png", "webp"], key="lab_upload")
        elif chosen == SNAPSHOT:
            st.camera_input("A snapshot", key="lab_snapshot")
        elif chosen == PHOTO:
            photo = choose_photo()
            st.session_state["lab_photo"] = photo and photo.id
        if chosen in (UPLOAD, SNAPSHOT):
            st.caption("It stays on this computer, and is the one thing that the address can't share.")


@st.cache_data
def sample_face() -> Picture:
    """Eileen Collins, NASA: scikit-image's public-domain astronaut."""
    return np.ascontiguousarray(skimage.data.astronaut()[:256, 96:352])


@st.cache_data
def drawing() -> Picture:
    """A drawn face: strokes and edges of every direction, without any texture."""
    paper = np.full((256, 256, 3), 255, np.uint8)
    ink, skin = (40, 40, 40), (255, 205, 120)
    cv2.circle(paper, (128, 128), 100, skin, -1, cv2.LINE_AA)
    cv2.circle(paper, (128, 128), 100, ink, 4, cv2.LINE_AA)
    for eye in (92, 164):
        cv2.circle(paper, (eye, 105), 12, ink, -1, cv2.LINE_AA)
        cv2.line(paper, (eye - 18, 78), (eye + 18, 78), ink, 5, cv2.LINE_AA)
    cv2.line(paper, (128, 115), (128, 150), ink, 4, cv2.LINE_AA)
    cv2.ellipse(paper, (128, 150), (55, 42), 0, 20, 160, ink, 6, cv2.LINE_AA)
    return paper


def _uploaded() -> Picture:
    upload = st.session_state.get("lab_upload")
    return sample_face() if upload is None else read_picture(upload.getvalue(), upload.name)


def _snapshot() -> Picture:
    snapshot = st.session_state.get("lab_snapshot")
    return sample_face() if snapshot is None else read_picture(snapshot.getvalue(), "the snapshot")


def _enrolled() -> Picture:
    photo_id = st.session_state.get("lab_photo")
    return sample_face() if photo_id is None else read_picture(services().gallery.picture(photo_id), "the photo")


FACE, PHOTO, SNAPSHOT, UPLOAD = "Sample face", "Enrolled photo", "Camera", "Upload"
SOURCES: dict[str, Callable[[], Picture]] = {
    FACE: sample_face,
    "Drawing": drawing,
    PHOTO: _enrolled,
    SNAPSHOT: _snapshot,
    UPLOAD: _uploaded,
}


def _shrunk(picture: Picture) -> Picture:
    return picture if max(picture.shape[:2]) <= SIDE else enlarge(picture, SIDE)


STYLE = """<style>
.lab-row {display: flex; flex-wrap: wrap; gap: .6rem 1.1rem; align-items: center; overflow-x: auto; padding:
.3rem 0} .lab-row > .lab-sign {font-size: 1.4rem; opacity: .6}
.lab-grid {margin: 0; width: fit-content; max-width: 100%; overflow-x: auto}
.lab-grid figcaption {font-size: .8rem; opacity: .75; margin-bottom: .25rem}
.lab-grid table {border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .85rem}
.lab-grid td {min-width: 2.1rem; height: 2.1rem; padding: 0 .3rem; text-align: center; white-space: nowrap;
  border: 1px solid color-mix(in srgb, currentColor 22%, transparent)}
.lab-grid td.pad {opacity: .4; border-style: dashed}
.lab-grid td.window {background: rgb(20 160 130 / .26)}
.lab-grid td.odd {background: rgb(128 128 128 / .14)}
.lab-grid td.now {background: rgb(240 160 20 / .45); font-weight: 700}
.lab-grid small {opacity: .65}
</style>"""


def number(value: float) -> str:
    """A short number with a real minus sign: 4, −0.25, 1.33."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "0") else text.replace("-", "−")


def grid_html(
    grid: Grid,
    title: str,
    *,
    marks: Mapping[str, Collection[Cell]] | None = None,
    texts: Mapping[Cell, str] | None = None,
    hidden: Collection[Cell] = (),
) -> str:
    """A number grid as an HTML table.

    Args:
        grid: (H, W).
        title: stands above.
        marks: style to cells: `window`, `odd`, `now`, `pad`.
        texts: HTML instead of the number, by cell.
        hidden: cells left empty.
    """
    rows = []
    for row, line in enumerate(grid):
        cells = []
        for column, value in enumerate(line):
            cell = (row, column)
            classes = " ".join(name for name, places in (marks or {}).items() if cell in places)
            text = "" if cell in hidden else (texts or {}).get(cell, number(float(value)))
            cells.append(f'<td class="{classes}">{text}</td>')
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f'<figure class="lab-grid"><figcaption>{html.escape(title)}</figcaption>'
        f"<table><tbody>{''.join(rows)}</tbody></table></figure>"
    )


def draw_row(*parts: str) -> None:
    """Grids and signs (`∗`, `=`, `→`) side by side, wrapped on narrow screens."""
    body = "".join(part if part.startswith("<") else f'<span class="lab-sign">{part}</span>' for part in parts)
    st.html(f'{STYLE}<div class="lab-row">{body}</div>')
