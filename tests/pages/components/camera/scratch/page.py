"""One camera and what it says to its page."""

import streamlit as st

from pages.components.camera import camera
from tests.pages.components.camera.scratch.backend import REGISTRY, TOKENS, MovingFace, QuickRound


def away() -> None:
    st.write("No camera here")


def live() -> None:
    show("live", MovingFace)


def enroll() -> None:
    show("enroll", QuickRound)


def show(kind, make_session) -> None:
    state = st.session_state
    state.runs = state.get("runs", 0) + 1
    if REGISTRY.get(state.get(f"{kind}-session")) is None:
        state[f"{kind}-session"] = REGISTRY.open(make_session())
    session_id = state[f"{kind}-session"]
    seen = camera(key=f"{kind}-camera", token=TOKENS.issue(session_id), kind=kind)
    st.button("Rerun")
    if st.button("End session"):
        REGISTRY.close(session_id)
    if seen.chosen is not None:
        state.chosen = REGISTRY.get(session_id).appearances.row(seen.chosen).name or "Unknown"
    st.text(f"chosen={state.get('chosen')}")
    st.text(f"runs={state.runs} running={seen.running} photos={len(seen.photos)} complete={seen.complete}")


# As in the app.
st.set_page_config(layout="wide")
page = st.navigation([st.Page(live, default=True), st.Page(enroll), st.Page(away)])
page.run()
