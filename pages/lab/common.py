"""What the panels share: the picture, the bound state, explanations, number grids, downloads."""

import html
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import skimage.data
import streamlit as st

from recognition.errors import RecognitionError
from recognition.inspection.convolution import Grid
from recognition.inspection.drawing import enlarge
from recognition.pictures import Picture, encode_png, read_picture

SIDE = 320
"""Longer side of the lab's picture, in pixels: fine enough to look at, small enough to answer at once."""

Cell = tuple[int, int]


def bound(key: str) -> dict[str, Any]:
    """Arguments that keep a widget's value in the address, and over a change of tab."""
    return {"key": key, "bind": "query-params", "persist_state": "session"}


def source_picture() -> Picture:
    """The picture that the lab works on, chosen at the top of the page. Other sources belong here."""
    upload = st.session_state.get("lab_upload")
    if upload is None:
        return sample_face()
    try:
        return _shrunk(read_picture(upload.getvalue(), upload.name))
    except RecognitionError as error:
        st.error(f"{error} The sample face is shown instead.", icon=":material/error:")
        return sample_face()


def choose_picture() -> None:
    """The inputs of `source_picture`."""
    with st.popover("Your picture", icon=":material/add_photo_alternate:"):
        st.file_uploader("A picture of a face, or of anything", type=["jpg", "jpeg", "png", "webp"], key="lab_upload")
        st.caption("It stays on this computer. Without one the lab shows astronaut Eileen Collins (NASA).")


@st.cache_data
def sample_face() -> Picture:
    return np.ascontiguousarray(skimage.data.astronaut()[:256, 96:352])


def _shrunk(picture: Picture) -> Picture:
    return picture if max(picture.shape[:2]) <= SIDE else enlarge(picture, SIDE)


@contextmanager
def told() -> Iterator[None]:
    """Say what went wrong in the panel itself; the rest of the page stays."""
    try:
        yield
    except RecognitionError as error:
        st.error(str(error), icon=":material/error:")


def explain(text: str, formula: str) -> None:
    """A panel's two sentences and its formula."""
    st.markdown(text)
    st.latex(formula)


def picture(image: Picture, caption: str, name: str, *, side: int | None = None) -> None:
    """A picture with its caption and a PNG download; small ones are enlarged with sharp cells."""
    st.image(image if side is None else enlarge(image, side), width="stretch", output_format="PNG", alt=caption)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap=None):
        st.caption(caption, width="content")
        st.download_button(
            "PNG",
            encode_png(image),
            file_name=f"{name}.png",
            mime="image/png",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            key=f"download_{name}",
        )


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
