"""The shell of every page: navigation, and a plain message where the app can't work at all."""

from pathlib import Path

import streamlit as st

from pages.components.context import services
from pages.components.text import show_error
from recognition.errors import RecognitionError

st.set_page_config(page_title="Familiar", page_icon="pages/assets/icon.png", layout="wide", initial_sidebar_state=224)
assets = Path(__file__).with_name("assets")
st.html(assets / "shell.css")
st.html(assets / "menu.html", unsafe_allow_javascript=True)
st.logo("pages/assets/logo.svg", size="large")

try:
    services()
except RecognitionError as error:
    show_error(f"The app can't start. {error}")
    st.stop()

page = st.navigation(
    {
        "": [
            st.Page("home.py", title="Home", icon=":material/home:", default=True),
            st.Page("enroll.py", title="Add a person", icon=":material/person_add:"),
            st.Page("live.py", title="Live", icon=":material/videocam:"),
            st.Page("people.py", title="People", icon=":material/group:"),
        ],
        "Learn": [
            st.Page("train.py", title="Train", icon=":material/model_training:"),
            st.Page("evaluate.py", title="Evaluate", icon=":material/monitoring:"),
        ],
        "Look inside": [
            st.Page("feature_maps.py", title="Feature maps", icon=":material/layers:"),
            st.Page("convolution_lab.py", title="Convolution lab", icon=":material/grid_on:"),
        ],
        "Course": [
            st.Page("playground.py", title="Playground", icon=":material/scatter_plot:"),
            st.Page("experiments.py", title="Experiments", icon=":material/science:"),
            st.Page("search.py", title="Search", icon=":material/manage_search:"),
            st.Page("compression.py", title="Compression", icon=":material/compress:"),
        ],
        "Setup": [st.Page("settings.py", title="Settings", icon=":material/settings:")],
    }
)
try:
    page.run()
except RecognitionError as error:
    # Whatever a page can't go on without: a network whose file is gone, a database that went away.
    show_error(error)
    st.page_link("settings.py", label="Open the settings", icon=":material/settings:")
