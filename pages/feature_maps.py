"""Feature maps: what a network makes of a picture, layer by layer, still or live."""

import streamlit as st

from pages.components.panels import inputs, show_errors
from pages.components.text import show_error
from pages.feature_maps import experiment_panels, face_panels, networks
from recognition.errors import RecognitionError
from training.course.experiments.record import Record

st.title("Feature maps")
offered = networks.offered()
networks.say_what_is_missing(offered)
line = inputs()
# Not columns: one of a fifth of the page is narrower than the picture on a small screen.
row = st.container(horizontal=True, gap="medium")
place = row.empty()
try:
    with line:
        chosen = networks.choose(offered)
    with row.container(width="stretch"):
        if isinstance(chosen, Record):
            panels = experiment_panels.panels(chosen, line, place)
        else:
            panels = face_panels.panels(chosen, line, place)
except RecognitionError as error:
    show_error(error)
    st.stop()

for panel, tab in zip(panels.values(), st.tabs(list(panels), key="look", bind="query-params"), strict=True):
    # Only the open panel computes.
    if tab.open:
        with tab, show_errors():
            panel()
st.caption("The address of this page holds everything you set, except camera and uploads: share it and others see the same.")
