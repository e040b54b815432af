"""Evaluate: how well a network tells the enrolled people apart, by their own photos."""

import streamlit as st

from pages.components.context import services
from pages.components.panels import show_errors
from pages.components.text import show_error
from pages.evaluate import compare_networks, curves, mixed_up, per_person, similarities
from pages.evaluate.subject import choose
from recognition.errors import RecognitionError

PANELS = {
    "Similarities": similarities.panel,
    "Curves": curves.panel,
    "Mixed up": mixed_up.panel,
    "People": per_person.panel,
    "Compare networks": compare_networks.panel,
}

st.title("Evaluate")
counts = services().gallery.counts()
if not counts.people:
    with st.container(border=True):
        st.subheader(":material/group_off: Nobody is enrolled yet")
        st.markdown("Enroll two people or more; then you see here how well the network tells them apart.")
        st.page_link("enroll.py", label="Enroll a face", icon=":material/person_add:")
    st.stop()

st.markdown(
    "Every enrolled photo is compared with everybody as if it had not been enrolled itself. That shows what to expect of the "
    "live camera, and where to put the threshold."
)
try:
    subject = choose()
except RecognitionError as error:
    show_error(error)
    st.stop()
if subject is None:
    st.stop()
if counts.people == 1:
    st.info("With one person there is nobody to be mixed up with. Enroll a second one.", icon=":material/person_add:")
elif counts.photos == counts.people:
    st.info(
        "Everybody has one photo, and a photo can't be compared with itself. Add photos to see who is recognised.",
        icon=":material/add_a_photo:",
    )

for tab, panel in zip(st.tabs(list(PANELS), key="evaluate", bind="query-params"), PANELS.values(), strict=True):
    # Only the open panel computes.
    if tab.open:
        with tab, show_errors():
            panel(subject)
