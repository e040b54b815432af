"""Feature maps: what a network makes of a picture, layer by layer, still or live."""

import streamlit as st

from pages.components.panels import inputs, show_errors
from pages.components.text import show_error
from pages.feature_maps import experiment_panels, face_panels, networks
from recognition.errors import RecognitionError
from training.course.experiments.record import Record

offered = networks.offered()
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
    st.title("Feature maps", width="content")
    line = inputs()
networks.say_what_is_missing(offered)
try:
    with line:
        chosen = networks.choose(offered)
    panels = experiment_panels.panels(chosen, line) if isinstance(chosen, Record) else face_panels.panels(chosen, line)
except RecognitionError as error:
    show_error(error)
    st.stop()

for panel, tab in zip(panels.values(), st.tabs(list(panels), key="look", bind="query-params"), strict=True):
    # Only the open panel computes.
    if tab.open:
        with tab, show_errors():
            panel()
st.caption(
    "The address of this page holds everything you set, except camera and uploads: share it and others see the same. "
    "The sample face is Eileen Collins, NASA, public domain."
)
