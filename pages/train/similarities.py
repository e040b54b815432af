"""How far apart the network holds the same person and other people."""

import altair as alt
import pandas as pd
import streamlit as st

from pages.components.curves import BEST, TRAINING, VALIDATION
from training.faces.report import Comparison, Similarities

SAME, OTHER = "The same person", "The most similar other person"
BINS = 40


def histograms(untuned: Similarities, tuned: Similarities, rates: Comparison) -> None:
    """Before and after, on one scale of shares; the line is each network's threshold."""
    st.markdown(
        "For each photo, how similar it is to its own person and to the most similar other person. The less the two hills "
        "overlap, the better; photos of the same person left of the line are called unknown."
    )
    left, right = st.columns(2, gap="medium")
    for place, title, scores, threshold in (
        (left, "Untuned", untuned, rates.untuned.clean.threshold),
        (right, "Tuned", tuned, rates.tuned.clean.threshold),
    ):
        with place:
            st.markdown(f"**{title}**")
            st.altair_chart(_chart(scores, threshold), width="stretch", alt=f"Similarities, {title.lower()}")
    st.caption(
        "The line: the similarity that 1 in 100 strangers reach. The two networks use different stretches of the scale, so "
        "compare the overlap, not the places."
    )


def _chart(scores: Similarities, threshold: float) -> alt.LayerChart:
    frame = pd.DataFrame(
        [{"Similarity": score, "To": SAME} for score in scores.same]
        + [{"Similarity": score, "To": OTHER} for score in scores.different]
    )
    bars = (
        alt.Chart(frame)
        .mark_bar(opacity=0.65)
        .encode(
            x=alt.X("Similarity:Q", bin=alt.Bin(maxbins=BINS), title="Similarity (cosine)"),
            y=alt.Y("count():Q", stack=None, title="Photos", axis=alt.Axis(tickMinStep=1, format="d")),
            color=alt.Color(
                "To:N",
                scale=alt.Scale(domain=[SAME, OTHER], range=[VALIDATION, TRAINING]),
                legend=alt.Legend(orient="bottom", title=None, columns=1, labelLimit=400),
            ),
            tooltip=[alt.Tooltip("Similarity:Q", bin=alt.Bin(maxbins=BINS)), "count():Q", "To:N"],
        )
    )
    line = (
        alt.Chart(pd.DataFrame({"Threshold": [threshold]}))
        .mark_rule(color=BEST, size=2)
        .encode(x="Threshold:Q", tooltip=[alt.Tooltip("Threshold:Q", format=".3f")])
    )
    chart: alt.LayerChart = (bars + line).properties(height=300)
    return chart
