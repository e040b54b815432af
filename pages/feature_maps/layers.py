"""The network's layers as a table: what each is, gives, holds and sees."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.components.keyed import point_to
from pages.components.panels import explain
from pages.feature_maps.subject import Subject
from recognition.inspection.inspectable import Inspectable


def panel(subject: Subject[Inspectable]) -> None:
    explain(
        "A picture comes in at the top and leaves at the bottom as a handful of numbers; on the way the maps get smaller and "
        "more. Choose a line to look at its layer in the other tabs.",
        r"\text{side} = \left\lfloor \frac{n + 2p - f}{s} \right\rfloor + 1",
        r"\text{parameters} = k \cdot (f \cdot f \cdot c) + k",
    )
    _totals(subject)
    _table(subject)


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
            "Layer": [layer.number for layer in layers],
            "Type": [layer.title for layer in layers],
            "Part": [layer.part for layer in layers],
            "Output": [layer.output for layer in layers],
            "Kernel": [_by(layer.kernel) for layer in layers],
            "Stride": [_by(layer.stride) for layer in layers],
            "Padding": [_by(layer.padding) for layer in layers],
            "Parameters": [layer.parameters for layer in layers],
            "Multiply-adds": [layer.multiply_adds for layer in layers],
            "Receptive field": [_by(layer.field.size if layer.field else None) for layer in layers],
            "Name in PyTorch": [layer.name for layer in layers],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        height=560,
        column_config={name: st.column_config.NumberColumn(format="localized") for name in ("Parameters", "Multiply-adds")},
        key="network_table",
        on_select=lambda: _choose_picked([layer.name for layer in layers]),
        selection_mode="single-row",
    )
    st.caption(
        f"Total: {subject.summary.parameters:,} parameters and {subject.summary.multiply_adds:,} multiply-adds a picture. "
        "Output is height×width×channels; the receptive field is how many pixels of the input one activation depends on, "
        "more than the whole picture in deep layers."
    )


def _choose_picked(names: Sequence[str]) -> None:
    rows = st.session_state["network_table"]["selection"]["rows"]
    if rows:
        point_to("layer", names[rows[0]])


def _by(value: tuple[int, int] | str | None) -> str:
    return "" if value is None else value if isinstance(value, str) else f"{value[0]}×{value[1]}"
