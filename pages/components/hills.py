"""How similar photos are to their own people and to others: two hills, with the threshold between."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from pages.components.curves import BEST, TRAINING, VALIDATION
from pages.components.text import plain

SAME, OTHER = "Its own person", "The most similar other person"

BINS = 48


@dataclass(frozen=True)
class Hills:
    """The similarities of one network.

    Attributes:
        title: of the network.
        same, other: of photos to their own person, and to the most similar other one.
        threshold: from which a face gets a name.
    """

    title: str
    same: Sequence[float] | NDArray[np.float64]
    other: Sequence[float] | NDArray[np.float64]
    threshold: float


def show_hills(networks: Sequence[Hills]) -> None:
    """One chart a network, one below the other on the same axes, so that places and heights can be compared."""
    everything = np.concatenate([[*hills.same, *hills.other, hills.threshold] for hills in networks])
    edges = np.linspace(everything.min(), max(everything.max(), everything.min() + 0.01), BINS + 1)
    bars = [_bars(hills, edges) for hills in networks]
    tallest = max(1, *(int(one["Photos"].max()) for one in bars))
    for hills, one in zip(networks, bars, strict=True):
        if len(networks) > 1:
            st.markdown(f"**{plain(hills.title)}**")
        chart = _chart(one, hills.threshold, tallest, last=hills is networks[-1])
        height = 320 if len(networks) == 1 else 180 + 50 * (hills is networks[-1])
        st.altair_chart(chart.properties(height=height), width="stretch", alt=f"Similarities, {hills.title}")


def _bars(hills: Hills, edges: NDArray[np.float64]) -> pd.DataFrame:
    return pd.concat(
        pd.DataFrame({"from": edges[:-1], "to": edges[1:], "Photos": np.histogram(scores, edges)[0], "To": kind})
        for kind, scores in ((SAME, hills.same), (OTHER, hills.other))
    )


def _chart(bars: pd.DataFrame, threshold: float, tallest: int, *, last: bool) -> alt.LayerChart:
    ends = [float(bars["from"].min()), float(bars["to"].max())]
    drawn = (
        alt.Chart(bars[bars["Photos"] > 0])
        .mark_bar(opacity=0.65, binSpacing=1)
        .encode(
            x=alt.X(
                "from:Q", bin="binned", title="Similarity (cosine)" if last else None, scale=alt.Scale(domain=ends, nice=False)
            ),
            x2="to:Q",
            y=alt.Y(
                "Photos:Q",
                stack=None,
                axis=alt.Axis(tickMinStep=1, tickCount=4, format="d"),
                scale=alt.Scale(domain=[0, tallest], nice=False),
            ),
            color=alt.Color(
                "To:N",
                scale=alt.Scale(domain=[SAME, OTHER], range=[VALIDATION, TRAINING]),
                legend=alt.Legend(orient="bottom", title=None, columns=1, labelLimit=400) if last else None,
            ),
            tooltip=[alt.Tooltip("from:Q", format=".3f"), alt.Tooltip("to:Q", format=".3f"), "Photos:Q", "To:N"],
        )
    )
    line = (
        alt.Chart(pd.DataFrame({"Threshold": [threshold]}))
        .mark_rule(color=BEST, size=2)
        .encode(x="Threshold:Q", tooltip=[alt.Tooltip("Threshold:Q", format=".3f")])
    )
    chart: alt.LayerChart = drawn + line
    return chart
