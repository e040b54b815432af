"""Looking into the network of an experiment."""

from collections.abc import Callable
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.feature_maps import before_after, kernels, layers, maps, why_class
from pages.feature_maps.experiment import SOURCES, Sample, choose_sample, load, summary
from pages.feature_maps.subject import Panel, Subject, choose_source
from recognition.inspection.people import Answer
from training.course.experiments.inspection import InspectedClassifier
from training.course.experiments.record import Record

SHARES = 3
"""Classes at the end of the network."""


def panels(record: Record, line: DeltaGenerator) -> dict[str, Panel]:
    """The inputs and, by title, the panels.

    Args:
        record: of the experiment.
        line: where the source of the picture is chosen.

    Raises:
        TrainingError, CheckpointError, NetworkError: the network can't be loaded.
    """
    loaded = load(record)
    with line:
        source = choose_source(SOURCES)
    sample = choose_sample(source, record, loaded)
    subject = Subject(loaded, summary(loaded, record.id))

    def of_sample(panel: Callable[[Subject[InspectedClassifier], Sample], None]) -> Panel:
        return _ask_for_picture if sample is None else partial(panel, subject, sample)

    return {
        "Maps": of_sample(_maps),
        "Kernels": partial(kernels.panel, subject, loaded.classes),
        "Why this class?": of_sample(why_class.panel),
        "Before and after": of_sample(partial(before_after.of_sample, record)),
        "Layers": partial(layers.panel, subject),
    }


def _maps(subject: Subject[InspectedClassifier], sample: Sample) -> None:
    guesses = subject.network.guesses(sample.crop)[:SHARES]
    right = "" if sample.label is None else f"It is {sample.label}."
    answer = Answer(guesses[0].name, tuple((guess.name, guess.probability) for guess in guesses), right)
    maps.panel(subject, sample, answer)


def _ask_for_picture() -> None:
    st.info("Choose a picture above first.", icon=":material/image:")
