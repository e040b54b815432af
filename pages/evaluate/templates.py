"""The templates that an evaluation needs, made in the background where a network has none yet."""

import streamlit as st

from pages.components.context import services
from pages.components.text import count, plain, show_error
from recognition.networks import NetworkSpec, load_network
from recognition.networks.base import choose_device
from recognition.snapshots import complete_templates
from recognition.tasks import Report


def ready(spec: NetworkSpec) -> bool:
    """Whether there is anything to evaluate; offers to make what is missing, and shows how that goes."""
    gallery = services().gallery
    task = services().tasks.get(_task(spec))
    if task is not None:
        _follow(spec)
        return False
    missing = gallery.photos_without_template(spec.key)
    if not missing:
        return True
    some = len(missing) < gallery.counts().photos
    if st.session_state.get(_tried(spec)) == missing:
        st.caption(f"{count(len(missing), 'photo')} without a readable file left out: check the files in the settings.")
        return some
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"{plain(spec.title)} has not seen {count(len(missing), 'enrolled photo')} yet.", width="stretch")
        st.button(
            "Compute",
            key=f"embed_{spec.key}",
            type="primary",
            icon=":material/play_arrow:",
            help="The photos are turned into numbers with this network. The live camera keeps its own.",
            on_click=_start,
            args=(spec,),
        )
    if problem := st.session_state.get(_problem(spec)):
        show_error(problem)
    return some


def _start(spec: NetworkSpec) -> None:
    app = services()
    st.session_state.pop(_problem(spec), None)

    def work(report: Report) -> list[int]:
        report(0.0, "Loading the network")
        network = load_network(spec.key, app.settings.storage, choose_device(app.settings.device))
        complete_templates(app.gallery, network, report)
        return app.gallery.photos_without_template(spec.key)

    app.tasks.start(_task(spec), work)


@st.fragment(run_every=0.5)
def _follow(spec: NetworkSpec) -> None:
    tasks = services().tasks
    task = tasks.get(_task(spec))
    if task is None:
        return
    state = task.state
    if state.running:
        st.progress(state.fraction, text=plain(state.text) or "Starting…")
        st.button("Stop", key=f"stop_embed_{spec.key}", icon=":material/stop:", on_click=task.cancel)
        return
    tasks.clear(_task(spec))
    if state.error:
        st.session_state[_problem(spec)] = state.error
    elif state.status == "done":
        st.session_state[_tried(spec)] = state.result
    st.rerun()


def _task(spec: NetworkSpec) -> str:
    return f"embed {spec.key}"


def _tried(spec: NetworkSpec) -> str:
    return f"evaluate_tried_{spec.key}"


def _problem(spec: NetworkSpec) -> str:
    return f"evaluate_problem_{spec.key}"
