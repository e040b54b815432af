"""Choosing a photo of an enrolled person; the choice stands in the address."""

import streamlit as st

from pages.components.context import services
from pages.components.panels import bound
from recognition.gallery import PhotoRecord


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
