"""What every page needs: the app's services and, for pages with a camera, its session."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from recognition.erasure import Erased
from recognition.services import Services, shared_cameras, shared_services
from recognition.session import CameraSession

Session = TypeVar("Session", bound=CameraSession)


def services() -> Services:
    """The services of this process.

    Raises:
        RecognitionError: they can't be opened; the shell shows why.
    """
    app = shared_services()
    app.erasure.subscribe("the pages", _forget)
    return app


def _forget(_erased: Erased) -> None:
    """Drop what pages have computed and kept: templates, names, networks that learned from whoever was erased."""
    st.cache_data.clear()
    st.cache_resource.clear()


def camera_session(slot: str, kind: type[Session], make: Callable[[], Session]) -> tuple[Session, str]:
    """The camera session of this browser tab in a slot, made anew where it has expired, and a fresh token for it."""
    cameras = shared_cameras()
    session = cameras.sessions.get(st.session_state.get(slot))
    if not isinstance(session, kind):
        session = make()
        st.session_state[slot] = cameras.sessions.open(session)
    return session, cameras.tokens.issue(st.session_state[slot])


def close_camera_session(slot: str) -> None:
    """End the session in a slot, for instance when its photos have been saved."""
    shared_cameras().sessions.close(st.session_state.pop(slot, ""))
