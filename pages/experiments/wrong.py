"""The test pictures that a network got wrong, the surest mistakes first."""

from collections.abc import Sequence

import streamlit as st

from pages.components.context import services
from pages.components.text import count, plain
from pages.experiments.pictures import shown, test_pictures
from training.course.experiments.evaluation import Mistake, mistakes
from training.course.experiments.record import Record
from training.course.experiments.store import read_predictions

SHOWN = 24

SIDE = 120
"""Pixels: two cards beside each other on a phone."""


def panel(record: Record) -> None:
    """The mistakes as pictures."""
    predictions = read_predictions(services().settings.storage, record.id)
    found = mistakes(predictions.labels, predictions.probabilities)
    if not found:
        st.success(f"None: all {count(record.test, 'test picture')} are right.", icon=":material/check:")
        return
    st.markdown(
        "The network was surest of these and wrong. Would you have known? Some are drawn badly, some are labelled wrong, and "
        "what the rest have in common is what it has not learned."
    )
    cards(record, found[:SHOWN])
    if len(found) > SHOWN:
        st.caption(f"The {SHOWN} surest of {len(found):,} mistakes on {count(record.test, 'test picture')}.")


def cards(record: Record, found: Sequence[Mistake]) -> None:
    """Each picture with its class and what the network said.

    Raises:
        DataError: the pictures are not here any more.
    """
    images = test_pictures(record).images
    with st.container(horizontal=True):
        for mistake in found:
            with st.container(border=True, width=SIDE + 34):
                picture = shown(images[mistake.index], 4 * SIDE)
                truth, said = (record.classes[label] for label in (mistake.truth, mistake.said))
                st.image(picture, width="stretch", output_format="PNG", alt=f"{truth}, taken for {said}")
                st.markdown(f"**{plain(truth)}**  \ntaken for **{plain(said)}**")
                st.caption(f"{mistake.probability:.0%} sure; {mistake.of_truth:.0%} for {plain(truth)}")
