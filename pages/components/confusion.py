"""A confusion matrix as a chart."""

from collections.abc import Sequence
from typing import Literal

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

SIDE = 480
"""Pixels that a matrix takes at most; where there is less room, its cells shrink and stay square."""

CELLS = (24, 48)
"""Pixels of a cell, at least and at most, where there is room."""

RIGHT, WRONG = ((207, 233, 227), (79, 184, 163)), ((251, 230, 189), (240, 160, 20))
"""From few of a class to all of it."""

INK = "#17211f"
"""Readable on all of these, in both themes."""

LINE = 24
"""Letters of a line of a name."""

CLICKED = "clicked"
"""Name of the selection: a click on a cell selects its `Truth` and its `Guess`."""


def confusion_chart(matrix: NDArray[np.int64], names: Sequence[str], what: str) -> alt.LayerChart:
    """Rows are the truth, columns what it was taken for; cells without any stay empty. It is square, however wide it is drawn.

    Args:
        matrix: (K, K) counts.
        names: of the K classes, no two alike.
        what: is counted, in the plural.
    """
    cells = pd.DataFrame(
        [
            {
                "Truth": names[truth],
                "Guess": names[guess],
                what: int(matrix[truth, guess]),
                "Colour": _mixed(RIGHT if truth == guess else WRONG, matrix[truth, guess] / matrix[truth].sum()),
            }
            for truth, guess in np.argwhere(matrix).tolist()
        ]
    )
    square = alt.Scale(domain=list(names), range=[0, alt.ExprRef("min(width, height)")])
    # At the top: there the axis touches the matrix even where it is less high than the chart.
    above = name_axis("Taken for", angle=-60 if max(map(len, names)) > 2 else 0, orient="top")
    base = alt.Chart(cells).encode(
        x=alt.X("Guess:N", scale=square, axis=above),
        y=alt.Y("Truth:N", scale=square, axis=name_axis("Really")),
        tooltip=["Truth", "Guess", what],
    )
    click = alt.selection_point(name=CLICKED, fields=["Truth", "Guess"], empty=False)
    squares = base.mark_rect(cursor="pointer", stroke=INK).encode(
        color=alt.Color("Colour:N", scale=None), strokeWidth=alt.condition(click, alt.value(2), alt.value(0))
    )
    squares = squares.add_params(click)
    numbers = base.mark_text(fontSize=11, color=INK, cursor="pointer").encode(text=f"{what}:Q")
    smallest, largest = CELLS
    side = len(names) * max(smallest, min(largest, SIDE // len(names)))
    # Otherwise the names would have to fit into the height too, and the matrix would shrink.
    chart: alt.LayerChart = (squares + numbers).properties(
        height=side, autosize=alt.AutoSizeParams(type="fit-x", contains="padding")
    )
    return chart


def name_axis(title: str | None, *, angle: int = 0, orient: Literal["top", "bottom", "left"] | None = None) -> alt.Axis:
    """An axis on which every name is written in full, in lines of a few words."""
    lines = rf"split(trim(replace(datum.label, regexp('(.{{1,{LINE}}})( |$)', 'g'), '$1\n')), '\n')"
    return alt.Axis(
        title=title,
        # Slanted ones have room for a long line, but not for two.
        labelExpr=alt.Undefined if angle else lines,
        labelLimit=0,
        labelOverlap=False,
        labelFlush=False,
        labelBound=False,
        labelAngle=angle,
        orient=orient if orient is not None else alt.Undefined,
    )


def _mixed(colours: tuple[tuple[int, int, int], tuple[int, int, int]], share: float) -> str:
    mixed = [round(few + (all_ - few) * share) for few, all_ in zip(*colours, strict=True)]
    return f"rgb({mixed[0]}, {mixed[1]}, {mixed[2]})"
