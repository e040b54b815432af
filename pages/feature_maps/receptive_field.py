"""What one activation sees: its receptive field on the picture."""

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from pages.components.panels import bound, explain, picture
from pages.feature_maps.subject import Shown, Subject
from recognition.inspection.drawing import with_box
from recognition.inspection.feature_maps import Maps, seen_by
from recognition.inspection.inspectable import Inspectable
from recognition.inspection.views import large, maps_of

SIDE = 330
"""Of the map and the picture, in pixels of the screen."""


def panel(subject: Subject[Inspectable], shown: Shown) -> None:
    explain(
        "Click an activation on the left: the bright part of the picture is all it can know of, because every window before it "
        "looked no further. Each layer with stride s makes all windows behind it s times as wide on the picture.",
        r"r_{l} = r_{l-1} + (f_l - 1) \prod_{i<l} s_i",
    )
    subject.needs_maps()
    maps = maps_of(subject.network, shown.crop, subject.layer.name)
    _, height, width = maps.shape
    row, column = _position(height, width)
    enlarged = large(subject.seen(shown), 2 * SIDE)
    input_height, input_width = subject.summary.field_size
    seen = seen_by(subject.layer, maps, subject.channel, row, column, enlarged, (input_height, input_width))
    x1, y1, x2, y2 = seen.box
    share = (x2 - x1) * (y2 - y1) / (enlarged.shape[0] * enlarged.shape[1])
    percent = f"{share:.0%}" if share >= 0.01 else "less than 1%"
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=SIDE):
            _clickable(maps[subject.channel : subject.channel + 1], row, column)
            st.caption(f"Channel {subject.channel} of {subject.layer.label}, {height}×{width}: click a cell")
        with st.container(width=SIDE):
            picture(with_box(enlarged, seen.box, 4), f"What it sees: {percent} of the picture", "receptive_field")
    st.markdown(
        f"Activation ({row}, {column}) of channel {subject.channel} is **{seen.value:.3f}**. Its receptive field is "
        f"**{seen.field[0]}×{seen.field[1]}** pixels of the {input_height}×{input_width} input; what reaches beyond the edge "
        "is padding."
    )


def _position(height: int, width: int) -> tuple[int, int]:
    for key, cells in (("row", height), ("col", width)):
        if st.session_state.get(key, 0) >= cells:
            st.session_state[key] = cells - 1
    with st.container(horizontal=True):
        row = st.number_input(f"Row, 0 to {height - 1}", 0, max(height - 1, 1), height // 2, width=140, **bound("row"))
        column = st.number_input(f"Column, 0 to {width - 1}", 0, max(width - 1, 1), width // 2, width=140, **bound("col"))
    return min(int(row), height - 1), min(int(column), width - 1)


def _clickable(one: Maps, row: int, column: int) -> None:
    """The map as cells that can be clicked, (1, H, W)."""
    values = one[0]
    rows, columns = np.indices(values.shape)
    cells = pd.DataFrame({"row": rows.ravel(), "column": columns.ravel(), "value": values.ravel().round(4)})
    pick = alt.selection_point(name="cell", fields=["row", "column"], on="click", clear=False)
    base = alt.Chart(cells).encode(x=alt.X("column:O", axis=None), y=alt.Y("row:O", axis=None))
    squares = (
        base.mark_rect(cursor="crosshair")
        .encode(color=alt.Color("value:Q", scale=alt.Scale(scheme="viridis"), legend=None), tooltip=["row", "column", "value"])
        .add_params(pick)
    )
    here = base.transform_filter((alt.datum.row == row) & (alt.datum.column == column)).mark_rect(
        filled=False, stroke="#f0a014", strokeWidth=3
    )
    # Whole pixels for each cell, or seams would show.
    pixels = max(1, SIDE // max(values.shape))
    st.altair_chart(
        (squares + here).properties(padding=0).configure_scale(bandPaddingInner=0, bandPaddingOuter=0),
        width=pixels * values.shape[1],
        height=pixels * values.shape[0],
        key="cells",
        on_select=_go,
        selection_mode="cell",
        alt="The map of one channel, to click",
    )


def _go() -> None:
    points = st.session_state["cells"]["selection"].get("cell") or []
    if points:
        st.session_state["row"], st.session_state["col"] = int(points[0]["row"]), int(points[0]["column"])
