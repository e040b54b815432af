"""Looking into the network of an experiment."""

from collections.abc import Callable
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.text import plain
from pages.feature_maps import before_after, depth, kernels, maps, network, receptive_field, why_class
from pages.feature_maps.experiment import SOURCES, Sample, choose_sample, load, summary
from pages.feature_maps.subject import Panel, Subject, choose_source, choose_subject
from recognition.inspection.views import large
from training.course.experiments.inspection import InspectedClassifier
from training.course.experiments.record import Record


def panels(record: Record, line: DeltaGenerator, place: DeltaGenerator) -> dict[str, Panel]:
    """The inputs and, by title, the panels.

    Args:
        record: of the experiment.
        line: where the source of the picture is chosen.
        place: where the picture is shown.

    Raises:
        TrainingError, CheckpointError, NetworkError: the network can't be loaded.
    """
    loaded = load(record)
    with line:
        source = choose_source(SOURCES)
    sample = choose_sample(source, record, loaded)
    if sample is not None:
        best = loaded.guesses(sample.crop)[0]
        caption = f"Taken for {plain(best.name)} ({best.probability:.0%})"
        place.image(large(sample.crop, 150), width=150, caption=caption, output_format="PNG")
    subject = choose_subject(loaded, summary(loaded, record.id))

    def of_sample(panel: Callable[[Subject[InspectedClassifier], Sample], None]) -> Panel:
        return _ask_for_picture if sample is None else partial(panel, subject, sample)

    return {
        "Network": partial(network.panel, subject),
        "Maps": of_sample(maps.panel),
        "Kernels": partial(kernels.panel, subject, loaded.classes),
        "Receptive field": of_sample(receptive_field.panel),
        "First to last": of_sample(depth.of_sample),
        "Why this class?": of_sample(why_class.panel),
        "Before and after": of_sample(partial(before_after.of_sample, record)),
    }


def _ask_for_picture() -> None:
    st.info("Choose a picture above first.", icon=":material/image:")
