"""Networks of experiments, and the pictures they look at: one of their own test pictures, an upload, a snapshot."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from pages.components.context import services
from pages.components.panels import bound, inputs, show_errors
from pages.feature_maps.subject import Shown
from recognition.inspection.layers import Summary
from recognition.inspection.views import summary_of
from recognition.pictures import read_picture
from training.course.data.loading import load_split
from training.course.data.pictures import Pictures, PictureSet
from training.course.experiments.initial import load_start
from training.course.experiments.inspection import InspectedClassifier, as_rgb
from training.course.experiments.record import Record
from training.course.experiments.store import load_classifier, read_experiment
from training.faces.dataset import from_gallery
from training.jobs.enrolled import faces_as_pictures

TEST, SNAPSHOT, UPLOAD = "Test picture", "Camera", "Upload"
SOURCES = (TEST, SNAPSHOT, UPLOAD)
KINDS = ["jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff"]


@dataclass(frozen=True, eq=False)
class Sample(Shown):
    """What the network sees, of its own size; `label` names the class where it is known."""

    label: str | None = None


def load(record: Record) -> InspectedClassifier:
    """The trained network.

    Raises:
        TrainingError: it was deleted just now.
        CheckpointError, NetworkError: it can't be loaded.
    """
    return _loaded(str(services().settings.storage), record.id)


@st.cache_resource(max_entries=3, show_spinner="Loading the network")
def _loaded(storage: str, experiment: str) -> InspectedClassifier:
    return InspectedClassifier(load_classifier(Path(storage), experiment))


def load_before(record: Record) -> InspectedClassifier:
    """What it was before: the network it was made from, or the untrained one.

    Raises:
        TrainingError, CheckpointError, NetworkError: that isn't here any more.
    """
    return _loaded_before(str(services().settings.storage), record.id)


@st.cache_resource(max_entries=1, show_spinner="Making the untrained network again")
def _loaded_before(storage: str, experiment: str) -> InspectedClassifier:
    return InspectedClassifier(load_start(read_experiment(Path(storage), experiment), Path(storage)))


@st.cache_resource(max_entries=8, show_spinner=False)
def summary(_network: InspectedClassifier, experiment: str) -> Summary:  # noqa: ARG001  # tells the networks apart
    """The network's layers."""
    return summary_of(_network)


def choose_sample(source: str, record: Record, network: InspectedClassifier) -> Sample | None:
    """The inputs of a source and the picture they give; None, with a sentence, while there is none."""
    with show_errors():
        if source == TEST:
            return _test_picture(record, network)
        if source == UPLOAD:
            given = st.file_uploader("A picture", type=KINDS, key="look_picture")
        else:
            given = st.camera_input("A snapshot", key="look_snapshot", width=400)
        if given is None:
            st.caption("It is looked at in memory and not stored, and is the one thing that the address can't share.")
            return None
        return Sample(network.seen(read_picture(given.getvalue(), given.name)))
    return None


def _test_picture(record: Record, network: InspectedClassifier) -> Sample:
    """One of the pictures that the experiment was tested on, by class and number."""
    names, pictures = _test_pictures(str(services().settings.storage), record.id)
    counts = {name: count for name, count in zip(names, pictures.counts(len(names)), strict=True) if count}
    if st.session_state.get("class") not in counts:
        st.session_state.pop("class", None)
    with inputs():
        name = st.selectbox("Class", list(counts), width=200, **bound("class"))
        st.session_state["number"] = min(max(st.session_state.get("number", 1), 1), counts[name])
        number = 1
        if counts[name] > 1:
            number = int(st.number_input(f"Picture, 1 to {counts[name]}", 1, counts[name], width=150, **bound("number")))
    row = np.flatnonzero(pictures.labels == names.index(name))[number - 1]
    return Sample(network.seen(as_rgb(pictures.images[row])), name)


@st.cache_resource(max_entries=2, show_spinner="Reading the test pictures")
def _test_pictures(storage: str, experiment: str) -> tuple[tuple[str, ...], Pictures]:
    """With the names of the classes: the data set may have changed since the experiment."""
    recipe = read_experiment(Path(storage), experiment).recipe
    split = load_split(recipe.data, recipe.split, Path(storage), _enrolled)
    return split.classes, split.test


def _enrolled() -> PictureSet:
    return faces_as_pictures(from_gallery(services().gallery))
