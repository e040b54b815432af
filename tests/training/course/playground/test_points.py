"""Points in a plane: made ones, and those of an address."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.course.playground.errors import PlaygroundError
from training.course.playground.points import COUNT, MAX_POINTS, REACH, SHAPES, Points, make_points, require_classes, separable

point = st.tuples(st.integers(-150, 150), st.integers(-150, 150), st.integers(0, 2))


def points_of(*rows: tuple[float, float, int]) -> Points:
    table = np.array(rows, np.float64).reshape(-1, 3)
    return Points(table[:, :2], table[:, 2].astype(np.int64))


@settings(deadline=None, max_examples=50)
@given(st.lists(point, max_size=MAX_POINTS))
def test_points_survive_an_address(rows: list[tuple[int, int, int]]) -> None:
    points = points_of(*((x / 100, y / 100, label) for x, y, label in rows))
    again = Points.read(points.write())
    np.testing.assert_array_equal(again.places, points.places)
    np.testing.assert_array_equal(again.labels, points.labels)


@settings(deadline=None, max_examples=50)
@given(st.text())
def test_any_other_text_is_refused_with_a_sentence(text: str) -> None:
    try:
        assert Points.read(text).write() == text.replace("-0_", "0_") or text
    except PlaygroundError as error:
        assert str(error).endswith(".")


@pytest.mark.parametrize("text", ["A", "A1_", "D1_1", "A151_0", "A1_1~", "A1_1;B2_2", "A1_1" * 2])
def test_what_is_no_point_is_refused(text: str) -> None:
    with pytest.raises(PlaygroundError, match="A point is a class and hundredths"):
        Points.read(text)


def test_too_many_points_for_an_address_are_refused() -> None:
    with pytest.raises(PlaygroundError, match="at most 200"):
        Points.read("~".join(["A1_1"] * (MAX_POINTS + 1)))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("noise", [0.0, 0.1, 0.5])
def test_made_points_fit_the_plane_and_an_address(shape: str, noise: float) -> None:
    points = make_points(shape, noise, 0)
    assert len(points) == COUNT
    assert np.bincount(points.labels).tolist() == [COUNT // 2, COUNT // 2]
    assert np.abs(points.places).max() <= REACH
    np.testing.assert_array_equal(Points.read(points.write()).places, points.places)


def test_xor_is_xor() -> None:
    points = make_points("XOR", 0.1, 0)
    np.testing.assert_array_equal(points.labels, (points.places[:, 0] * points.places[:, 1] < 0).astype(int))


def test_points_out_of_the_plane_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="within"):
        points_of((2, 0, 0))
    with pytest.raises(ValueError, match="labels"):
        points_of((0, 0, 3))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "There are no points yet"),
        ([(0, 0, 0), (1, 1, 0)], "All points are of class A.*Put down points of B"),
        ([(0, 0, 1)], "All points are of class B.*Put down points of A"),
        ([(0, 0, 0), (1, 1, 2)], "only A and B apart. Take the points of class C away"),
    ],
)
def test_what_is_missing_is_said(rows: list[tuple[float, float, int]], message: str) -> None:
    with pytest.raises(PlaygroundError, match=message):
        require_classes(points_of(*rows), 2)


def test_contradictions_are_counted() -> None:
    assert points_of((0, 0, 0), (0, 0, 1), (1, 1, 0), (1, 1, 0), (0, 0, 1)).contradictions == 3
    assert points_of().contradictions == 0


@pytest.mark.parametrize(("shape", "answer"), [("Blobs", True), ("XOR", False), ("Moons", False), ("Circles", False)])
def test_only_blobs_are_separable(shape: str, answer: bool) -> None:
    assert separable(make_points(shape, 0.05, 0)) is answer


def test_separability_of_few_points() -> None:
    assert separable(points_of((0, 0, 0), (1, 1, 1)))
    assert not separable(points_of((0, 0, 0), (0, 0, 1)))
    corners = [(0, 0, 0), (1, 0, 1), (0, 1, 2)]
    assert separable(points_of(*corners))
    # The middle of a triangle of other classes is cut off by no single line, but by three; the middle of one class is not.
    assert not separable(points_of((-1, 0, 0), (0, 0, 1), (1, 0, 0)))


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.integers(-150, 150), st.integers(-150, 150)), min_size=2, max_size=20),
    st.integers(-9, 9),
    st.integers(-9, 9),
    st.integers(-900, 900),
)
def test_what_a_line_separates_is_separable(places: list[tuple[int, int]], a: int, b: int, c: int) -> None:
    sides = [a * x + b * y + c for x, y in places]
    rows = [(x / 100, y / 100, int(side > 0)) for (x, y), side in zip(places, sides, strict=True) if side != 0]
    assert separable(points_of(*rows))
