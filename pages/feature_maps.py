"""Feature maps: what the network makes of a face, layer by layer, still or live."""

import streamlit as st

from pages.components.panels import bound, show_errors
from pages.components.text import show_error
from pages.feature_maps import before_after, depth, kernels, live_face, maps, network, receptive_field, why
from pages.feature_maps.subject import CAMERA, PHOTO, SAMPLE, UPLOAD, choose_face, choose_subject
from recognition.errors import RecognitionError

OF_THE_NETWORK = {"Network": network.panel, "Kernels": kernels.panel}
OF_THE_FACE = {
    "Maps": maps.panel,
    "Receptive field": receptive_field.panel,
    "First to last": depth.panel,
    "Why this name?": why.panel,
    "Before and after": before_after.panel,
}
PANELS = ("Network", "Maps", "Kernels", "Receptive field", "First to last", "Why this name?", "Before and after")

st.title("Feature maps")
source = st.segmented_control(
    "Face",
    [SAMPLE, CAMERA, PHOTO, UPLOAD],
    default=SAMPLE,
    required=True,
    label_visibility="collapsed",
    **bound("source"),
)
face = None
still = source != CAMERA
if still:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        face = choose_face(source)
# Not columns: one of a fifth of the page is narrower than the picture on a small screen.
row = st.container(horizontal=True, gap="medium")
if still and face is not None:
    row.container(width=150).image(face.crop, width=150, caption="NASA, public domain" if source == SAMPLE else None)
try:
    with row.container(width="stretch"):
        subject = choose_subject()
except RecognitionError as error:
    show_error(error)
    st.stop()
if not still:
    face = live_face.source(subject)

for name, tab in zip(PANELS, st.tabs(list(PANELS), key="look", bind="query-params"), strict=True):
    # Only the open panel computes.
    if not tab.open:
        continue
    with tab, show_errors():
        if name in OF_THE_NETWORK:
            OF_THE_NETWORK[name](subject)
        elif face is not None:
            OF_THE_FACE[name](subject, face)
        else:
            st.info("Choose a face above first.", icon=":material/face:")
st.caption("The address of this page holds everything you set, except camera and uploads: share it and others see the same.")
