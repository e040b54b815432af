"""How similar photos are to their own people and to others, with the threshold between."""

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from pages.components.panels import explain
from pages.components.text import plain
from pages.evaluate.subject import EvaluatedNetwork, Subject
from training.evaluation.gallery import Errors

GENUINE, IMPOSTOR = "#2a9d8f", "#c2607a"
MARK = "#f0a014"
"""Of the threshold. All three can be seen on light and on dark."""

BINS = 48
SAME, OTHER = "Its own person", "The most similar other person"


def panel(subject: Subject) -> None:
    explain(
        "For each photo, how similar it is to its own person and to the most similar other one. The further the two hills "
        "are apart, the easier it is to put the threshold between them.",
        r"\text{FNMR} = \frac{\#\{\text{same person}, s < t\}}{\#\{\text{same person}\}}",
        r"\text{FMR} = \frac{\#\{\text{two people}, s \geq t\}}{\#\{\text{two people}\}}",
        r"\text{TPIR} = \frac{\#\{\text{right name}, s \geq t\}}{\#\{\text{enrolled}\}}",
        r"\text{FPIR} = \frac{\#\{\text{any name}, s \geq t\}}{\#\{\text{strangers}\}}",
    )
    _metrics(subject.evaluated.evaluation.errors(subject.threshold))
    columns = st.columns(len(subject.networks), gap="medium")
    for place, evaluated in zip(columns, subject.networks, strict=True):
        with place:
            if subject.other is not None:
                st.markdown(f"**{plain(evaluated.title)}**")
            threshold = evaluated.required_score(subject.min_confidence)
            st.altair_chart(_chart(evaluated, threshold), width="stretch", alt=f"Similarities, {evaluated.title}")


def _metrics(errors: Errors) -> None:
    rates = {}
    if errors.probes:
        rates["FNMR"] = (errors.fnmr, "False non-match rate: comparisons with the own person below the threshold.")
    if errors.strangers:
        rates["FMR"] = (errors.fmr, "False match rate: comparisons with another person at or above it.")
    if errors.probes:
        rates["TPIR"] = (errors.tpir, "True-positive identification rate: photos that get their own person's name.")
    if errors.strangers:
        rates["FPIR"] = (errors.fpir, "False-positive identification rate: strangers that get any name.")
    with st.container(horizontal=True):
        for name, (value, meaning) in rates.items():
            st.metric(name, f"{value:.2%}", border=True, width=170, help=meaning)


def _chart(evaluated: EvaluatedNetwork, threshold: float) -> alt.LayerChart:
    kinds = {SAME: evaluated.evaluation.genuine, OTHER: evaluated.evaluation.strangers}
    everything = np.concatenate([*kinds.values(), [threshold]])
    edges = np.linspace(everything.min(), max(everything.max(), everything.min() + 0.01), BINS + 1)
    frame = pd.concat(
        pd.DataFrame({"from": edges[:-1], "to": edges[1:], "Photos": np.histogram(scores, edges)[0], "To": kind})
        for kind, scores in kinds.items()
    )
    bars = (
        alt.Chart(frame[frame["Photos"] > 0])
        .mark_bar(opacity=0.65, binSpacing=1)
        .encode(
            x=alt.X("from:Q", bin="binned", title="Similarity (cosine)", scale=alt.Scale(zero=False, nice=False)),
            x2="to:Q",
            y=alt.Y("Photos:Q", stack=None, axis=alt.Axis(tickMinStep=1, format="d")),
            color=alt.Color(
                "To:N",
                scale=alt.Scale(domain=[SAME, OTHER], range=[GENUINE, IMPOSTOR]),
                legend=alt.Legend(orient="bottom", title=None, columns=1, labelLimit=400),
            ),
            tooltip=[alt.Tooltip("from:Q", format=".3f"), alt.Tooltip("to:Q", format=".3f"), "Photos:Q", "To:N"],
        )
    )
    line = (
        alt.Chart(pd.DataFrame({"Threshold": [threshold]}))
        .mark_rule(color=MARK, size=2)
        .encode(x="Threshold:Q", tooltip=[alt.Tooltip("Threshold:Q", format=".3f")])
    )
    chart: alt.LayerChart = (bars + line).properties(height=320)
    return chart
