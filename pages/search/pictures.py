"""A study's trials as pictures."""

from collections.abc import Mapping, Sequence
from math import isfinite, log

import altair as alt
import pandas as pd

from training.search.brackets import plan
from training.search.settings import Stopping
from training.search.space import Choice, Dimension, Space, Value
from training.search.trials import State, Trial, best_of
from training.search.written import write_value

BEST = "#f0a014"

COLOURS: dict[State, str] = {
    "complete": "#2a9d8f",
    "stopped": "#c2607a",
    "cut": "#8a6fc2",
    "running": "#5b8fd6",
    "failed": "#8a8f98",
}
"""Seen on light and on dark."""

SHAPES: dict[State, str] = {
    "complete": "circle",
    "stopped": "cross",
    "cut": "square",
    "running": "triangle-right",
    "failed": "diamond",
}

HEIGHT = 320

ROOM = 0.02
"""Above and below the qualities that there are."""

MARGIN = 0.06
"""Of the parallel coordinates, above and below, for the ends' labels."""


def shown(trials: Sequence[Trial]) -> list[Trial]:
    """Those with something to draw: an interrupted one is tried again, and drawn then."""
    return [trial for trial in trials if trial.quality is not None and trial.state in COLOURS]


def history(trials: Sequence[Trial]) -> alt.LayerChart:
    """Quality of each trial in the order of their beginnings, and the best so far of the complete ones."""
    rows, steps, best = [], [], -1.0
    for trial in shown(trials):
        rows.append({"Trial": trial.number, "Quality": trial.quality, "State": trial.state, "Epochs": trial.epochs})
        if trial.result is not None:
            best = max(best, trial.result)
        if best >= 0:
            steps.append({"Trial": trial.number, "Quality": best})
    across = alt.X("Trial:Q", axis=alt.Axis(tickMinStep=1, format="d"), scale=alt.Scale(nice=False, padding=12))
    up = _up([trial.quality or 0.0 for trial in shown(trials)])
    line = (
        alt.Chart(pd.DataFrame(steps, columns=["Trial", "Quality"]))
        .mark_line(color=BEST, interpolate="step-after", size=2)
        .encode(x=across, y=up)
    )
    points = (
        alt.Chart(pd.DataFrame(rows, columns=["Trial", "Quality", "State", "Epochs"]))
        .mark_point(filled=True, size=70, opacity=0.9)
        .encode(
            x=across,
            y=up,
            color=_states(trials),
            shape=_shapes(trials),
            tooltip=["Trial:Q", alt.Tooltip("Quality:Q", format=".1%"), "State:N", "Epochs:Q"],
        )
    )
    chart: alt.LayerChart = (line + points).properties(height=HEIGHT)
    return chart


def curves(trials: Sequence[Trial], stopping: Stopping, epochs: int) -> alt.LayerChart:
    """Each trial's quality by epoch, with a mark where it ended; dashed lines where trials are compared."""
    best = best_of(trials)
    rows = [
        {"Trial": trial.number, "Epoch": epoch, "Quality": value, "State": trial.state, "last": epoch == trial.epochs}
        for trial in shown(trials)
        for epoch, value in enumerate(trial.curve, start=1)
        if isfinite(value)
    ]
    frame = pd.DataFrame(rows, columns=["Trial", "Epoch", "Quality", "State", "last"])
    across = alt.X(
        "Epoch:Q",
        axis=alt.Axis(tickMinStep=1, format="d"),
        scale=alt.Scale(domain=[1, max(2, epochs)], nice=False, zero=False, padding=8),
    )
    up = _up(frame["Quality"].tolist())
    tooltip = ["Trial:Q", "Epoch:Q", alt.Tooltip("Quality:Q", format=".1%"), "State:N"]
    looks = pd.DataFrame({"Epoch": sorted({rung.epochs for rung in plan(stopping, epochs) if rung.epochs < epochs})})
    rules = alt.Chart(looks).mark_rule(strokeDash=[4, 4], color="#8a8f98", opacity=0.7).encode(x=across)
    lines = (
        alt.Chart(frame)
        .mark_line(opacity=0.65, size=1.5)
        .encode(x=across, y=up, detail="Trial:N", color=_states(trials), tooltip=tooltip)
    )
    ends = (
        alt.Chart(frame[frame["last"].astype(bool)])
        .mark_point(filled=True, size=70)
        .encode(
            x=across,
            y=up,
            color=_states(trials),
            shape=_shapes(trials),
            tooltip=tooltip,
        )
    )
    marked = frame[frame["Trial"] == (-1 if best is None else best.number)]
    winner = alt.Chart(marked).mark_line(color=BEST, size=3).encode(x=across, y=up, tooltip=tooltip)
    chart: alt.LayerChart = (rules + lines + winner + ends).properties(height=HEIGHT)
    return chart


