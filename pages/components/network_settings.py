"""Which network is in use: choosing, downloading, switching."""

from pathlib import Path

import streamlit as st

from pages.components.context import services
from pages.components.text import count, plain
from recognition.errors import RecognitionError
from recognition.networks import NETWORKS, NetworkSpec, is_available
from recognition.networks.base import weights_path
from recognition.networks.download import download
from recognition.networks.facenet import adopt_weights
from recognition.settings import fixed_by_environment, save_settings
from recognition.tasks import Report, TaskState

SWITCH = "switch network"


def show() -> None:
    """One card a network."""
    with st.container(border=True):
        st.subheader(":material/neurology: Network")
        st.caption(
            "The network turns a face into numbers. After a switch, everybody's photos are turned into numbers again; "
            "the old ones are kept, so that switching back is quick."
        )
        if fixed_by_environment("network"):
            st.info(
                "The network is set by the environment variable FAMILIAR_NETWORK.", icon=":material/lock:"
            )
        if problem := st.session_state.pop("settings_error", None):
            st.error(problem, icon=":material/error:")
        for spec in NETWORKS.values():
            _card(spec)
        _follow_switch()


def _card(spec: NetworkSpec) -> None:
    app = services()
    with st.container(border=True):
        text, action = st.columns([4, 1], vertical_alignment="center")
        with text:
            st.markdown(f"**{spec.title}**  \n{spec.description}  \n:small[Licence: {spec.licence}.]")
        with action.container(horizontal_alignment="right"):
            if spec.key == app.settings.network:
                st.badge("In use", icon=":material/check:")
            elif is_available(spec, app.settings.storage):
                st.button(
                    "Use",
                    key=f"use_{spec.key}",
                    on_click=_switch,
                    args=(spec,),
                    disabled=fixed_by_environment("network"),
                )
        if not is_available(spec, app.settings.storage):
            _fetch(spec)


@st.fragment(run_every=0.5)
def _fetch(spec: NetworkSpec) -> None:
    """Download the weights, or take them from a file."""
    app = services()
    assert spec.weights is not None
    name = f"download {spec.key}"
    task = app.tasks.get(name)
    if task and task.state.running:
        st.progress(task.state.fraction, text=task.state.text or "Connecting…")
        st.button("Stop", key=f"stop_{spec.key}", icon=":material/stop:", on_click=task.cancel)
        return
    if task and task.state.status == "done":
        app.tasks.clear(name)
        st.rerun()
    if task and task.state.error:
        st.error(task.state.error, icon=":material/error:")
    if task and task.state.status == "cancelled":
        st.info("Stopped. The next download continues where this one stopped.", icon=":material/stop:")
    st.button(
        "Download", key=f"download_{spec.key}", icon=":material/download:", on_click=_download, args=(spec,)
    )
    with st.expander("Or use a file on this computer"):
        path = st.text_input("Path", key=f"path_{spec.key}", placeholder=f"…/{spec.weights.file_name}")
        if st.button("Use this file", key=f"file_{spec.key}", disabled=not path):
            try:
                adopt_weights(
                    Path(path).expanduser(), spec.weights, weights_path(app.settings.storage, spec.weights)
                )
            except RecognitionError as error:
                st.error(plain(str(error)), icon=":material/error:")
            else:
                st.rerun()


def _download(spec: NetworkSpec) -> None:
    app = services()
    weights = spec.weights
    assert weights is not None
    target = weights_path(app.settings.storage, weights)

    def work(report: Report) -> Path:
        return download(
            weights,
            target,
            lambda here, total: report(here / max(total, 1), f"{here / 1e6:.0f} of {total / 1e6:.0f} MB"),
        )

    app.tasks.start(f"download {spec.key}", work)


def _switch(spec: NetworkSpec) -> None:
    app = services()
    changed = app.settings.model_copy(update={"network": spec.key})

    def work(report: Report) -> int:
        made = app.switch_network(changed, report)
        save_settings(network=spec.key)
        return made

    app.tasks.start(SWITCH, work)


@st.fragment(run_every=0.5)
def _follow_switch() -> None:
    app = services()
    task = app.tasks.get(SWITCH)
    if task is None:
        return
    state: TaskState = task.state
    if state.running:
        st.progress(state.fraction, text=state.text or "Starting…")
        st.button("Stop", icon=":material/stop:", on_click=task.cancel)
        return
    app.tasks.clear(SWITCH)
    if state.status == "done":
        st.session_state["settings_message"] = (
            f"Switched; {count(int(str(state.result)), 'photo')} computed anew."
        )
    elif state.status == "cancelled":
        st.session_state["settings_message"] = "Stopped. The network in use stays; what was computed is kept."
    else:
        st.session_state["settings_error"] = state.error
    st.rerun()
