"""ROC and DET: the two errors against each other, over all thresholds."""

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from scipy.stats import norm

from pages.components.curves import BEST
from pages.components.panels import maths
from pages.components.text import plain
from pages.evaluate.subject import EvaluatedNetwork, Subject
from training.metrics import Scores

NETWORKS = ("#2a9d8f", "#5b8fd6")
CHANCE = "#8a9794"
"""Colours that can be seen on light and on dark."""

TICKS = (0.00001, 0.0001, 0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.4)
WORST = 0.5
"""Where the DET chart ends: beyond, a coin would do."""

HEIGHT = 380
SHOWN = 500
"""Points of a curve that are drawn; more can't be seen."""


def panel(subject: Subject) -> None:
    st.markdown(
        "Each point of a curve is one threshold: a lower one recognises more photos and lets more strangers pass. The ROC "
        "curve of a good network sits in the upper left corner; the DET curve spreads that corner out, and lower is better."
    )
    shown = [evaluated for evaluated in subject.networks if evaluated.evaluation.measurable]
    if not shown:
        st.info("The curves need two people, one of them with two photos.", icon=":material/show_chart:")
        return
    marks = {evaluated.title: _mark(evaluated, subject) for evaluated in shown}
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**ROC**, receiver operating characteristic")
        st.altair_chart(_roc(shown, marks), width="stretch", alt="ROC curves")
    with right:
        st.markdown("**DET**, detection error trade-off")
        st.altair_chart(_det(shown, marks), width="stretch", alt="DET curves")
    st.caption(
        "The dots are the thresholds. Dashed: on the left a network that guesses, on the right where both errors are equal. "
        "The DET axes have no zero: an error that never happened stands at half a case."
    )
    _table(shown)
    maths(
        r"\text{TAR} = 1 - \text{FNMR}",
        r"\text{ROC: } \big(\text{FMR},\ \text{TAR}\big)",
        r"\text{DET: } \big(\Phi^{-1}(\text{FMR}),\ \Phi^{-1}(\text{FNMR})\big)",
    )


def _mark(evaluated: EvaluatedNetwork, subject: Subject) -> tuple[float, float, float]:
    """Threshold, FMR and FNMR to mark: both networks at the chosen confidence."""
    threshold = evaluated.required_score(subject.min_confidence)
    errors = evaluated.evaluation.errors(threshold)
    return threshold, errors.fmr, errors.fnmr


def _roc(shown: list[EvaluatedNetwork], marks: dict[str, tuple[float, float, float]]) -> alt.LayerChart:
    frame = pd.concat(_points(evaluated) for evaluated in shown)
    percent = alt.Axis(format="%", tickCount=5)
    axes: dict[str, alt.X | alt.Y] = {
        "x": alt.X("FMR:Q", title="FMR: other people accepted", axis=percent, scale=alt.Scale(domain=[0, 1])),
        "y": alt.Y("TAR:Q", title="TAR: own person accepted", axis=percent, scale=alt.Scale(domain=[0, 1])),
    }
    chance = alt.Chart(pd.DataFrame({"FMR": [0, 1], "TAR": [0, 1]})).mark_line(color=CHANCE, strokeDash=[5, 4])
    return _layers(frame, _marked(marks), axes, chance.encode(x="FMR:Q", y="TAR:Q"), shown)


