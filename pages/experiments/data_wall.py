"""The picture wall: some pictures of each class, side by side."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from pages.components.panels import bound, inputs
from pages.components.text import count, plain
from recognition.inspection.drawing import enlarge, tile
from recognition.pictures import Picture
from training.course.data.choice import DataChoice
from training.course.data.pictures import Images, PictureSet
from training.course.data.shift import shifted
from training.course.data.sizes import squares, with_channels

SHOWN, COLUMNS = 12, 4
"""Pictures of each class, and how many stand beside each other."""

CLASSES = 20
"""Classes on one page."""

CARD = 168
"""Pixels: two cards beside each other on a phone."""

CELL = 34
"""Pixels of a picture: what a card has room for. They are drawn twice as large, for screens with small pixels."""


def show(data: PictureSet, choice: DataChoice, classes: Sequence[str]) -> None:
    """Pictures to learn from, as the network gets them; and test pictures, where they are moved."""
    # The inputs stand below the pictures, and decide what these are.
    wall, below = st.container(), inputs()
    with below:
        sample = int(st.number_input(f"Which {SHOWN} of each", 1, 999, width=150, **bound("sample")))
        page = _page(len(classes))
    with wall, st.container(horizontal=True, gap="small"):
        for name in classes[page * CLASSES : (page + 1) * CLASSES]:
            _card(data, choice, name, sample)
    if choice.shift:
        part = data.train if data.test is None else data.test
        images = _sized(part.images[_some(len(part), 2 * SHOWN, sample)], choice)
        st.markdown(f"Test pictures are moved by up to {count(choice.shift, 'pixel')}, such as these:")
        st.image(_sheet(shifted(images, choice.shift, sample), SHOWN), alt="Test pictures, moved", output_format="PNG")


def _page(classes: int) -> int:
    if classes <= CLASSES:
        return 0
    pages = -(-classes // CLASSES)
    return int(st.number_input(f"Classes, page 1 to {pages}", 1, pages, width=180, **bound("wall"))) - 1


def _card(data: PictureSet, choice: DataChoice, name: str, sample: int) -> None:
    of_class = np.flatnonzero(data.train.labels == data.classes.index(name))
    images = _sized(data.train.images[of_class[_some(len(of_class), SHOWN, sample)]], choice)
    with st.container(border=True, width=CARD, gap="small"):
        st.markdown(f"**{plain(name)}** · {min(len(of_class), choice.limit or len(of_class)):,}")
        if len(images):
            width = CELL * min(len(images), COLUMNS)
            st.image(_sheet(images, COLUMNS), alt=f"Pictures of {name}", output_format="PNG", width=width)


def _some(there: int, wanted: int, sample: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Rows of pictures, the same for the same number `sample`."""
    return np.random.default_rng(sample).permutation(there)[:wanted]


def _sized(images: Images, choice: DataChoice) -> Images:
    return images if choice.side is None else squares(images, choice.side)


def _sheet(images: Images, columns: int) -> Picture:
    return tile([enlarge(with_channels(np.asarray(image), 3), 2 * CELL) for image in images], columns)