def parallel(space: Space, titles: Mapping[str, str], trials: Sequence[Trial]) -> alt.LayerChart:
    """A vertical axis a setting and one for the quality; a line a trial."""
    seen = shown(trials)
    qualities = [trial.quality or 0.0 for trial in seen]
    low, high = min(qualities, default=0.0), max(qualities, default=1.0)
    names = {key: titles.get(key, key) for key in space.dimensions}
    last = "Validation"
    rows = []
    for trial in seen:
        places = {names[key]: _place(dimension, trial.values[key]) for key, dimension in space.dimensions.items()}
        texts = {names[key]: write_value(trial.values[key]) for key in space.dimensions}
        quality = trial.quality or 0.0
        places[last], texts[last] = (quality - low) / ((high - low) or 1.0), f"{quality:.1%}"
        rows += [
            {"Trial": trial.number, "Setting": name, "at": place, "Value": texts[name], "Quality": quality}
            for name, place in places.items()
        ]
    labels = [
        {"Setting": names[key], "at": place, "Label": text}
        for key, dimension in space.dimensions.items()
        for place, text in _labels(dimension)
    ]
    labels += [{"Setting": last, "at": place, "Label": f"{value:.1%}"} for place, value in ((0.0, low), (1.0, high))]
    order = [*names.values(), last]
    across = alt.X(
        "Setting:N", sort=order, title=None, axis=alt.Axis(labelAngle=0, labelLimit=110, grid=True, labelOverlap=False)
    )
    up = alt.Y("at:Q", title=None, axis=None, scale=alt.Scale(domain=[-MARGIN, 1 + MARGIN], nice=False))
    lines = (
        alt.Chart(pd.DataFrame(rows, columns=["Trial", "Setting", "at", "Value", "Quality"]))
        .mark_line(size=2, opacity=0.8)
        .encode(
            x=across,
            y=up,
            detail="Trial:N",
            color=alt.Color("Quality:Q", scale=alt.Scale(scheme="viridis"), legend=None),
            tooltip=["Trial:Q", "Setting:N", "Value:N", alt.Tooltip("Quality:Q", format=".1%")],
        )
    )
    texts_ = (
        alt.Chart(pd.DataFrame(labels))
        .mark_text(align="left", dx=5, fontSize=11, color="#8a8f98")
        .encode(x=across, y=up, text="Label:N")
    )
    chart: alt.LayerChart = (lines + texts_).properties(height=HEIGHT)
    return chart


def importance(shares: Mapping[str, float], titles: Mapping[str, str]) -> alt.Chart:
    """A bar a setting, the largest first."""
    frame = pd.DataFrame({"Setting": [titles.get(key, key) for key in shares], "Share": list(shares.values())})
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_bar(color="#2a9d8f")
        .encode(
            x=alt.X("Share:Q", axis=alt.Axis(format="%"), title=None),
            y=alt.Y("Setting:N", sort=None, title=None, axis=alt.Axis(labelLimit=200)),
            tooltip=["Setting:N", alt.Tooltip("Share:Q", format=".0%")],
        )
        .properties(height=max(120, 36 * len(shares)))
    )
    return chart


def _states(trials: Sequence[Trial]) -> alt.Color:
    """A colour for each state that there is."""
    there = _there(trials)
    return alt.Color(
        "State:N",
        scale=alt.Scale(domain=there, range=[COLOURS[state] for state in there]),
        legend=alt.Legend(orient="bottom", title=None),
    )


def _shapes(trials: Sequence[Trial]) -> alt.Shape:
    """A shape for each state that there is."""
    there = _there(trials)
    return alt.Shape("State:N", scale=alt.Scale(domain=there, range=[SHAPES[state] for state in there]), legend=None)


def _there(trials: Sequence[Trial]) -> list[State]:
    return [state for state in COLOURS if any(trial.state == state for trial in shown(trials))]


def _up(values: Sequence[float]) -> alt.Y:
    """The axis of the quality, with some room around what there is."""
    low, high = max(min(values, default=0.0) - ROOM, 0.0), min(max(values, default=1.0) + ROOM, 1.0)
    scale = alt.Scale(domain=[low, high], nice=False)
    return alt.Y("Quality:Q", title="Validation", axis=alt.Axis(format=".0%", tickCount=6), scale=scale)


def _place(dimension: Dimension, value: Value) -> float:
    """Of a value on its axis, 0 to 1."""
    if isinstance(dimension, Choice):
        return dimension.values.index(value) / max(len(dimension.values) - 1, 1)
    low, high, at = float(dimension.low), float(dimension.high), float(value)
    if low == high:
        return 0.5
    if dimension.log:
        low, high, at = log(low), log(high), log(at)
    return (at - low) / (high - low)


def _labels(dimension: Dimension) -> list[tuple[float, str]]:
    """The ends of a range, or every value of a list."""
    values: tuple[Value, ...] = (
        dimension.values if isinstance(dimension, Choice) else tuple(dict.fromkeys((dimension.low, dimension.high)))
    )
    return [(_place(dimension, value), write_value(value)) for value in values]
