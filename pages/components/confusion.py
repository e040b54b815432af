"""A confusion matrix as a chart."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

CELL = 24
"""Pixels."""

RIGHT, WRONG = ((207, 233, 227), (79, 184, 163)), ((251, 230, 189), (240, 160, 20))
"""From few of a class to all of it."""

INK = "#17211f"
"""Readable on all of these, in both themes."""

CLICKED = "clicked"
"""Name of the selection: a click on a cell selects its `Truth` and its `Guess`."""


def confusion_chart(matrix: NDArray[np.int64], names: Sequence[str], what: str) -> alt.LayerChart:
    """Rows are the truth, columns what it was taken for; cells without any stay empty.

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
    domain = alt.Scale(domain=list(names))
    base = alt.Chart(cells).encode(
        x=alt.X("Guess:N", scale=domain, axis=name_axis("Taken for", angle=-45 if max(map(len, names)) > 2 else 0)),
        y=alt.Y("Truth:N", scale=domain, axis=name_axis("Really")),
        tooltip=["Truth", "Guess", what],
    )
    click = alt.selection_point(name=CLICKED, fields=["Truth", "Guess"], empty=False)
    squares = base.mark_rect(cursor="pointer", stroke=INK).encode(
        color=alt.Color("Colour:N", scale=None), strokeWidth=alt.condition(click, alt.value(2), alt.value(0))
    )
    squares = squares.add_params(click)
    numbers = base.mark_text(fontSize=11, color=INK, cursor="pointer").encode(text=f"{what}:Q")
    chart: alt.LayerChart = (squares + numbers).properties(height=max(160, CELL * len(names) + 110))
    return chart


def name_axis(title: str | None, *, angle: int = 0) -> alt.Axis:
    """An axis on which every name is written."""
    return alt.Axis(title=title, labelLimit=120, labelOverlap=False, labelFlush=False, labelBound=False, labelAngle=angle)


def _mixed(colours: tuple[tuple[int, int, int], tuple[int, int, int]], share: float) -> str:
    mixed = [round(few + (all_ - few) * share) for few, all_ in zip(*colours, strict=True)]
    return f"rgb({mixed[0]}, {mixed[1]}, {mixed[2]})"
