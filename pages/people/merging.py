"""The dialog that merges two people who are the same."""

import streamlit as st

from pages.components.context import services
from pages.components.destructive import destructive_button
from pages.components.faces import Tile, choose_faces, show_faces
from pages.components.text import count, plain, show_error
from pages.components.thumbnails import portrait_url
from pages.people import removals
from recognition.calibration import OPERATING_CONFIDENCE
from recognition.errors import RecognitionError
from recognition.gallery import PersonSummary
from recognition.likeness import similar_people
from recognition.networks import network_spec

OFFERED = 8
"""How many faces are offered; a search finds the others."""


@st.dialog("Merge two people", icon=":material/merge:", width="medium")
def merge(person: PersonSummary, other: PersonSummary | None = None) -> None:
    """Merge a person with another one, who is chosen here if not before."""
    pair = (person, other or _chosen(person))
    if pair[1] is None:
        _offer(person)
    else:
        show_faces(
            [_tile(one, count(one.photo_count, "photo")) for one in pair if one], key="merge_pair", label="The two people"
        )
        if other is None:
            st.button("Somebody else", icon=":material/arrow_back:", type="tertiary", on_click=removals.next_round)
    _confirm(*pair)


def _confirm(person: PersonSummary, other: PersonSummary | None) -> None:
    """Which name stays, and the buttons."""
    source = into = person
    if other is not None:
        names = {person.id: plain(person.name), other.id: plain(other.name)}
        stays = st.radio("Which name stays?", list(names), format_func=names.__getitem__, horizontal=True, key="merge_keep")
        source, into = (other, person) if stays == person.id else (person, other)
        st.markdown(f"All photos of {plain(source.name)} go to {plain(into.name)}.")
    st.caption(f"Can be undone for {removals.UNDO_TEXT}.")
    with st.container(horizontal=True):
        pressed = destructive_button("Merge", key="confirm_merge", icon=":material/merge:", disabled=other is None)
        if st.button("Cancel", key="cancel_merge"):
            st.rerun()
    if not pressed:
        return
    try:
        services().erasure.merge(source.id, into.id)
    except RecognitionError as error:
        show_error(error)
        return
    removals.next_round()
    if "person" in st.query_params:
        st.query_params["person"] = str(into.id)
    st.rerun()


def _offer(person: PersonSummary) -> None:
    """Faces to choose from, the most similar first."""
    gallery = services().gallery
    search = st.text_input(
        "Who is the same person?",
        type="search",
        live=True,
        placeholder="Search by name",
        icon=":material/search:",
        key="merge_search",
    )
    spec = network_spec(services().settings.network, services().settings.storage)
    alike = similar_people(gallery.templates(spec.key), person.id)
    found = sorted(gallery.people(search or ""), key=lambda one: -alike.get(one.id, -1.0))
    tiles = [
        _tile(one, "Looks the same" if spec.calibration.accepts(alike.get(one.id, -1.0), OPERATING_CONFIDENCE) else "")
        for one in [one for one in found if one.id != person.id][:OFFERED]
    ]
    st.caption("The most similar faces first." if tiles else "Nobody else is called that.")
    key = f"merge_faces_{person.id}_{removals.round_number()}"
    if ticked := choose_faces(tiles, key=key, label="Who is the same person?", several=False):
        st.session_state[_chosen_key(person)] = ticked[0]
        st.rerun(scope="fragment")


def _chosen(person: PersonSummary) -> PersonSummary | None:
    """Who was chosen among the faces offered."""
    chosen = st.session_state.get(_chosen_key(person))
    return next((one for one in services().gallery.people() if one.id == chosen), None) if chosen else None


def _chosen_key(person: PersonSummary) -> str:
    # Kept apart from the grid, which is not there any more while both faces are shown.
    return f"merge_chosen_{person.id}_{removals.round_number()}"


def _tile(person: PersonSummary, note: str) -> Tile:
    return Tile(person.id, person.name, portrait_url(person.cover_photo_id), note)
