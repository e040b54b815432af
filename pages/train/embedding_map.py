"""All faces in the plane, before and after."""

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from pages.components.thumbnails import thumbnail_url
from pages.train.names import Names
from training.faces.report import EmbeddingMap

FACES = 200
"""Faces that are drawn at most, a kilobyte each; all further photos are dots."""

THUMBNAIL = 48
"""Pixels of a face as it is sent; hovering shows it larger than the chart does."""

FACE, RING, DOT = 28, 34, 9
"""Pixels in the chart: a face, the coloured square behind it, a dot."""

LEGEND_UP_TO = 12
"""People up to which the colours have a legend; hovering tells the name in any case."""


def maps(found: EmbeddingMap, names: Names) -> None:
    """Two charts side by side."""
    st.markdown(
        "Every photo where the network sees it: faces that it finds alike lie together, each person has a colour of their own "
        "behind the face. Tight, separate islands are good; only who is whose neighbour means something, not the axes or large "
        "distances (t-SNE). Point at a face to see whose it is."
    )
    people = [names(key) for key in found.people]
    faces: list[str | None] = _faces(found.photos) if names.known else [None] * len(found.photos)
    left, right = st.columns(2, gap="medium")
    for place, title, points in ((left, "Untuned", found.untuned), (right, "Tuned", found.tuned)):
        with place:
            st.markdown(f"**{title}**")
            st.altair_chart(_chart(people, faces, points), width="stretch", alt=f"Faces in the plane, {title.lower()}")
    if len(found.photos) > FACES and names.known:
        st.caption(f"{FACES} of {len(found.photos):,} photos are drawn as faces, the others as dots.")


def _faces(photos: list[str]) -> list[str | None]:
    """Addresses of at most `FACES` thumbnails, evenly drawn."""
    shown = set(np.linspace(0, len(photos) - 1, min(FACES, len(photos))).round().astype(int).tolist())
    return [
        thumbnail_url(int(photo), THUMBNAIL) if number in shown and photo.isdecimal() else None
        for number, photo in enumerate(photos)
    ]


def _chart(people: list[str], faces: list[str | None], points: list[tuple[float, float]]) -> alt.LayerChart:
    frame = pd.DataFrame({"x": [x for x, _ in points], "y": [y for _, y in points], "Person": people, "image": faces})
    everybody = sorted(set(people))
    base = alt.Chart(frame).encode(
        x=alt.X("x:Q", axis=None, scale=alt.Scale(zero=False, padding=FACE)),
        y=alt.Y("y:Q", axis=None, scale=alt.Scale(zero=False, padding=FACE)),
        tooltip=["Person:N", "image:N"],
    )
    colour = alt.Color(
        "Person:N",
        scale=alt.Scale(domain=everybody, scheme="category10" if len(everybody) <= 10 else "category20"),
        legend=alt.Legend(orient="bottom", title=None, columns=2, labelLimit=0) if len(everybody) <= LEGEND_UP_TO else None,
    )
    behind = base.mark_square(opacity=1).encode(
        color=colour, size=alt.condition("datum.image", alt.value(RING**2), alt.value(DOT**2))
    )
    drawn = base.transform_filter("datum.image").mark_image(width=FACE, height=FACE).encode(url="image:N")
    chart: alt.LayerChart = (behind + drawn).properties(height=540)
    return chart
