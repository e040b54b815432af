"""Who is taken for whom."""

import streamlit as st

from pages.components.panels import maths
from pages.components.text import count, plain
from pages.components.thumbnails import thumbnail_url
from pages.evaluate.subject import Subject
from training.evaluation.gallery import ConfusedPair

MOST = 12

FACE, CARD = 112, 252
"""Pixels: of a face as it is sent, and of a card of two, one a row on a phone."""


def panel(subject: Subject) -> None:
    st.markdown(
        "The people who come nearest to each other, and of each pair the two photos that are most alike. A pair above the "
        "threshold is worth a look: the same person enrolled twice, a photo under the wrong name, or real look-alikes."
    )
    evaluation = subject.evaluated.evaluation
    pairs = evaluation.confused_pairs(subject.evaluated.templates, subject.threshold, MOST)
    if not pairs:
        st.info("With one person there is nobody to be mixed up with.", icon=":material/person_add:")
        return
    with st.container(horizontal=True):
        for pair in pairs:
            _card(pair, subject)
    if len(pairs) == MOST:
        st.caption(f"The {MOST} nearest pairs.")
    maths(r"s = \cos(e, \bar t_{\text{other}})")


def _card(pair: ConfusedPair, subject: Subject) -> None:
    names = subject.evaluated.evaluation.names
    name, other = names[pair.person_id], names[pair.other_id]
    with st.container(border=True, width=CARD):
        for place, photo, whose in zip(st.columns(2), (pair.photo_id, pair.other_photo_id), (name, other), strict=True):
            if (url := thumbnail_url(photo, FACE)) is not None:
                place.image(url, width="stretch", alt=whose)
        st.markdown(f"This photo of **{plain(name)}** resembles **{plain(other)}**")
        sure = subject.evaluated.spec.calibration.confidence(pair.score)
        st.caption(f"Confidence {sure:.0%}, similarity {pair.score:.3f}. {_verdict(pair, subject.threshold)}.")


def _verdict(pair: ConfusedPair, threshold: float) -> str:
    if pair.wrong:
        return f":red[{count(pair.wrong, 'photo')} would get the wrong name]"
    if pair.score >= threshold:
        return ":orange[A stranger who looks like this would get the name]"
    return "Told apart"
