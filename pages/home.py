"""Home: the faces, the next thing to do, and how far this gallery has come."""

import streamlit as st

from pages.components.better_network import offer
from pages.components.context import services
from pages.components.faces import Tile, open_faces
from pages.components.text import count
from pages.components.thumbnails import portrait_url
from pages.components.waiting_people import show_waiting_people
from pages.home import demo
from pages.home.status import show_status

# People whose faces are shown; the People page has all of them.
FACES = 12


def open_person(person_id: int) -> None:
    st.session_state["home_opened"] = person_id


# A callback can't change the page.
if opened := st.session_state.pop("home_opened", None):
    st.switch_page("people.py", query_params={"person": str(opened)})

gallery = services().gallery
everybody = gallery.counts().people
people = gallery.people(most=FACES)

st.title("Teach your computer some faces")
if not people:
    words, picture = st.columns([5, 4], gap="large", vertical_alignment="center")
    with picture:
        demo.show_face()
    with words:
        st.markdown(
            "Familiar learns faces from your webcam, names them in the live picture and shows how the network does it. "
            "Everything happens on this computer."
        )
        with st.container(horizontal=True):
            if st.button("Add the first person", type="primary", icon=":material/person_add:"):
                st.switch_page("enroll.py")
            demo.offer_people()
        st.caption("It takes half a minute: look into the camera, the good photos take themselves.")
else:
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Start the camera", type="primary", icon=":material/videocam:", help="See who is in view, live."):
            st.switch_page("live.py")
        st.page_link("enroll.py", label="Add a person", icon=":material/person_add:")
        st.page_link("train.py", label="Train a network", icon=":material/model_training:")
        st.page_link("feature_maps.py", label="Look inside", icon=":material/layers:")
        demo.offer_film()
    show_waiting_people()
    tiles = [
        Tile(
            person.id,
            person.name,
            portrait_url(person.cover_photo_id),
            count(person.photo_count, "photo"),
            address=f"people?person={person.id}",
        )
        for person in people
    ]
    open_faces(tiles, open_person, key="home_faces", label="People")
    if everybody > FACES:
        st.page_link("people.py", label=f"All {everybody:,} people", icon=":material/group:")

show_status()

offer()
st.caption(
    ":material/lock: Photos and face data stay on this computer. Whoever is deleted is erased for good. A photo of somebody "
    "can fool any camera like this one: don't guard doors with it."
)
