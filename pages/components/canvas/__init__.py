"""The canvas component: draw with mouse, pen or finger."""

import base64
import binascii
from pathlib import Path

import streamlit as st

from recognition.errors import PictureError
from recognition.pictures import Picture, read_picture

_FOLDER = Path(__file__).parent

SIDE = 280
"""Pixels of a drawing, a side: ten for each of MNIST's."""

PNG = "data:image/png;base64,"

MAX_CHARACTERS = 400_000
"""Of the data URL. Scribbles all over the canvas take a tenth of it; plain pixels would take 420,000."""

_component = st.components.v2.component(
    "familiar.canvas",
    html=(_FOLDER / "canvas.html").read_text("utf-8"),
    css=(_FOLDER / "canvas.css").read_text("utf-8"),
    js=(_FOLDER / "canvas.js").read_text("utf-8"),
)


def canvas(*, key: str) -> Picture | None:
    """Show a canvas. The page, or the fragment it is in, reruns after every stroke, undo and clear.

    The strokes stay while this page is open in the browser, also where the canvas is hidden for a while.

    Args:
        key: of the widget, unique in the app.

    Returns:
        (SIDE, SIDE, 3) uint8 RGB, black strokes on white in light and in dark mode; None while nothing is drawn.

    Raises:
        PictureError: what the browser sent is no such picture.
    """
    result = _component(key=key, data={"key": key, "side": SIDE}, on_drawing_change=_rerun)
    return read_drawing(result.get("drawing"))


def _rerun() -> None:
    """Streamlit reports only values that have a callback; the rerun that comes with it is all we need."""


def read_drawing(value: object) -> Picture | None:
    """The picture in a PNG's data URL; None for nothing. The browser's word is not trusted.

    Raises:
        PictureError: too long, no PNG, or of another size than the canvas.
    """
    if not value:
        return None
    refusal = PictureError("The drawing could not be read. Clear it and draw it again.")
    if not isinstance(value, str) or not value.startswith(PNG) or len(value) > MAX_CHARACTERS:
        raise refusal
    try:
        picture = read_picture(base64.b64decode(value[len(PNG) :], validate=True), "the drawing")
    except (binascii.Error, PictureError) as error:
        raise refusal from error
    if picture.shape != (SIDE, SIDE, 3):
        raise refusal
    return picture