def _det(shown: list[EvaluatedNetwork], marks: dict[str, tuple[float, float, float]]) -> alt.LayerChart:
    # What has never happened can't be shown on this axis: it stands at half a case.
    lowest_x = 0.5 / max(len(evaluated.evaluation.impostors) for evaluated in shown)
    lowest_y = 0.5 / max(len(evaluated.evaluation.genuine) for evaluated in shown)

    def spread(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(
            x=norm.ppf(np.clip(frame["FMR"], lowest_x, WORST)), y=norm.ppf(np.clip(frame["FNMR"], lowest_y, WORST))
        )

    axes: dict[str, alt.X | alt.Y] = {
        "x": alt.X("x:Q", title="FMR: other people accepted", axis=_deviates(lowest_x), scale=_domain(lowest_x)),
        "y": alt.Y("y:Q", title="FNMR: own person refused", axis=_deviates(lowest_y), scale=_domain(lowest_y)),
    }
    ends = norm.ppf([max(lowest_x, lowest_y), WORST])
    equal = alt.Chart(pd.DataFrame({"x": ends, "y": ends})).mark_line(color=CHANCE, strokeDash=[5, 4]).encode(x="x:Q", y="y:Q")
    frame = pd.concat(_points(evaluated) for evaluated in shown)
    # Neither end belongs to the trade-off: there one of the errors is more than a coin's.
    inside = frame[(frame["FMR"] <= WORST) & (frame["FNMR"] <= WORST)]
    return _layers(spread(inside), spread(_marked(marks)), axes, equal, shown)


def _layers(
    frame: pd.DataFrame, marked: pd.DataFrame, axes: dict[str, alt.X | alt.Y], line: alt.Chart, shown: list[EvaluatedNetwork]
) -> alt.LayerChart:
    titles = [evaluated.title for evaluated in shown]
    scale = alt.Scale(domain=titles, range=list(NETWORKS[: len(titles)]))
    legend = alt.Legend(orient="bottom", title=None, columns=1, labelLimit=400) if len(titles) > 1 else None
    colour = alt.Color("Network:N", scale=scale, legend=legend)
    # Dashed, so that the first shows through where both are alike.
    dash = alt.StrokeDash("Network:N", scale=alt.Scale(domain=titles, range=[[1, 0], [7, 5]][: len(titles)]), legend=None)
    tooltip = ["Network:N", *(alt.Tooltip(f"{name}:Q", format=".2%") for name in ("FMR", "FNMR"))]
    tooltip.append(alt.Tooltip("Threshold:Q", format=".3f"))
    curves = (
        alt.Chart(frame)
        .mark_line(interpolate="linear", strokeWidth=2.5)
        .encode(**axes, color=colour, strokeDash=dash, order="order:Q", tooltip=tooltip)
    )
    dots = (
        alt.Chart(marked)
        .mark_point(size=90, filled=True, stroke=BEST, strokeWidth=2.5, opacity=1)
        .encode(**axes, fill=alt.Fill("Network:N", scale=scale, legend=None), tooltip=tooltip)
    )
    chart: alt.LayerChart = (line + curves + dots).properties(height=HEIGHT)
    return chart


def _points(evaluated: EvaluatedNetwork) -> pd.DataFrame:
    curve = evaluated.evaluation.curve()
    # The first threshold is infinite: above every score.
    rows = _spread(len(curve.thresholds))
    frame = pd.DataFrame(
        {
            "Network": evaluated.title,
            "FMR": curve.fmr[rows],
            "FNMR": curve.fnmr[rows],
            "TAR": 1 - curve.fnmr[rows],
            "Threshold": np.minimum(curve.thresholds[rows], 1.0),
        }
    )
    return frame.assign(order=range(len(frame)))


def _marked(marks: dict[str, tuple[float, float, float]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"Network": title, "Threshold": threshold, "FMR": fmr, "FNMR": fnmr, "TAR": 1 - fnmr}
            for title, (threshold, fmr, fnmr) in marks.items()
        ]
    )


def _spread(points: int) -> list[int]:
    """Rows to draw: all of a short curve, evenly chosen ones of a long one, both ends."""
    return sorted({round(row) for row in np.linspace(0, points - 1, min(points, SHOWN))})


def _deviates(lowest: float) -> alt.Axis:
    """Ticks where a normal distribution holds round percentages."""
    values: Scores = norm.ppf([tick for tick in TICKS if lowest <= tick])
    return alt.Axis(values=values.tolist(), labelExpr="format(cumulativeNormal(datum.value), '.3~%')", grid=True)


def _domain(lowest: float) -> alt.Scale:
    return alt.Scale(domain=norm.ppf([lowest, WORST]).tolist(), nice=False, zero=False)


def _table(shown: list[EvaluatedNetwork]) -> None:
    rows = []
    for evaluated in shown:
        rates = evaluated.evaluation.open_set()
        rows.append(
            {
                "Network": plain(evaluated.title),
                "Area under the ROC curve": f"{evaluated.evaluation.auc():.4f}",
                "Right person nearest": f"{rates.rank1:.1%}",
                "Right name, while 1 in 100 strangers gets one": f"{rates.tpir_at_fpir_1:.1%}",
                "Right name, while 5 in 100 strangers get one": f"{rates.tpir_at_fpir_5:.1%}",
            }
        )
    st.table(pd.DataFrame(rows), hide_index=True, border="horizontal")
    st.caption(
        "The area is 1 for a perfect network and 0.5 for one that guesses (AUC). The names of the field for the other three: "
        "rank-1, TPIR at FPIR 1 %, TPIR at FPIR 5 %; of fewer than 100 strangers, 1 in 100 is none."
    )
