"""Where a compression begins: what is compressed and how, or how far the one that is going on has come."""

import streamlit as st

from pages.components.context import services
from pages.components.keyed import choose_key
from pages.components.panels import bound, inputs
from pages.compression import progress
from pages.compression.choices import choose
from recognition.errors import RecognitionError
from recognition.networks import available_networks
from recognition.networks.tuned import is_key, read_manifest
from recognition.networks.variants import Exported
from training.compression.settings import (
    EXPERIMENT_METHODS,
    FACE_METHODS,
    CompressionSettings,
    ExperimentSubject,
    FaceSubject,
    Subject,
)
from training.course.experiments.recipe import PerceptronNetwork
from training.course.experiments.store import list_experiments
from training.jobs import board_of

EXPERIMENT, FACES = "An experiment", "A face network"


def panel() -> None:
    """The compression that is going on, or the inputs for a new one."""
    board = board_of(services())
    job = board.latest(CompressionSettings)
    if job is not None and not job.ended:
        st.session_state["watched_compression"] = job.id
        progress.running(job.id)
        return
    if job is not None:
        if job.status == "done" and st.session_state.pop("watched_compression", None) == job.id:
            st.session_state["compression_go"] = job.model
            st.rerun()
        progress.ended(job)
    st.markdown(
        "A trained network is larger than it has to be. Prune it, teach a smaller one, or round its numbers, and see what each "
        "costs: all are measured side by side."
    )
    _inputs()


def _inputs() -> None:
    with inputs():
        what = st.segmented_control("What", [EXPERIMENT, FACES], default=EXPERIMENT, required=True, **bound("what"))
        subject = _experiment() if what == EXPERIMENT else _face_network()
    if subject is None:
        return
    settings = choose(subject, EXPERIMENT_METHODS if what == EXPERIMENT else FACE_METHODS)
    st.button(
        "Compress",
        type="primary",
        icon=":material/compress:",
        key="start_compression",
        disabled=settings is None,
        on_click=_start,
        args=(settings,),
    )


def _experiment() -> Subject | None:
    storage = services().settings.storage
    records = {record.id: record for record in list_experiments(storage) if not isinstance(record.network, PerceptronNetwork)}
    if not records:
        st.info("There is no experiment yet. Train a network first.", icon=":material/science:")
        st.page_link("experiments.py", label="To the experiments", icon=":material/science:")
        return None
    titles = {key: f"{record.name} ({record.test_accuracy:.1%})" for key, record in records.items()}
    key = choose_key("Experiment", titles, next(iter(titles)), "experiment", width=420)
    return ExperimentSubject(experiment=key)


def _face_network() -> Subject | None:
    storage = services().settings.storage
    titles = {
        spec.key: spec.title
        for spec in available_networks(storage)
        if not (is_key(spec.key) and isinstance(read_manifest(storage, spec.key).architecture, Exported))
    }
    key = choose_key("Network", titles, next(iter(titles)), "network", width=420)
    people = sum(person.photo_count > 1 for person in services().gallery.people())
    if people < 2:
        st.info(
            "A face network is measured on the people enrolled: enroll two of them, with a few photos each.",
            icon=":material/person_add:",
        )
        return None
    return FaceSubject(network=key)


def _start(settings: CompressionSettings) -> None:
    try:
        board_of(services()).start(settings)
    except RecognitionError as error:
        st.session_state["compression_error"] = str(error)
