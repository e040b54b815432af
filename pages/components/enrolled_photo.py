"""Photos of enrolled people: choosing one, whose choice stands in the address, and showing one in a table."""

import streamlit as st

from pages.components.context import services
from pages.components.panels import bound
from pages.components.text import data_url
from recognition.errors import RecognitionError
from recognition.gallery import PhotoRecord
from recognition.pictures import thumbnail

PORTRAIT_SIDE = 256
"""Pixels of a face in a grid, sharp on a phone too."""


def choose_photo() -> PhotoRecord | None:
    """The inputs and what they say; None, with a sentence, while nobody has a photo."""
    gallery = services().gallery
    people = {person.name: person for person in gallery.people() if person.photo_count}
    if not people:
        st.info("Nobody is enrolled yet.", icon=":material/person_add:")
        st.page_link("enroll.py", label="Enroll the first person", icon=":material/arrow_forward:")
        return None
    if st.session_state.get("who") not in people:
        st.session_state.pop("who", None)
    person = people[st.selectbox("Person", list(people), **bound("who"))]
    photos = gallery.photos(person.id)
    st.session_state["photo"] = min(st.session_state.get("photo", 1), len(photos))
    number = 1
    if len(photos) > 1:
        number = int(st.number_input(f"Photo, 1 to {len(photos)}", 1, len(photos), **bound("photo")))
    return photos[number - 1]


def face_url(photo_id: int) -> str | None:
    """An enrolled face for an image column; None where its file is missing."""
    try:
        return data_url(services().gallery.crop_png(photo_id), "png")
    except RecognitionError:
        return None


def portrait_url(photo_id: int | None) -> str | None:
    """An enrolled photo with what is around the face, small, for a grid; None where its file is missing."""
    if photo_id is None:
        return None
    try:
        return _portrait(services().gallery.picture(photo_id))
    except RecognitionError:
        return None


@st.cache_data(max_entries=2_000, show_spinner=False)
def _portrait(picture: bytes) -> str:
    return data_url(thumbnail(picture, PORTRAIT_SIDE))
