"""What augmentation does to one enrolled face."""

import secrets

import streamlit as st

from pages.components.context import services
from pages.components.panels import show_errors
from pages.components.text import plain
from recognition.gallery import PersonSummary
from training.faces.augmentation import Augmentation, draws

DRAWS = 16

SIDE = 84
"""Pixels: eight beside each other on a screen, three on a phone."""


@st.fragment
def preview(augmentation: Augmentation) -> None:
    """One face and sixteen random draws of it; another draw or another face on click."""
    st.markdown(
        "Every time the network sees a photo, it sees it changed like this, at random: as if taken on another day with a "
        "worse camera. You should still recognise the person in every one; if you can't, it is too strong."
    )
    people = [person for person in services().gallery.people() if person.photo_count]
    number = int(st.session_state.setdefault("preview_face", 0))
    person = people[number % len(people)]
    seed = st.session_state.setdefault("preview_seed", 0)
    with st.container(horizontal=True, vertical_alignment="center"):
        original = st.empty()
        st.button("Draw again", icon=":material/casino:", key="draw_again", on_click=_draw_again)
        st.button("Another face", icon=":material/face:", key="another_face", on_click=_another_face)
    with show_errors():
        crop = services().gallery.crop(_photo_of(person, number // len(people)))
        original.image(crop, width=SIDE, output_format="JPEG", alt=f"{person.name}, as enrolled")
        st.caption(f"{plain(person.name)} as enrolled, and {DRAWS} random draws:")
        with st.container(horizontal=True):
            for position, picture in enumerate(draws(crop, augmentation, DRAWS, seed), start=1):
                st.image(picture, width=SIDE, output_format="JPEG", alt=f"{person.name}, draw {position}")


def _photo_of(person: PersonSummary, turn: int) -> int:
    """The person's photos by turns."""
    photos = services().gallery.photos(person.id)
    return photos[turn % len(photos)].id


def _draw_again() -> None:
    st.session_state["preview_seed"] = secrets.randbelow(2**31)


def _another_face() -> None:
    st.session_state["preview_face"] += 1
