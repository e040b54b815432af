"""A few training pictures of each class, at a glance."""

import html

import numpy as np
import streamlit as st

from pages.components.text import count, data_url
from recognition.inspection.drawing import enlarge, tile
from recognition.pictures import encode_png
from training.course.data.pictures import Split
from training.course.data.sizes import with_channels

ROWS, COLUMNS = 10, 8

SIDE = 64
"""Pixels: twice what there is room for, for screens with small pixels."""

STYLE = """<style>
.samples {display: grid; grid-template-columns: fit-content(5.5rem) 1fr; gap: .3rem .6rem; align-items: center}
.samples span {font-size: .875rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap}
.samples img {width: 100%; border-radius: .3rem; display: block}
</style>"""


def samples(split: Split) -> None:
    """A row of pictures for each class; where there are only few classes, each has several rows."""
    classes = split.classes[:ROWS]
    each = max(1, ROWS // len(classes) // 2)
    rows = "".join(_row(split, label, each * COLUMNS) for label in range(len(classes)))
    st.html(f'{STYLE}<div class="samples">{rows}</div>')
    height, width, channels = split.shape
    first = f", the first {ROWS} of them here" if len(split.classes) > ROWS else ""
    colour = "grey" if channels == 1 else "colour"
    st.caption(f"{count(len(split.classes), 'class', 'classes')}{first}; {height}×{width} pixels, {colour}")


def _row(split: Split, label: int, most: int) -> str:
    name = html.escape(split.classes[label])
    found = split.train.images[np.flatnonzero(split.train.labels == label)[:most]]
    if not len(found):
        return f"<span>{name}</span><span>no pictures</span>"
    sheet = tile([enlarge(with_channels(image, 3), SIDE) for image in found], COLUMNS)
    return f'<span title="{name}">{name}</span><img src="{data_url(encode_png(sheet), "png")}" alt="Pictures of {name}">'
