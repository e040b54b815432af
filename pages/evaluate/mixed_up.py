"""Who is taken for whom."""

import streamlit as st

from pages.components.enrolled_photo import face_url
from pages.components.panels import explain
from pages.components.text import count
from pages.evaluate.subject import Subject
from training.evaluation.gallery import ConfusedPair

MOST = 20


def panel(subject: Subject) -> None:
    explain(
        "The people who come nearest to each other, and of each pair the two photos that are most alike. A pair above the "
        "threshold is worth a look: the same person enrolled twice, a photo under the wrong name, or real look-alikes.",
        r"s = \cos(e, \bar t_{\text{other}})",
    )
    evaluation = subject.evaluated.evaluation
    pairs = evaluation.confused_pairs(subject.evaluated.templates, subject.threshold, MOST)
    if not pairs:
        st.info("With one person there is nobody to be mixed up with.", icon=":material/person_add:")
        return
    st.dataframe(
        [
            {
                "photo": face_url(pair.photo_id),
                "person": evaluation.names[pair.person_id],
                "other photo": face_url(pair.other_photo_id),
                "other": evaluation.names[pair.other_id],
                "similarity": pair.score,
                "verdict": _verdict(pair, subject.threshold),
            }
            for pair in pairs
        ],
        column_config={
            "photo": st.column_config.ImageColumn("", width=60),
            "person": st.column_config.TextColumn("This photo of"),
            "other photo": st.column_config.ImageColumn("", width=60),
            "other": st.column_config.TextColumn("resembles"),
            "similarity": st.column_config.NumberColumn("Similarity", format="%.3f", width=80),
            "verdict": st.column_config.TextColumn("What would happen"),
        },
        hide_index=True,
        row_height=56,
        height="content",
    )
    if len(pairs) == MOST:
        st.caption(f"The {MOST} nearest pairs.")


def _verdict(pair: ConfusedPair, threshold: float) -> str:
    if pair.wrong:
        return f"{count(pair.wrong, 'photo')} would get the wrong name"
    if pair.score >= threshold:
        return "A stranger who looks like this would get the name"
    return "Told apart"
