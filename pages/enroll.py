"""Add a person: in front of the camera, or from photos and zip files."""

import streamlit as st

from pages.enroll import done, files, guided

# The camera takes the room that other pages leave above their title and below their end.
st.html(
    "<style>.stMainBlockContainer { padding-top: 3.5rem; padding-bottom: 1rem } "
    "[data-testid=stBottomBlockContainer] { padding-top: 0.5rem; padding-bottom: 1rem }</style>"
)

SOURCES = {"Camera": guided.page, "Files": files.page}

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.title("Add a person", width="content")
    source = st.segmented_control(
        "Source",
        list(SOURCES),
        default="Camera",
        required=True,
        label_visibility="collapsed",
        on_change=done.leave,
        width="content",
    )
if not done.page():
    SOURCES[source]()
