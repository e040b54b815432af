"""The network as a picture to click through, and its layers as a table."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from pages.components.keyed import point_to
from pages.components.panels import explain
from pages.feature_maps.subject import Subject
from recognition.inspection.inspectable import Inspectable
from recognition.inspection.layers import Layer

HERE = "#f0a014"
"""The chosen one, in both themes."""

OTHERS = "#7fa8a0"

COLOURS = {
    "Convolution": "#2a7f9e",
    "Scale and shift": "#9bb8c9",
    "Batch normalisation": "#9bb8c9",
    "ReLU": "#c2607a",
    "Max-pooling": "#7a6bb0",
    "Average pooling": "#a79bd0",
    "Global average pooling": "#7a6bb0",
    "Shortcut": "#b9b9b0",
    "Flatten": "#b9b9b0",
    "Dropout": "#d3a648",
    "Dense": "#4f8f3a",
}
"""By what a layer does, the same in every block."""


def panel(subject: Subject[Inspectable]) -> None:
    explain(
        "A picture comes in on the left and leaves on the right as a handful of numbers; on the way the maps "
        "get smaller (height of a box) and more (width). Click a box, or a line of the table.",
        r"\text{side} = \left\lfloor \frac{n + 2p - f}{s} \right\rfloor + 1",
        r"\text{parameters} = k \cdot (f \cdot f \cdot c) + k",
    )
    layers = subject.summary.layers
    blocks = _blocks(layers)
    channels, height, width = subject.summary.input_shape
    through = f"{height}×{width}×{channels} in, {layers[-1].output} out"
    if len(blocks) == len(layers):
        _layers(f"**Layers**: {through}", layers, subject, 280)
    else:
        here = next(name for name, inside in blocks.items() if subject.layer in inside)
        st.markdown(f"**Blocks**: {through}")
        _chart("blocks", [(name, inside[-1], inside[0].name) for name, inside in blocks.items()], here, 150, by_kind=False)
        _layers(f"**Layers of {here}**", blocks[here], subject, 190)
    _totals(subject)
    _table(subject)


def _layers(title: str, layers: Sequence[Layer], subject: Subject[Inspectable], height: int) -> None:
    st.markdown(title)
    _chart("layers", [(layer.name, layer, layer.name) for layer in layers], subject.layer.name, height, by_kind=True)


def _blocks(layers: Sequence[Layer], within: str = "") -> dict[str, list[Layer]]:
    """Layers by the part of the network they belong to: `stem`, `blocks.3`; finer parts stay together, unless one part is
    most of the network."""
    blocks: dict[str, list[Layer]] = {}
    for layer in layers:
        first, _, rest = layer.name[len(within) :].partition(".")
        second = rest.partition(".")[0]
        blocks.setdefault(within + (f"{first}.{second}" if second.isdigit() else first), []).append(layer)
    divided: dict[str, list[Layer]] = {}
    for name, inside in blocks.items():
        divided |= _blocks(inside, f"{name}.") if len(inside) > max(len(layers) / 2, 1) else {name: inside}
    return divided


def _chart(key: str, boxes: list[tuple[str, Layer, str]], here: str, height: int, *, by_kind: bool) -> None:
    """Boxes beside each other: name, the layer whose output gives its size, the layer that a click chooses."""
    rows: list[dict[str, Any]] = []
    x = 0.0
    for name, layer, target in boxes:
        side = max(layer.shape[1:]) if layer.is_map else 1
        # Roots and logarithms, or the last layers would be too thin to be hit.
        breadth = 1.0 + np.log2(layer.shape[0]) / 4
        reach = max(side**0.5, 2.0)
        rows.append(
            {
                "left": x,
                "right": x + breadth,
                "top": reach,
                "bottom": -reach,
                "middle": x + breadth / 2,
                # Short, so that they don't run into each other on a phone.
                "label": "" if by_kind else name.rpartition(".")[2][:5],
                "Name": name,
                "Type": layer.title if by_kind else f"{name}, ends with {layer.title}",
                "Output": layer.output,
                "layer": target,
                "here": name == here,
            }
        )
        x += breadth + 0.35
    pick = alt.selection_point(name="pick", fields=["layer"], on="click", clear=False)
    base = alt.Chart(pd.DataFrame(rows)).encode(
        x=alt.X("left:Q", axis=None, scale=alt.Scale(domain=[0, x], nice=False)),
        x2="right:Q",
        y=alt.Y("bottom:Q", axis=None),
        y2="top:Q",
        tooltip=["Name", "Type", "Output"],
    )
    kinds = list(dict.fromkeys(layer.title for _, layer, _ in boxes))
    colour = (
        alt.Color(
            "Type:N",
            scale=alt.Scale(domain=kinds, range=[COLOURS.get(kind, OTHERS) for kind in kinds]),
            legend=alt.Legend(orient="bottom", title=None, columns=2),
        )
        if by_kind
        else alt.condition("datum.here", alt.value(HERE), alt.value(OTHERS))
    )
    drawn = base.mark_rect(cursor="pointer", cornerRadius=3, strokeWidth=4).encode(
        color=colour,
        stroke=alt.condition("datum.here", alt.value(HERE), alt.value("transparent")),
    )
    labels = base.mark_text(align="center", baseline="top", dy=6, fontSize=10, color="#7a8a86").encode(
        x="middle:Q", x2=alt.X2Value(0), y="bottom:Q", y2=alt.Y2Value(0), text="label:N"
    )
    st.altair_chart(
        (drawn.add_params(pick) + labels).properties(height=height),
        key=f"network_{key}",
        on_select=lambda: _go(_picked(f"network_{key}")),
        selection_mode="pick",
        alt=f"The network's {key} as boxes",
    )


def _picked(key: str) -> str | None:
    points = st.session_state[key]["selection"].get("pick") or []
    return points[0].get("layer") if points else None


def _go(layer: str | None) -> None:
    if layer is not None:
        point_to("layer", layer)


def _totals(subject: Subject[Inspectable]) -> None:
    summary = subject.summary
    numbers = {
        "Layers": f"{len(summary.layers)}",
        "Convolutions": f"{sum(layer.kind == 'Conv2d' for layer in summary.layers)}",
        "Parameters": f"{summary.parameters:,}",
        "Multiply-adds": _short(summary.multiply_adds),
        "Memory as float32": f"{_short(summary.parameters * 4)}B",
    }
    with st.container(horizontal=True):
        for name, value in numbers.items():
            st.metric(name, value, border=True, width="content")


def _short(number: int) -> str:
    """271 M, 1.4 M, 31 k: in three digits at most, the space always there."""
    value, unit = (number / 1e6, "M") if number >= 1e6 else (number / 1e3, "k")
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.1f} {unit}"


def _table(subject: Subject[Inspectable]) -> None:
    layers = subject.summary.layers
    table = pd.DataFrame(
        {
            "Layer": [layer.name for layer in layers],
            "Type": [layer.title for layer in layers],
            "Kernel": [_by(layer.kernel) for layer in layers],
            "Stride": [_by(layer.stride) for layer in layers],
            "Padding": [_by(layer.padding) for layer in layers],
            "Output": [layer.output for layer in layers],
            "Parameters": [layer.parameters for layer in layers],
            "Multiply-adds": [layer.multiply_adds for layer in layers],
            "Receptive field": [_by(layer.field.size if layer.field else None) for layer in layers],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        height=380,
        column_config={name: st.column_config.NumberColumn(format="localized") for name in ("Parameters", "Multiply-adds")},
        key="network_table",
        on_select=lambda: _go(_picked_line(table)),
        selection_mode="single-row",
    )
    st.caption(
        f"Total: {subject.summary.parameters:,} parameters and {subject.summary.multiply_adds:,} multiply-adds a picture. "
        "Output is height×width×channels; the receptive field is how many pixels of the input one activation depends on, "
        "more than the whole picture in deep layers."
    )


def _picked_line(table: pd.DataFrame) -> str | None:
    rows = st.session_state["network_table"]["selection"]["rows"]
    return str(table["Layer"][rows[0]]) if rows else None


def _by(value: tuple[int, int] | str | None) -> str:
    return "" if value is None else value if isinstance(value, str) else f"{value[0]}×{value[1]}"
