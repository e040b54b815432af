"""A dense network drawn: its units with a number in each, and its weights as lines."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from training.course.playground.activations import Numbers

POSITIVE, NEGATIVE = "#0d8a72", "#e07b1c"
UNIT, HERE, QUIET = "#2a7f9e", "#f0a014", "#7a8a86"
"""All to be seen in both themes."""

ROW, WRITTEN_ROW, ROOM = 56, 90, 40
"""Height of a unit's row without and with numbers beside the lines, and of the room above the first name, in pixels."""

HALO: dict[str, Any] = {"strokeWidth": 5, "strokeJoin": "round"}
"""Behind letters, in the colour of the ground, so that no line goes through them."""

WRITTEN_AT = 0.2
"""How far along its line a number stands: further on, lines cross."""


@dataclass(frozen=True)
class Unit:
    """A circle of the drawing.

    Attributes:
        key: what a click on it chooses.
        name: above it.
        text: inside.
        detail: shown when pointed at.
    """

    key: str
    name: str
    text: str
    detail: str = ""


def network_graph(
    columns: Sequence[Sequence[Unit]],
    lines: Sequence[Numbers],
    *,
    key: str,
    what: str,
    labels: bool = False,
    here: str = "",
    on_pick: Callable[[str], None] | None = None,
) -> None:
    """Draw a network from left to right.

    Args:
        columns: units of each layer, the inputs first.
        lines: (units, inputs) for each pair of columns: the number that colour and width of a line stand for.
        key: of the chart, unique in the app.
        what: the name of that number, for whoever points at a line.
        labels: write it beside the lines too.
        here: key of the unit to mark.
        on_pick: called with a unit's key when it is clicked.
    """
    tallest = max(len(column) for column in columns)
    x = {unit.key: float(layer) for layer, column in enumerate(columns) for unit in column}
    y = {unit.key: (len(column) - 1) / 2 - row for column in columns for row, unit in enumerate(column)}
    edges: list[dict[str, Any]] = []
    for layer, numbers in enumerate(lines):
        for (target, source), value in np.ndenumerate(numbers):
            start, end = columns[layer][source], columns[layer + 1][target]
            edges.append(
                {
                    "x": x[start.key],
                    "y": y[start.key],
                    "x2": x[end.key],
                    "y2": y[end.key],
                    "label_x": x[start.key] + WRITTEN_AT,
                    "label_y": y[start.key] + WRITTEN_AT * (y[end.key] - y[start.key]),
                    "size": abs(value),
                    "sign": "positive" if value >= 0 else "negative",
                    "From": start.name,
                    "To": end.name,
                    "number": f"{value:.3f}".replace("-", "−"),
                }
            )
    units = [
        {"x": x[unit.key], "y": y[unit.key], "unit": unit.key, "name": unit.name, "text": unit.text, "detail": unit.detail}
        for column in columns
        for unit in column
    ]
    chart = alt.layer(*_lines(edges, what, labels), *_units(units, here, len(columns), tallest, on_pick is not None))
    options: dict[str, Any] = {}
    if on_pick is not None:
        options = {"on_select": lambda: _picked(key, on_pick), "selection_mode": "pick"}
    st.altair_chart(
        chart.properties(height=(WRITTEN_ROW if labels else ROW) * tallest + ROOM).configure_view(stroke=None),
        key=key,
        alt="The network: units and weights",
        **options,
    )


def _lines(edges: list[dict[str, Any]], what: str, labels: bool) -> list[alt.Chart]:
    base = alt.Chart(pd.DataFrame(edges))
    colour = alt.Color("sign:N", scale=alt.Scale(domain=["positive", "negative"], range=[POSITIVE, NEGATIVE]), legend=None)
    rules = base.mark_rule(opacity=0.75).encode(
        x=alt.X("x:Q", axis=None),
        x2="x2:Q",
        y=alt.Y("y:Q", axis=None),
        y2="y2:Q",
        color=colour,
        strokeWidth=alt.StrokeWidth("size:Q", scale=alt.Scale(range=[0.5, 5.0], zero=True), legend=None),
        tooltip=["From:N", "To:N", alt.Tooltip("number:N", title=what)],
    )
    if not labels:
        return [rules]
    place = {"x": alt.X("label_x:Q", axis=None), "y": alt.Y("label_y:Q", axis=None), "text": "number:N"}
    texts = [
        base.mark_text(align="left", fontSize=12, **HALO, stroke=_ground()).encode(**place),
        base.mark_text(align="left", fontSize=12, fontWeight=600).encode(**place, color=colour),
    ]
    return [rules, *texts]


def _units(units: list[dict[str, Any]], here: str, layers: int, tallest: int, clickable: bool) -> list[alt.Chart]:
    base = alt.Chart(pd.DataFrame(units)).encode(
        x=alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.25, layers - 0.75], nice=False)),
        y=alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-tallest / 2, tallest / 2 + 0.2], nice=False)),
        tooltip=[alt.Tooltip("name:N", title="Unit"), alt.Tooltip("detail:N", title="Numbers")],
    )
    circles = base.mark_circle(size=1500, opacity=1, fill=UNIT, cursor="pointer" if clickable else "default").encode(
        stroke=alt.condition(alt.datum.unit == here, alt.value(HERE), alt.value("transparent")), strokeWidth=alt.value(4)
    )
    if clickable:
        circles = circles.add_params(alt.selection_point(name="pick", fields=["unit"], on="click", clear=False))
    texts = base.mark_text(fontSize=11, color="#ffffff", fontWeight=600).encode(text="text:N")
    names = [
        base.mark_text(dy=-29, fontSize=12, **HALO, stroke=_ground()).encode(text="name:N"),
        base.mark_text(dy=-29, fontSize=12, color=QUIET).encode(text="name:N"),
    ]
    return [*names, circles, texts]


def _picked(key: str, on_pick: Callable[[str], None]) -> None:
    points = st.session_state[key]["selection"].get("pick") or []
    if points and "unit" in points[0]:
        on_pick(str(points[0]["unit"]))


def _ground() -> str:
    """The page's background."""
    return str(st.get_option(f"theme.{st.context.theme.type or 'light'}.backgroundColor"))
