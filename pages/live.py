"""Live: names in the camera picture, in a photo or in a video file."""

import streamlit as st

from pages.components.context import services
from pages.components.threshold import threshold_slider
from pages.components.waiting_people import show_waiting_people
from pages.live import camera, picture, video

SOURCES = {"Camera": camera.show, "Picture": picture.show, "Video": video.show}

app = services()

with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
    st.title("Live", width="content")
    source = st.segmented_control(
        "Source", list(SOURCES), default="Camera", required=True, label_visibility="collapsed", width="content"
    )

if not app.gallery.counts().people:
    st.caption("Nobody is enrolled yet, so every face is unknown. Click one to say who it is.")
show_waiting_people()

# Shown first: on a phone it comes before what can be set.
shown = st.container()
with st.container(border=True):
    needed, meaning = st.columns([2, 3], gap="medium", vertical_alignment="center")
    with needed:
        min_confidence = threshold_slider()
    strangers = app.recognizer().network.spec.calibration.strangers_named(min_confidence)
    meaning.caption(
        f"Of 1,000 strangers about {1000 * strangers:.0f} would get a name. The stricter, the fewer, but the more "
        "often your own people are called unknown."
        if strangers >= 0.0005
        else "Hardly any stranger gets a name, but your own people are called unknown more often."
    )
with shown:
    SOURCES[source](min_confidence)
