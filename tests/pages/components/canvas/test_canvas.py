"""What the browser sends as a drawing is a picture of the canvas' size, or it is refused."""

import base64
import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from pages.components.canvas import MAX_CHARACTERS, PNG, SIDE, read_drawing
from recognition.errors import PictureError
from recognition.pictures import encode_jpeg, encode_png

PAGE = np.full((SIDE, SIDE, 3), 255, np.uint8)


def url(data: bytes) -> str:
    return PNG + base64.b64encode(data).decode()


def test_a_drawing_is_read_as_it_was_drawn() -> None:
    drawing = PAGE.copy()
    drawing[100:180, 130:150] = 0
    read = read_drawing(url(encode_png(drawing)))
    assert read is not None and np.array_equal(read, drawing)


@pytest.mark.parametrize("nothing", [None, "", {}])
def test_an_empty_canvas_is_no_drawing(nothing: object) -> None:
    assert read_drawing(nothing) is None


@pytest.mark.parametrize(
    "value",
    [
        7,
        "https://elsewhere.example/x.png",
        PNG + "not base64!",
        url(b"not a picture"),
        url(encode_png(PAGE)[:60]),
        url(encode_png(PAGE[:-1])),
        url(encode_jpeg(PAGE[:9])),
        url(b"x" * MAX_CHARACTERS),
    ],
)
def test_anything_else_is_refused(value: object) -> None:
    with pytest.raises(PictureError, match="draw it again"):
        read_drawing(value)


@given(st.text(max_size=60) | st.binary(max_size=60).map(url))
def test_nothing_that_is_sent_does_more(value: str) -> None:
    with contextlib.suppress(PictureError):
        read_drawing(value)


def test_a_page_with_a_canvas_starts_empty() -> None:
    def page() -> None:
        import streamlit as st

        from pages.components.canvas import canvas

        st.text(f"drawn={canvas(key='here')}")

    test = AppTest.from_function(page).run()
    assert not test.exception
    assert test.text[0].value == "drawn=None"
