"""A picture from a file: the names in it."""

import streamlit as st

from pages.components.context import services
from pages.components.text import count, show_error
from recognition.drawing import Label, draw
from recognition.errors import RecognitionError
from recognition.pictures import read_picture


def show(min_confidence: float) -> None:
    """Upload a picture, see the names in it."""
    upload = st.file_uploader("A picture with faces", type=["jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff"])
    if upload is None:
        st.caption("The picture is looked at in memory and not stored.")
        return
    try:
        image = read_picture(upload.getvalue(), upload.name)
        with st.spinner("Looking for faces…"):
            recognizer = services().recognizer()
            faces = recognizer.identify(image)
    except RecognitionError as error:
        show_error(error)
        return
    if not faces:
        st.image(image, width="stretch")
        st.info("No face found in this picture.", icon=":material/search_off:")
        return
    named = [(face, face.named(min_confidence)) for face in faces]
    waiting = bool(recognizer.index.waiting)
    labels = [
        Label(face.face.box, match.name, match.confidence)
        if match
        else Label(face.face.box, None, None if waiting else face.match.confidence if face.match else 0.0)
        for face, match in named
    ]
    known = sum(match is not None for _, match in named)
    st.image(draw(image, labels), width="stretch")
    st.caption(f"{count(len(faces), 'face')}: {known} known, {len(faces) - known} unknown.")
