"""How similar photos are to their own people and to others, and the faces on both sides of the threshold."""

from collections.abc import Sequence

import streamlit as st

from pages.components.hills import Hills, show_hills
from pages.components.panels import maths
from pages.components.text import plain
from pages.components.thumbnails import thumbnail_url
from pages.evaluate.subject import Subject
from training.evaluation.gallery import NOBODY, Errors, GalleryEvaluation, PhotoScore

BESIDE = 3
"""Faces of a kind on each side of the line."""

FACE = 104
"""Pixels: three beside each other on a phone."""


def panel(subject: Subject) -> None:
    st.markdown(
        "For each photo, how similar it is to its own person and to the most similar other one. The further the two hills are "
        "apart, the easier it is to put the line between them: right of it a face gets a name, left of it none."
    )
    show_hills(
        [
            Hills(
                evaluated.title,
                evaluated.evaluation.genuine,
                evaluated.evaluation.strangers,
                evaluated.required_score(subject.min_confidence),
            )
            for evaluated in subject.networks
        ]
    )
    _beside(subject)
    _rates(subject.evaluated.evaluation.errors(subject.threshold))
    maths(
        r"\text{FNMR} = \frac{\#\{\text{same person}, s < t\}}{\#\{\text{same person}\}}",
        r"\text{FMR} = \frac{\#\{\text{two people}, s \geq t\}}{\#\{\text{two people}\}}",
        r"\text{TPIR} = \frac{\#\{\text{right name}, s \geq t\}}{\#\{\text{enrolled}\}}",
        r"\text{FPIR} = \frac{\#\{\text{any name}, s \geq t\}}{\#\{\text{strangers}\}}",
    )


def _beside(subject: Subject) -> None:
    """The faces that a small move of the slider would decide otherwise, nearest to the line first."""
    evaluation = subject.evaluated.evaluation
    found = evaluation.beside(subject.threshold, BESIDE)
    left, right = st.columns(2, gap="medium", border=True)
    with left:
        st.markdown(":material/west: **Left of the line: no name**")
        _faces("Not recognised, though enrolled", found.unrecognised, subject, evaluation)
        _faces("Strangers, rightly unknown", found.unknown, subject, evaluation, other=True)
    with right:
        st.markdown("**Right of the line: a name** :material/east:")
        _faces("Recognised", found.recognised, subject, evaluation)
        _faces("Strangers who get a name", found.named, subject, evaluation, other=True)
    st.caption(
        "The faces nearest to the line, with the confidence of each: put the slider there and it changes sides. A stranger is "
        "a photo compared with everybody but its own person."
    )


def _faces(
    title: str, photos: Sequence[PhotoScore], subject: Subject, evaluation: GalleryEvaluation, *, other: bool = False
) -> None:
    st.caption(f"{title}{'' if photos else ': nobody'}")
    calibration = subject.evaluated.spec.calibration
    with st.container(horizontal=True, gap="small"):
        for photo in photos:
            name = evaluation.names[photo.other_id if other and photo.other_id != NOBODY else photo.person_id]
            with st.container(width=FACE, gap=None):
                if (url := thumbnail_url(photo.photo_id, FACE)) is not None:
                    st.image(url, width="stretch", alt=evaluation.names[photo.person_id])
                st.caption(f"**{calibration.confidence(photo.score):.0%}** {'as ' if other else ''}{plain(name)}")


def _rates(errors: Errors) -> None:
    rates = {}
    if errors.probes:
        rates["Own refused"] = (
            errors.fnmr,
            "FNMR, false non-match rate: comparisons with the own person below the line.",
        )
    if errors.strangers:
        rates["Others accepted"] = (errors.fmr, "FMR, false match rate: comparisons with another person right of it.")
    if errors.probes:
        rates["Right names"] = (
            errors.tpir,
            "TPIR, true-positive identification rate: photos that get their own person's name.",
        )
    if errors.strangers:
        rates["Strangers named"] = (errors.fpir, "FPIR, false-positive identification rate: strangers that get any name.")
    with st.container(horizontal=True):
        for name, (value, meaning) in rates.items():
            st.metric(name, f"{value:.2%}", border=True, width=170, help=meaning)
