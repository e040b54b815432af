"""Enrolled faces in tables."""

from pages.components.context import services
from pages.components.text import data_url
from recognition.errors import RecognitionError


def face(photo_id: int) -> str | None:
    """An enrolled face for an image column; None where its file is missing."""
    try:
        return data_url(services().gallery.crop_png(photo_id), "png")
    except RecognitionError:
        return None
