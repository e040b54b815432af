"""Putting another network to use: everybody's photos are embedded with it first, in the background."""

import streamlit as st

from pages.components.context import services
from pages.components.text import count, plain, show_error
from recognition.networks import NetworkSpec
from recognition.settings import fixed_by, save_settings
from recognition.tasks import Report, TaskState

SWITCH = "switch network"


def show_outcome() -> None:
    """Say how the last switch ended, and why no switch is possible where that is so."""
    if message := st.session_state.pop("switch_message", None):
        st.toast(plain(message), icon=":material/check_circle:")
    if fixed := fixed_by("network"):
        st.info(f"The network is set by {fixed}.", icon=":material/lock:")
    if problem := st.session_state.pop("switch_error", None):
        show_error(problem)


def switch(spec: NetworkSpec) -> None:
    """Start a switch; `follow` shows how it goes."""
    app = services()

    def work(report: Report) -> int:
        made = app.switch_network(spec.key, report)
        save_settings(network=spec.key)
        return made

    app.tasks.start(SWITCH, work)


def follow() -> None:
    """The progress of a switch that is going on; the page runs again when it is over."""
    # Looked at again and again only while there is something to see: uploads on the same page suffer from it.
    if services().tasks.get(SWITCH) is not None:
        _follow()


@st.fragment(run_every=0.5)
def _follow() -> None:
    app = services()
    task = app.tasks.get(SWITCH)
    if task is None:
        return
    state: TaskState = task.state
    if state.running:
        st.progress(state.fraction, text=plain(state.text) or "Starting…")
        st.button("Stop", icon=":material/stop:", on_click=task.cancel)
        return
    app.tasks.clear(SWITCH)
    if state.status == "done":
        st.session_state["switch_message"] = f"Switched; {count(int(str(state.result)), 'photo')} computed anew."
    elif state.status == "cancelled":
        st.session_state["switch_message"] = "Stopped. The network in use stays; what was computed is kept."
    else:
        st.session_state["switch_error"] = state.error
    st.rerun()
