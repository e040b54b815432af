"""Numbers that change from epoch to epoch, as lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

import altair as alt
import pandas as pd

TRAINING = "#c2607a"
VALIDATION = "#2a9d8f"
SURE = "#5b8fd6"
BEST = "#f0a014"
"""Seen on light and on dark."""

HEIGHT = 340
"""Pixels, the legend included."""


@dataclass(frozen=True)
class Line:
    """Values by epoch, from the first one; NaN where there is none."""

    name: str
    colour: str
    values: Sequence[float]


def curve_chart(lines: Sequence[Line], title: str, form: str, last: int, marked: int | None = None) -> alt.LayerChart:
    """Lines over the epochs.

    Args:
        lines: with names of their own.
        title: of the values' axis.
        form: of its numbers, as d3 writes formats.
        last: epoch where the axis ends. A chart whose axis stays is updated in place, without a flicker.
        marked: an epoch to mark.
    """
    rows = [
        {"Epoch": epoch, title: value, "Of": line.name}
        for line in lines
        for epoch, value in enumerate(line.values, start=1)
        if not isnan(value)
    ]
    names = [line.name for line in lines]
    across = alt.X(
        "Epoch:Q",
        title="Epoch",
        axis=alt.Axis(tickMinStep=1, format="d"),
        scale=alt.Scale(domain=[1, max(2, last)], nice=False, zero=False),
    )
    legend = alt.Legend(orient="bottom", title=None, columns=1, labelLimit=400)
    drawn = (
        alt.Chart(pd.DataFrame(rows, columns=["Epoch", title, "Of"]))
        .mark_line(point={"size": 30})
        .encode(
            x=across,
            y=alt.Y(f"{title}:Q", title=title, axis=alt.Axis(format=form), scale=alt.Scale(zero=False)),
            color=alt.Color("Of:N", scale=alt.Scale(domain=names, range=[line.colour for line in lines]), legend=legend),
            tooltip=["Epoch:Q", alt.Tooltip(f"{title}:Q", format=".1%" if form == "%" else ".3f"), "Of:N"],
        )
    )
    marks = pd.DataFrame({"Epoch": [] if marked is None else [marked]})
    mark = alt.Chart(marks).mark_rule(color=BEST, strokeDash=[5, 4], size=2).encode(x=across)
    chart: alt.LayerChart = (mark + drawn).properties(height=HEIGHT)
    return chart
