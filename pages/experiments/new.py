"""A new experiment: its pictures, its network, how it learns; then the training as it goes on."""

import streamlit as st

from pages.components import jobs
from pages.components.context import services
from pages.components.jobs import board
from pages.components.panels import show_errors
from pages.components.text import duration
from pages.experiments import learning
from pages.experiments.augmentation import choose_changes, preview
from pages.experiments.curves import curves
from pages.experiments.data import choose_data, show_data
from pages.experiments.network import choose_network, show_layers
from pages.experiments.pictures import split_of
from pages.experiments.results import open_result
from pages.experiments.samples import samples
from recognition.errors import RecognitionError
from recognition.inspection.errors import FitError
from training.course.data.pictures import Split
from training.course.experiments.catalogue import default_name
from training.course.experiments.recipe import NetworkChoice, PerceptronNetwork, Recipe, TrainingChoice
from training.course.experiments.sketch import Sketch, seconds, sketch, suggested
from training.jobs import Job

ROWS = 9
"""Of the table of layers: what fits into the first screen."""

STAGES = jobs.Stages("Reading the pictures…", "Measuring the best epoch's network…")


def panel() -> None:
    """The training that is going on, or the inputs for a new one."""
    job = board().latest(Recipe)
    if job is not None and not job.ended:
        # Whoever watches is led to the result.
        st.session_state["watched_experiment"] = job.id
        jobs.running(job.id, curves, STAGES)
        return
    if job is not None:
        _ended(job)
    _inputs()


def _ended(job: Job) -> None:
    """Where the last one led to, or why it stopped."""
    watched = st.session_state.pop("watched_experiment", None) == job.id
    if job.status != "done":
        jobs.stopped(job, curves)
    elif watched and job.model is not None:
        open_result(job.model)
        st.rerun()
    others = [other for other in board().list(Recipe) if other.id != job.id]
    if others := [other for other in others if other.ended and other.status != "done"]:
        jobs.earlier(others)


def _inputs() -> None:
    """One screen: pictures, network and training beside each other; what few need is folded away below."""
    data = choose_data()
    pictures_place, network_place, training_place = st.columns([10, 11, 9], gap="small")
    every_picture = st.expander("All pictures: classes, balance, duplicates", icon=":material/grid_view:", on_change="rerun")
    augmentation = st.expander("Augmentation: pictures changed at random", icon=":material/auto_awesome:")
    learning_place = st.expander("Learning: loss, optimiser, weight decay, early stopping", icon=":material/trending_down:")
    parts = st.expander("Training, validation and test pictures, seed", icon=":material/call_split:")
    with every_picture:
        if every_picture.open:
            show_data(data)
        learning.choose_balance()
    with show_errors():
        with parts:
            settings = learning.choose_split()
        split = split_of(data, settings)
        with pictures_place.container(border=True):
            st.subheader(":material/photo_library: Pictures")
            samples(split)
        with network_place.container(border=True):
            st.subheader(":material/account_tree: Network")
            network, found = _network(split)
        usual = suggested(network, len(split.train)) if network else TrainingChoice()
        with augmentation:
            changes = choose_changes()
            if changes.any:
                preview(split.train, changes)
        fixed_rule = isinstance(network, PerceptronNetwork)
        with learning_place:
            learning.choose_regularisation(usual, fixed_rule)
        with training_place.container(border=True):
            st.subheader(":material/model_training: Training")
            learning.choose_steps(usual, fixed_rule)
            training = learning.chosen(usual, changes)
            if network is None or found is None:
                st.button("Train", type="primary", icon=":material/play_arrow:", disabled=True, width="stretch")
            else:
                recipe = Recipe(data=data, split=settings, network=network, training=training)
                _start(recipe, split, seconds(found, network, training, len(split.train)))


def _network(split: Split) -> tuple[NetworkChoice | None, Sketch | None]:
    """What was chosen and what it is made of; nothing where it can't be trained on these pictures, which is said."""
    top, below = st.container(), st.container()
    with top, show_errors():
        network = choose_network(below)
        if network is None:
            return None, None
        try:
            found = sketch(network, split.shape, len(split.classes), services().settings.storage)
        except FitError as error:
            height, width, _ = split.shape
            raise FitError(f"This network is too deep for pictures of {height}×{width}. {error}") from error
        show_layers(network, found, ROWS)
        return network, found
    return None, None


def _start(recipe: Recipe, split: Split, about: float) -> None:
    """The button, and what it will do."""
    name = st.text_input(
        "Name",
        key="experiment_name",
        persist_state="session",
        max_chars=80,
        placeholder=default_name(recipe, split.title),
        help="Optional. Without one it is called by its pictures and its network.",
    )
    if st.button("Train", type="primary", icon=":material/play_arrow:", key="train_experiment", width="stretch"):
        try:
            board().start(recipe, name.strip() or default_name(recipe, split.title))
        except RecognitionError as error:
            jobs.keep_problem(error)
        st.rerun()
    st.caption(
        f"Learns from {len(split.train):,} pictures, {len(split.validation):,} choose the best epoch, {len(split.test):,} are "
        f"the test. Takes about {duration(about)} on two cores; you can close the page meanwhile."
    )
    st.caption("The address holds everything you set here: share it and others see the same.")
