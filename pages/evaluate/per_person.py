"""How well each person is recognised."""

import streamlit as st

from pages.components.context import services
from pages.components.panels import maths
from pages.components.thumbnails import thumbnail_url
from pages.evaluate.subject import Subject
from training.evaluation.gallery import NOBODY

WITH_FACES = 200
"""People up to whom the table shows faces: each is a file to read."""

FACE = 56
"""Pixels."""

ALL_AT_ONCE = 20
"""People up to whom the table needs no scroll bar of its evaluation."""

TALL = 700
"""Height of a longer table in pixels."""


def panel(subject: Subject) -> None:
    st.markdown(
        "Everybody at this threshold, the hardest to recognise first. Photos that are unlike a person's others, often blurred "
        "or turned far aside, pull the person down: look at them on the People page, and add better ones."
    )
    evaluation = subject.evaluated.evaluation
    people = evaluation.people(subject.threshold)
    covers = {}
    if len(people) <= WITH_FACES:
        covers = {person.id: person.cover_photo_id for person in services().gallery.people()}
    st.dataframe(
        [
            {
                "face": thumbnail_url(cover, FACE) if (cover := covers.get(person.person_id)) is not None else None,
                "person": evaluation.names[person.person_id],
                "recognised": None if person.recognised is None else person.recognised / person.photos,
                "photos": person.photos,
                "nearest": "" if person.nearest_id == NOBODY else evaluation.names[person.nearest_id],
                "score": None if person.nearest_id == NOBODY else person.nearest_score,
                "lowest": person.lowest,
            }
            for person in people
        ],
        column_config={
            "face": st.column_config.ImageColumn("", width=60) if covers else None,
            "person": st.column_config.TextColumn("Person"),
            "recognised": st.column_config.ProgressColumn(
                "Recognised",
                format="percent",
                min_value=0.0,
                max_value=1.0,
                width=110,
                help="Photos that would get this person's name.",
            ),
            "photos": st.column_config.NumberColumn("Photos", width=70),
            "nearest": st.column_config.TextColumn("Most similar to"),
            "score": st.column_config.NumberColumn("Similarity", format="%.3f", help="Of the photo that comes nearest."),
            "lowest": st.column_config.NumberColumn(
                "Least alike", format="%.3f", help="Similarity of the photo that is least like the person's others."
            ),
        },
        hide_index=True,
        row_height=FACE if covers else None,
        height="content" if len(people) <= ALL_AT_ONCE else TALL,
    )
    if any(person.recognised is None for person in people):
        st.caption("People with one photo have nothing to be compared with. Two more photos each make them count.")
    maths(r"\text{recognised} = \frac{\#\{\text{right name}\}}{\#\{\text{photos}\}}")
