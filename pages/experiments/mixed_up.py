"""Which classes are taken for which, and which are recognised least."""

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from pages.components.confusion import CLICKED, confusion_chart, name_axis
from pages.components.context import services
from pages.components.curves import BEST, VALIDATION
from pages.components.text import count, plain
from pages.experiments import wrong
from pages.experiments.pictures import shown, test_pictures
from training.course.experiments.evaluation import by_class, confusion, mistakes, said
from training.course.experiments.record import Record
from training.course.experiments.store import Predictions, read_predictions

ALL_UP_TO = 20
"""Classes up to which all are in the matrix."""

SHOWN, WORST = 24, 8
"""Pictures of a cell, and pairs of classes that are named."""

RIGHT_SIDE = 72
"""Pixels: four beside each other on a phone."""

WHISKER = "#6a7773"
"""Seen on the bars, on light and on dark."""


def matrix(record: Record) -> None:
    """The confusion matrix, and the pictures of the cell that was clicked."""
    predictions = read_predictions(services().settings.storage, record.id)
    counts = confusion(predictions.labels, predictions.probabilities)
    classes = np.arange(len(record.classes))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.markdown("Each row is a class, each column what it was taken for. **Click a cell** to see its pictures.")
        if len(classes) > ALL_UP_TO:
            wrong_only = counts * (1 - np.eye(len(classes), dtype=np.int64))
            most = np.argsort(-(wrong_only.sum(axis=0) + wrong_only.sum(axis=1)), kind="stable")[:ALL_UP_TO]
            classes = np.sort(most)
            st.caption(f"The {ALL_UP_TO} of {len(record.classes)} classes that are mixed up most.")
        names = [record.classes[number] for number in classes]
        chart = confusion_chart(counts[np.ix_(classes, classes)], names, "Pictures")
        event = st.altair_chart(
            chart, width="stretch", key=f"matrix_{record.id}", on_select="rerun", selection_mode=CLICKED, alt="Confusion matrix"
        )
    with right:
        clicked = event["selection"].get(CLICKED) if event else None
        if clicked:
            _cell(record, predictions, record.classes.index(clicked[0]["Truth"]), record.classes.index(clicked[0]["Guess"]))
        else:
            _worst(record, counts)


def _cell(record: Record, predictions: Predictions, truth: int, guess: int) -> None:
    """The pictures of one cell."""
    if truth != guess:
        every = mistakes(predictions.labels, predictions.probabilities)
        found = [mistake for mistake in every if (mistake.truth, mistake.said) == (truth, guess)]
        st.markdown(
            f"**{plain(record.classes[truth])}** taken for **{plain(record.classes[guess])}**: {count(len(found), 'picture')}"
        )
        wrong.cards(record, found[:SHOWN])
        return
    answers = said(predictions.probabilities)
    rows = np.flatnonzero((predictions.labels == truth) & (answers == truth))
    # The least sure first: they say more than those that are easy.
    rows = rows[np.argsort(predictions.probabilities[rows, truth], kind="stable")]
    st.markdown(f"**{plain(record.classes[truth])}**, right: {count(len(rows), 'picture')}, the least sure first")
    images = test_pictures(record).images
    with st.container(horizontal=True):
        for row in rows[:SHOWN]:
            with st.container(width=RIGHT_SIDE):
                st.image(shown(images[row], 2 * RIGHT_SIDE), width="stretch", output_format="PNG")
                st.caption(f"{predictions.probabilities[row, truth]:.0%}")


def _worst(record: Record, counts: np.ndarray) -> None:
    """The pairs that are mixed up most, in words."""
    pairs = [
        (int(counts[truth, guess]), truth, guess) for truth, guess in zip(*np.nonzero(counts), strict=True) if truth != guess
    ]
    if not pairs:
        st.success("No class is taken for another.", icon=":material/check:")
        return
    lines = [
        f"- {plain(record.classes[truth])} taken for {plain(record.classes[guess])}: {number}"
        for number, truth, guess in sorted(pairs, key=lambda pair: -pair[0])[:WORST]
    ]
    st.markdown("\n".join(["**Mixed up most**", "", *lines]))


def bars(record: Record) -> None:
    """The accuracy of each class."""
    predictions = read_predictions(services().settings.storage, record.id)
    found = by_class(confusion(predictions.labels, predictions.probabilities))
    st.markdown(
        "How many test pictures of each class are right (its recall), worst first. The line is the 95 % interval: with few "
        "pictures of a class it is wide, and a short bar may be chance."
    )
    frame = pd.DataFrame(
        [
            {
                "Class": name,
                "Accuracy": accuracy.share,
                "Low": accuracy.interval[0],
                "High": accuracy.interval[1],
                "Pictures": f"{accuracy.right} of {accuracy.count}",
            }
            for name, accuracy in zip(record.classes, found, strict=True)
            if accuracy is not None
        ]
    ).sort_values(["Accuracy", "Class"])
    order = frame["Class"].tolist()
    base = alt.Chart(frame).encode(y=alt.Y("Class:N", sort=order, axis=name_axis(None)))
    percent = alt.Axis(format="%")
    bars = base.mark_bar(cornerRadiusEnd=3, opacity=0.75).encode(
        x=alt.X("Accuracy:Q", title="Accuracy", scale=alt.Scale(domain=[0, 1]), axis=percent),
        color=alt.condition("datum.Accuracy < 1", alt.value(BEST), alt.value(VALIDATION)),
        tooltip=["Class", alt.Tooltip("Accuracy:Q", format=".1%"), "Pictures"],
    )
    whiskers = base.mark_rule(strokeWidth=2, color=WHISKER).encode(x="Low:Q", x2="High:Q")
    st.altair_chart(
        (bars + whiskers).properties(height=max(140, 26 * len(frame) + 60)), width="stretch", alt="Accuracy by class"
    )
    if missing := len(record.classes) - len(frame):
        st.caption(f"{count(missing, 'class has', 'classes have')} no test picture.")
