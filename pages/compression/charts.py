"""The pictures of a compression."""

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from pages.compression.names import NAMES
from training.compression.record import Compression, Histogram, Row

BEFORE = "#8a97a6"
AFTER = "#2a9d8f"
ERROR = "#c2607a"
CURVE = "#5b8fd6"
LABEL = "#7a8a86"
"""Seen on light and on dark."""

_OF = alt.Color(
    "Of:N",
    scale=alt.Scale(domain=["before", "after"], range=[BEFORE, AFTER]),
    legend=alt.Legend(orient="top", title=None),
)

BAR = 26
AXIS = 60
LEGEND = 40
"""Pixels of a bar, of the axis below and of a legend above; a chart's height holds them all."""


def sizes(compression: Compression) -> alt.LayerChart:
    """A bar for each row: the size of its file, and how good it is."""
    first = compression.rows[0]
    frame = pd.DataFrame(
        {
            "Method": [NAMES.get(row.name, row.name) for row in compression.rows],
            "Share": [row.bytes / first.bytes for row in compression.rows],
            "Of": ["before" if row is first else "after" for row in compression.rows],
            "label": [f"{row.bytes / first.bytes:.0%}, {row.accuracy:.1%}" for row in compression.rows],
            "Size": [size(row.bytes) for row in compression.rows],
            compression.score: [f"{row.accuracy:.2%}" for row in compression.rows],
        }
    )
    base = alt.Chart(frame).encode(
        y=alt.Y("Method:N", sort=None, title=None, axis=alt.Axis(labelLimit=170)),
        # Room for the words behind the longest bar.
        x=alt.X(
            "Share:Q",
            title="Size of the file, and how good it is",
            axis=alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1]),
            scale=alt.Scale(domain=[0, 1.4]),
        ),
        tooltip=["Method", "Size", compression.score],
    )
    colour = alt.Color("Of:N", scale=alt.Scale(domain=["before", "after"], range=[BEFORE, AFTER]), legend=None)
    labels = base.mark_text(align="left", dx=5, color=LABEL).encode(text="label:N")
    chart: alt.LayerChart = (base.mark_bar(cornerRadius=2).encode(color=colour) + labels).properties(
        height=BAR * len(frame) + AXIS
    )
    return chart


def sparsity(row: Row) -> alt.LayerChart:
    """A bar for each layer: the share of its weights that are 0."""
    frame = pd.DataFrame(
        {
            "Layer": _names(row),
            "Sparsity": [layer.sparsity for layer in row.details.layers],
            "Weights": [layer.weights for layer in row.details.layers],
        }
    )
    return _bars(frame, "Layer", "Sparsity", AFTER, "%", [0, 1])


def errors(row: Row) -> alt.LayerChart:
    """A bar for each layer: how far int8 moves its outputs."""
    titles = dict(zip((layer.name for layer in row.details.layers), _names(row), strict=True))
    frame = pd.DataFrame([{"Layer": titles.get(name, name), "Error": error} for name, error in row.details.errors])
    return _bars(frame, "Layer", "Error", ERROR, ".2%", None)


def layer_sizes(before: Row, after: Row) -> alt.Chart:
    """Two bars for each layer: its weights before and after."""
    frame = pd.DataFrame(
        [
            {"Layer": title, "Weights": layer.weights, "Of": name}
            for name, row in (("before", before), ("after", after))
            for title, layer in zip(_names(row), row.details.layers, strict=True)
        ]
    )
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_bar(cornerRadius=2)
        .encode(
            y=alt.Y("Layer:N", sort=None, axis=alt.Axis(labelLimit=180)),
            yOffset=alt.YOffset("Of:N", sort=["before", "after"]),
            x=alt.X("Weights:Q", axis=alt.Axis(format="~s")),
            color=_OF,
            tooltip=["Layer", "Of", "Weights"],
        )
        .properties(height=2 * BAR * len(before.details.layers) + AXIS + LEGEND)
    )
    return chart


def accuracies(found: Mapping[str, float], score: str) -> alt.LayerChart:
    """A point for each network."""
    frame = pd.DataFrame({"Network": list(found), score: list(found.values())})
    low = max(min(found.values()) - 0.02, 0.0)
    base = alt.Chart(frame).encode(
        y=alt.Y("Network:N", sort=None, title=None, axis=alt.Axis(labelLimit=170)),
        x=alt.X(f"{score}:Q", axis=alt.Axis(format="%", tickCount=5), scale=alt.Scale(domain=[low, 1.0])),
        tooltip=["Network", alt.Tooltip(f"{score}:Q", format=".2%")],
    )
    labels = base.mark_text(align="left", dx=12, color=LABEL).encode(text=alt.Text(f"{score}:Q", format=".2%"))
    chart: alt.LayerChart = (base.mark_circle(size=200, color=AFTER, opacity=1) + labels).properties(
        height=BAR * len(frame) + AXIS
    )
    return chart


def _bars(frame: pd.DataFrame, name: str, value: str, colour: str, form: str, domain: list[float] | None) -> alt.LayerChart:
    scale = alt.Scale(domain=domain) if domain else alt.Scale()
    base = alt.Chart(frame).encode(
        y=alt.Y(f"{name}:N", sort=None, title=name, axis=alt.Axis(labelLimit=180)),
        x=alt.X(f"{value}:Q", axis=alt.Axis(format=form, tickCount=5), scale=scale),
        tooltip=[name, alt.Tooltip(f"{value}:Q", format=".2%")],
    )
    labels = base.mark_text(align="left", dx=4, color=LABEL).encode(text=alt.Text(f"{value}:Q", format=".2%"))
    chart: alt.LayerChart = (base.mark_bar(color=colour, cornerRadius=2) + labels).properties(height=BAR * len(frame) + AXIS)
    return chart


def curve(points: Sequence[tuple[int, float]], *, marks: bool) -> alt.Chart:
    """The sparsity at each step of the fine-tuning."""
    frame = pd.DataFrame(points, columns=["Step", "Sparsity"])
    mark = alt.Chart(frame).mark_line(interpolate="step-after", color=CURVE, point={"size": 30} if marks else False)
    chart: alt.Chart = mark.encode(
        x=alt.X("Step:Q", title="Step of the fine-tuning"),
        y=alt.Y("Sparsity:Q", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
        tooltip=["Step", alt.Tooltip("Sparsity:Q", format=".1%")],
    ).properties(height=230)
    return chart


def histogram(counts: Histogram) -> alt.Chart:
    """How the weights that are not 0 are spread, before and after."""
    width = counts.edges[1] - counts.edges[0]
    frame = pd.DataFrame(
        [
            {"Weight": edge + width / 2, "Weights": number, "Of": name}
            for name, numbers in (("before", counts.before), ("after", counts.after))
            for edge, number in zip(counts.edges, numbers, strict=False)
        ]
    )
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_area(interpolate="step", opacity=0.55)
        .encode(
            x=alt.X("Weight:Q", title="Weight"),
            y=alt.Y("Weights:Q", stack=None, title="How many"),
            color=_OF,
        )
        .properties(height=260 + LEGEND)
    )
    return chart


def _names(row: Row) -> list[str]:
    """The layers by name and kind: numbers alone say little."""
    return [f"{layer.name}, {layer.kind}" for layer in row.details.layers]


def size(count: int) -> str:
    """Bytes as a person reads them: `22.4 MB`, `81 kB`."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.1f} kB"
