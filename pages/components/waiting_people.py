"""Enrolled people who can't be named yet, because the network in use has not embedded their photos."""

from collections.abc import Mapping

import streamlit as st

from pages.components.context import services
from pages.components.text import count, plain
from recognition.errors import NetworkError
from recognition.snapshots import TEMPLATES_TASK


def waiting_people() -> Mapping[int, str]:
    """Names, by id, of the people who can't be named yet; nobody where the network can't be loaded at all."""
    try:
        return services().recognizer().index.waiting
    except NetworkError:
        return {}


def show_waiting_people() -> None:
    """Say how many people can't be named yet and how far their photos are; nothing where everybody can."""
    waiting = waiting_people()
    if not waiting:
        return
    task = services().tasks.get(TEMPLATES_TASK)
    if task is not None and task.state.running:
        _follow()
        return
    st.warning(
        f"{count(len(waiting), 'person', 'people')} can't be named: their photos are missing or damaged. "
        "Check the files in the settings, or enroll them again.",
        icon=":material/broken_image:",
    )


@st.fragment(run_every=0.5)
def _follow() -> None:
    """The progress; the page runs again when everybody can be named."""
    task = services().tasks.get(TEMPLATES_TASK)
    waiting = waiting_people()
    if task is None or not task.state.running or not waiting:
        st.rerun()
    st.info(
        f"{count(len(waiting), 'person', 'people')} can't be named yet: the network in use is still reading their photos.",
        icon=":material/hourglass_top:",
    )
    st.progress(task.state.fraction, text=plain(task.state.text) or "Starting…")
