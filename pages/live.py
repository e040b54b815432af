"""Live: names in the camera picture, in a photo or in a video file."""

from datetime import UTC, datetime

import streamlit as st

from pages.components.camera import camera
from pages.components.context import camera_session, services
from pages.components.threshold import threshold_slider
from pages.components.waiting_people import show_waiting_people
from pages.live import files
from pages.live.appearance_table import browser_zone, live_table
from recognition.live.naming import LiveRecognition

app = services()

st.title("Live")
if not app.gallery.counts().people:
    st.info("Nobody is enrolled yet, so every face will be unknown.", icon=":material/person_add:")
    st.page_link("enroll.py", label="Enroll the first person", icon=":material/arrow_forward:")

show_waiting_people()

source = st.segmented_control(
    "Source", ["Camera", "Picture", "Video"], default="Camera", required=True, label_visibility="collapsed"
)
picture, side = st.columns([2, 1], gap="medium")

with side:
    min_confidence = threshold_slider()

with picture:
    if source == "Camera":
        session, token = camera_session(
            "live_session", LiveRecognition, lambda: LiveRecognition(app.recognizer, min_confidence)
        )
        session.min_confidence = min_confidence
        camera(key="live_camera", token=token, kind="live")
    elif source == "Picture":
        files.picture(min_confidence)
    else:
        files.video(min_confidence)

if source == "Camera":

    @st.fragment(run_every=1.0)
    def seen() -> None:
        live_table(session.appearances.rows(), datetime.now(UTC), browser_zone())

    @st.fragment(run_every=1.0)
    def speed() -> None:
        stages = {"detect": "Finding and following faces", "embed": "Embedding", "identify": "Naming"}
        timings = session.timings.values
        if timings:
            st.table(
                {
                    "Stage": list(stages.values()),
                    "ms a frame": [f"{timings.get(stage, 0.0):.1f}" for stage in stages],
                },
                border="horizontal",
                hide_index=True,
            )
        st.caption(
            "Mean of the last frames on the server. Frames a second and the whole way there and back are below the picture."
        )

    with side:
        seen()
        # A table that nobody sees is not drawn: that would cost the camera frames.
        how_fast = st.expander("How fast", icon=":material/speed:", key="how_fast", on_change="rerun")
        if how_fast.open:
            with how_fast:
                speed()
