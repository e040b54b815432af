"""Where a training begins: what there is to learn from, how to train, and how the last one went."""

from collections.abc import Sequence

import streamlit as st

from pages.components import jobs
from pages.components.context import services
from pages.components.jobs import board
from pages.components.panels import show_errors
from pages.components.text import plain
from pages.train import choices
from pages.train.data import enough, show_data
from pages.train.history import curves
from pages.train.models import open_result
from pages.train.preview import preview
from recognition.errors import RecognitionError
from training.faces.settings import FitSettings
from training.jobs import Job
from training.loop.observer import EpochRecord
from training.models import read_model

STAGES = jobs.Stages("Reading the photos…", "Comparing with the untuned network…")


def show() -> None:
    """The training that is going on, or the inputs for a new one."""
    job = board().latest(FitSettings)
    if job is not None and not job.ended:
        # Whoever watches is led to the result.
        st.session_state["watched_job"] = job.id
        jobs.running(job.id, _curves, STAGES)
        return
    if job is not None:
        _ended(job)
        if others := [
            other for other in board().list(FitSettings) if other.id != job.id and other.ended and other.status != "done"
        ]:
            jobs.earlier(others)
    st.markdown(
        "Fine-tuning shows a pretrained network your people's faces, over and over and changed at random, until it tells "
        "them apart better: a few photos are enough, because it has learned from millions of faces what matters."
    )
    if enough():
        _inputs()


def _ended(job: Job) -> None:
    if job.status != "done":
        jobs.stopped(job, _curves)
        return
    if job.model is None:
        return
    try:
        model = read_model(services().settings.storage, job.model)
    except RecognitionError:
        # Deleted since: nothing to tell.
        return
    if st.session_state.pop("watched_job", None) == job.id:
        open_result(model.manifest.name)
        st.rerun()
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/check_circle: The last training made **{plain(model.manifest.name)}**.", width="content")
        st.button("See what it gained", icon=":material/monitoring:", on_click=open_result, args=(model.manifest.name,))


def _curves(history: Sequence[EpochRecord], epochs: int) -> None:
    curves(history, epochs=epochs)


def _inputs() -> None:
    data = st.container()
    with show_errors():
        choice = choices.choose(preview)
        with data:
            can_evaluate = show_data(choice.settings)
        choice.place.text_input(
            "Name of the new model",
            key="train_name",
            persist_state="session",
            max_chars=80,
            placeholder="Optional",
            help="Without one it is called by its network, the day and the number of people.",
            width=480,
        )
        choice.place.button(
            "Train",
            type="primary",
            icon=":material/play_arrow:",
            key="start_training",
            disabled=not (choice.ready and can_evaluate),
            on_click=_start,
        )


def _start() -> None:
    try:
        board().start(choices.chosen(), st.session_state["train_name"].strip() or None)
    except RecognitionError as error:
        jobs.keep_problem(error)
