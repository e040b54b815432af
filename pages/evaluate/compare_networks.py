"""Every network on this computer, side by side on the own photos, before switching to one."""

import streamlit as st

from pages.components import network_switch
from pages.components.context import services
from pages.components.panels import show_errors
from pages.components.text import count, plain, show_error
from pages.components.use_tuned import use_button
from pages.evaluate.subject import EvaluatedNetwork, Subject, compared, evaluate_if_seen, titles
from recognition.networks import NetworkSpec, available_networks, load_network
from recognition.networks.base import choose_device
from recognition.settings import fixed_by
from recognition.tasks import Report, TaskState
from training.evaluation.networks import Cost, measure_networks
from training.models import read_model

MEASURE = "compare networks"
"""Name of the background task. Its result, the cost of each network by key, stays there: it is the same for everybody."""

NUMBER = 138
"""Pixels of a number: two beside each other on a phone."""


def panel(subject: Subject) -> None:
    st.markdown(
        "Every network on this computer, asked about your own photos: each photo as if it had not been enrolled, and once more "
        "as a stranger. See what a switch would bring before you make it."
    )
    network_switch.show_outcome()
    network_switch.follow()
    task = services().tasks.get(MEASURE)
    if task is not None and task.state.running:
        _follow()
        return
    specs = titles(available_networks(services().settings.storage))
    state = None if task is None else task.state
    found = state.result if state is not None and isinstance(state.result, dict) else {}
    if state is not None and state.error:
        show_error(state.error)
    in_use = services().settings.network
    networks = {title: evaluate_if_seen(title, spec) for title, spec in specs.items()}
    gallery = services().gallery
    missing = [title for title, spec in specs.items() if spec.key not in found or gallery.photos_without_template(spec.key)]
    if missing:
        st.button(
            f"Measure {count(len(specs), 'network')}",
            type="primary",
            icon=":material/play_arrow:",
            help="Turns the photos into numbers with each network, and times it. The live camera keeps its own.",
            on_click=_start,
            args=(list(specs.values()),),
        )
        st.caption(f"Not measured on all photos yet: {', '.join(plain(title) for title in missing)}.")
    current = next((network for title, network in networks.items() if specs[title].key == in_use), None)
    for title, spec in specs.items():
        measured = networks[title]
        if measured is not None:
            _network(measured, current, found.get(spec.key), subject.min_confidence)
    st.caption(
        f"At a confidence needed of {subject.min_confidence:.0%}, set above. The time is for one face on this computer, as "
        "busy as it was."
    )


def _network(network: EvaluatedNetwork, current: EvaluatedNetwork | None, cost: Cost | None, min_confidence: float) -> None:
    spec = network.spec
    errors = network.evaluation.errors(network.required_score(min_confidence))
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(network.title)}**", width="stretch")
            if spec.key == services().settings.network:
                st.badge("In use", icon=":material/check:")
            else:
                _use(spec)
        with st.container(horizontal=True):
            if errors.probes:
                st.metric("Right names", f"{errors.probes - errors.unrecognised} of {errors.probes}", width=NUMBER)
            if errors.strangers:
                st.metric("Strangers named", f"{errors.named} of {errors.strangers}", width=NUMBER)
            if cost is not None:
                st.metric("Time a face", f"{1000 * cost.seconds:.0f} ms", width=NUMBER)
                st.metric("Size", f"{cost.size / 1e6:.1f} MB", width=NUMBER)
        other = current if current is not None and current.spec.key != spec.key else None
        if other is not None and (text := compared(network, other, min_confidence)) is not None:
            st.caption(text)


def _use(spec: NetworkSpec) -> None:
    if spec.parent is not None:
        with show_errors():
            use_button(read_model(services().settings.storage, spec.key), "Use it")
        return
    fixed = fixed_by("network")
    st.button(
        "Use it",
        key=f"use_{spec.key}",
        icon=":material/videocam:",
        on_click=network_switch.switch,
        args=(spec,),
        disabled=fixed is not None,
        help=f"The network is set by {fixed}." if fixed else None,
    )


def _start(specs: list[NetworkSpec]) -> None:
    app = services()
    gallery, storage, device = app.gallery, app.settings.storage, choose_device(app.settings.device)

    def work(report: Report) -> dict[str, Cost]:
        return measure_networks(gallery, specs, lambda key: load_network(key, storage, device), report)

    app.tasks.start(MEASURE, work)


@st.fragment(run_every=0.5)
def _follow() -> None:
    task = services().tasks.get(MEASURE)
    state: TaskState | None = None if task is None else task.state
    if task is None or state is None or not state.running:
        st.rerun()
    st.progress(state.fraction, text=plain(state.text) or "Starting…")
    st.button("Stop", key="stop_measuring", icon=":material/stop:", on_click=task.cancel)
