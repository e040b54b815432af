"""The live camera: who is in view, who was, and who the unknown ones are."""

import streamlit as st

from pages.components.camera import camera
from pages.components.context import camera_session, services
from pages.components.text import plain
from pages.live import who
from recognition.live.naming import LiveRecognition

STAGES = {"detect": "Finding and following faces", "embed": "Embedding", "identify": "Naming"}


def show(min_confidence: float) -> None:
    """The camera and its list of visits; a click on an unknown face asks who it is, one on a known face opens their page."""
    session, token = camera_session(
        "live_session", LiveRecognition, lambda: LiveRecognition(services().recognizer, min_confidence)
    )
    session.min_confidence = min_confidence
    chosen = camera(key="live_camera", token=token, kind="live").chosen
    if message := st.session_state.pop("live_message", None):
        st.toast(plain(message), icon=":material/check_circle:")
    if chosen is not None:
        _open(session, chosen)
    # What nobody sees is not drawn: that would cost the camera frames.
    how_fast = st.expander("How fast", icon=":material/speed:", key="how_fast", on_change="rerun")
    if how_fast.open:
        with how_fast:
            _speed(session)


def _open(session: LiveRecognition, chosen: int) -> None:
    row = session.appearances.row(chosen)
    if row is None:
        st.toast("This face is not in the list any more.", icon=":material/person_off:")
    elif row.person_id is not None:
        st.switch_page("people.py", query_params={"person": str(row.person_id)})
    else:
        who.ask(session, chosen)


@st.fragment(run_every=1.0)
def _speed(session: LiveRecognition) -> None:
    timings = session.timings.values
    if timings:
        st.table(
            {
                "Stage": list(STAGES.values()),
                "ms a frame": [f"{timings.get(stage, 0.0):.1f}" for stage in STAGES],
            },
            border="horizontal",
            hide_index=True,
        )
    st.caption("Mean of the last frames on the server. Frames a second and the whole way there and back are below the picture.")
