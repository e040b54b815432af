"""People: everyone enrolled, as a wall of faces."""

import streamlit as st

from pages.components.context import services
from pages.components.faces import Tile, choose_faces, open_faces
from pages.components.text import count, plain
from pages.components.thumbnails import portrait_url
from pages.components.waiting_people import show_waiting_people, waiting_people
from pages.people import deleting, merging, removals
from pages.people import person as person_page
from recognition.errors import NotEnrolledError
from recognition.gallery import PersonSummary

PER_PAGE = 60

gallery = services().gallery


def open_person(person_id: int) -> None:
    st.query_params["person"] = str(person_id)


def tile(person: PersonSummary, waiting: bool) -> Tile:
    note = "Can't be named yet" if waiting else count(person.photo_count, "photo")
    return Tile(person.id, person.name, portrait_url(person.cover_photo_id), note, address=f"people?person={person.id}")


chosen = st.query_params.get("person", "")
if chosen.isdecimal():
    try:
        person = gallery.person(int(chosen))
    except NotEnrolledError:
        del st.query_params["person"]
        st.rerun()
    person_page.show(person)
    st.stop()

st.title("People")
removals.show()
everybody = gallery.counts().people
if not everybody:
    with st.container(border=True):
        st.subheader(":material/group_off: Nobody is enrolled yet")
        st.markdown("Add the first person with the camera or from photos; then their face is here.")
        st.page_link("enroll.py", label="Add a person", icon=":material/person_add:")
    st.stop()

with st.container(horizontal=True, vertical_alignment="center"):
    search = st.text_input(
        "Search by name",
        type="search",
        live=True,
        placeholder=f"Search {count(everybody, 'person', 'people')}",
        icon=":material/search:",
        label_visibility="collapsed",
        width=320,
    )
    picking = st.toggle("Select", key="people_picking", help="Tick people to merge or delete them.")
    st.page_link("enroll.py", label="Add a person", icon=":material/person_add:")

found = gallery.people(search or "")
show_waiting_people()
actions = st.container(horizontal=True, vertical_alignment="center")
if not found:
    st.info(f"Nobody is called “{plain(search or '')}”.", icon=":material/search_off:")
    st.stop()

waiting = waiting_people()
pages = -(-len(found) // PER_PAGE)
faces = st.container()
number = st.pagination(pages) if pages > 1 else 1
tiles = [tile(person, person.id in waiting) for person in found[(number - 1) * PER_PAGE : number * PER_PAGE]]

with faces:
    if not picking:
        open_faces(tiles, open_person, key="people_faces", label="People")
        st.stop()
    ticked = choose_faces(tiles, key=f"people_ticked_{removals.round_number()}", label="People to select")

people = [person for person in gallery.people() if person.id in ticked] if ticked else []
with actions:
    st.markdown(f"**{len(people)} selected**" if people else "Tick some faces.", width="content")
    if st.button("Merge", icon=":material/merge:", disabled=len(people) != 2, help="Two people who are the same person."):
        merging.merge(people[0], people[1])
    if st.button(
        ":red[Delete]" if people else "Delete",
        key="delete_people",
        icon=":material/delete:",
        disabled=not people or removals.busy(),
    ):
        deleting.delete_people(people)
