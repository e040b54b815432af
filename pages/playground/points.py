"""Which points are learned: made ones, or the student's own."""

from dataclasses import dataclass

import streamlit as st

from pages.components.panels import bound
from pages.components.text import plain, show_error
from pages.playground.plane import OWN, chosen_key
from training.course.playground.errors import PlaygroundError
from training.course.playground.points import SHAPES, Points, make_points

YOURS = "Your own"

HINT = "Tap in here to put down points of class A, then choose B beside or below and put down some of it."


@dataclass(frozen=True)
class Chosen:
    """What is to be learned.

    Attributes:
        source: key in `SHAPES`, or `YOURS`.
        text: the points as `Points.write` gives them: they compare and hash.
    """

    source: str
    text: str

    @property
    def points(self) -> Points:
        return Points.read(self.text)

    @property
    def hint(self) -> str | None:
        """What to do where there are no points; None where none can be put down."""
        return HINT if self.source == YOURS else None


def choose_source(key: str, usual: str) -> str:
    """Which points; `key` begins the names of the inputs."""
    source = st.segmented_control(
        "Points", [*SHAPES, YOURS], default=usual, required=True, label_visibility="collapsed", **bound(f"{key}_points")
    )
    return str(source)


def choose_points(key: str, source: str) -> Chosen:
    """The points of a source, with its inputs."""
    if source == YOURS:
        return Chosen(source, _own().write())
    noise = st.slider("Noise", 0.0, 0.5, 0.1, 0.01, **bound(f"{key}_noise"))
    return Chosen(source, make_points(source, noise, 0).write())


def say_what_is_missing(error: PlaygroundError) -> None:
    """Why nothing could be learned: a next step rather than a failure, and below the picture, which stays where it is."""
    st.info(plain(str(error)), icon=":material/touch_app:")


def choose_point(key: str, points: Points) -> int:
    """The index of the point whose numbers are shown; a tap in the plane chooses it too."""
    chosen = st.number_input(
        "Point", 1, len(points), 1, help="Or tap a point in the picture.", width=150, **bound(chosen_key(key))
    )
    return int(chosen) - 1


def _own() -> Points:
    """The points of the address."""
    try:
        return Points.read(st.query_params.get(OWN, ""))
    except PlaygroundError as error:
        show_error(f"The points in the address can't be used. {error}")
        return Points.read("")
