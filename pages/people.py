"""People: everyone enrolled, with their photos."""

import streamlit as st

from pages.components.context import services
from pages.components.text import count, plain
from pages.components.waiting_people import show_waiting_people, waiting_people
from pages.people import erasing
from pages.people import person as person_page
from recognition.errors import NotEnrolledError

PER_PAGE = 24

gallery = services().gallery

if message := st.session_state.pop("people_message", None):
    st.toast(plain(message), icon=":material/check_circle:")
erasing.follow()

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
if not gallery.counts().people:
    with st.container(border=True):
        st.subheader(":material/group_off: Nobody is enrolled yet")
        st.markdown("Enroll the first person with the camera or from photos; then they are listed here.")
        st.page_link("enroll.py", label="Enroll a face", icon=":material/person_add:")
    st.stop()

search = st.text_input("Search by name", placeholder="Search by name", icon=":material/search:", label_visibility="collapsed")
found = gallery.people(search)
if not found:
    st.info(f"Nobody is called “{plain(search)}”.", icon=":material/search_off:")
    st.stop()

show_waiting_people()
waiting = waiting_people()
pages = -(-len(found) // PER_PAGE)
number = st.pagination(pages) if pages > 1 else 1
st.caption(count(len(found), "person", "people"))

with st.container(horizontal=True, gap="medium"):
    for person in found[(number - 1) * PER_PAGE : number * PER_PAGE]:
        with st.container(border=True, width=176):
            if person.cover_photo_id is not None:
                person_page.show_crop(person.cover_photo_id)
            st.markdown(f"**{plain(person.name)}**  \n{count(person.photo_count, 'photo')}")
            if person.id in waiting:
                st.badge("Can't be named yet", icon=":material/hourglass_top:", color="orange")
            if st.button("Open", key=f"open_{person.id}", width="stretch"):
                st.query_params["person"] = str(person.id)
                st.rerun()
