"""Enroll: a person in front of the camera, or pictures from files."""

import streamlit as st

from pages.enroll import files, guided

SOURCES = {"Camera": guided.page, "Files": files.page}

st.title("Enroll")
source = st.segmented_control("Source", list(SOURCES), default="Camera", required=True, label_visibility="collapsed")
SOURCES[source]()
