"""What the Enroll page shows when somebody was added: the face, and what to do next. It stands in the address."""

from collections.abc import Sequence

import streamlit as st

from pages.components.context import services
from pages.components.text import count, plain
from pages.components.thumbnails import portrait_url
from recognition.errors import NotEnrolledError
from recognition.gallery import PersonSummary

_SAVED = "saved"

_SHOWN = 12
"""Faces of people who were added together."""


def go_to(person_id: int) -> None:
    """Show that this person was added."""
    st.query_params[_SAVED] = str(person_id)


def leave() -> None:
    """Back to adding people."""
    st.query_params.pop(_SAVED, None)


def page() -> bool:
    """The person who was just added. False, and nothing shown, where that is nobody."""
    number = st.query_params.get(_SAVED, "")
    try:
        person = services().gallery.person(int(number)) if number.isdecimal() else None
    except NotEnrolledError:
        person = None
    if person is None:
        leave()
        return False
    picture, beside = st.columns([1, 2], gap="large", vertical_alignment="center")
    if face := portrait_url(person.cover_photo_id):
        picture.image(face, width="stretch", alt=person.name)
    with beside:
        st.success(
            f"{plain(person.name)} is enrolled, with {count(person.photo_count, 'photo')}.", icon=":material/check_circle:"
        )
        with st.container(horizontal=True):
            try_it_live()
            st.button("Add another person", icon=":material/person_add:", on_click=leave)
        st.page_link(
            "people.py",
            label="See all photos",
            icon=":material/photo_library:",
            query_params={"person": str(person.id)},
        )
    return True


def show_faces(people: Sequence[PersonSummary]) -> None:
    """Those of the first people, with their names."""
    with st.container(horizontal=True, gap="medium"):
        for person in people[:_SHOWN]:
            with st.container(width=132):
                if face := portrait_url(person.cover_photo_id):
                    st.image(face, width="stretch", alt=person.name)
                st.markdown(f"**{plain(person.name)}**")


def try_it_live() -> None:
    """The link to what comes next."""
    if st.button("Try it live", type="primary", icon=":material/videocam:"):
        st.switch_page("live.py")
