"""Enrolled faces as small pictures, for charts, rows and grids that show many of them."""

import cv2
import numpy as np
import streamlit as st

from pages.components.context import services
from pages.components.text import data_url
from recognition.errors import RecognitionError
from recognition.pictures import Picture, encode_jpeg, thumbnail
from training.faces.corruptions import corrupt

QUALITY = 80
"""Of the JPEG: at 48 pixels, about a kilobyte a face."""

PORTRAIT_SIDE = 256
"""Pixels of a face in a grid, sharp on a phone too."""


def thumbnail_url(photo_id: int, side: int) -> str | None:
    """An enrolled face as an address for charts and image columns, so many pixels wide; None where its file is missing."""
    return _thumbnail_url(str(services().settings.storage), photo_id, side)


def portrait_url(photo_id: int | None) -> str | None:
    """An enrolled photo with what is around the face, small, for a grid; None where its file is missing."""
    if photo_id is None:
        return None
    try:
        return _portrait(services().gallery.picture(photo_id))
    except RecognitionError:
        return None


def face_picture(photo_key: str, corruption: str | None = None) -> Picture | None:
    """The face of a photo by its key in a report, (S, S, 3) uint8 RGB; None where it isn't in the gallery (any more).

    Args:
        photo_key: as in `FaceSet.photos`. Those of models that were made elsewhere mean nothing here: ask `Names.known` first.
        corruption: how to make it worse, as the network saw it.
    """
    if not photo_key.isdecimal():
        return None
    try:
        crop = services().gallery.crop(int(photo_key))
    except RecognitionError:
        return None
    return crop if corruption is None else corrupt(crop[np.newaxis], way=corruption)[0]


# Forgotten as soon as anybody is erased, as all that pages keep (`pages.components.context`).
@st.cache_data(max_entries=4_000, show_spinner=False)
def _thumbnail_url(storage: str, photo_id: int, side: int) -> str | None:  # noqa: ARG001  # which gallery
    try:
        crop = services().gallery.crop(photo_id)
    except RecognitionError:
        return None
    small = np.asarray(cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return data_url(encode_jpeg(small, QUALITY))


@st.cache_data(max_entries=2_000, show_spinner=False)
def _portrait(picture: bytes) -> str:
    return data_url(thumbnail(picture, PORTRAIT_SIDE))
