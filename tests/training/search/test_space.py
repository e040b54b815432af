"""What a search may choose from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from training.errors import SearchError
from training.search.space import Choice, RealRange, Space, WholeRange, explain

NUMBERS = st.floats(1e-6, 1e6)


def test_the_points_of_a_range_are_evenly_spaced() -> None:
    assert RealRange(low=0, high=1).points(5) == [0, 0.25, 0.5, 0.75, 1]
    assert RealRange(low=1e-4, high=1e-1, log=True).points(4) == pytest.approx([1e-4, 1e-3, 1e-2, 1e-1])
    assert WholeRange(low=8, high=64, log=True).points(4) == [8, 16, 32, 64]
    assert WholeRange(low=1, high=3).points(9) == [1, 2, 3], "there are no more"
    assert Choice(values=("sgd", "adam")).points(7) == ["sgd", "adam"]


@given(NUMBERS, NUMBERS, st.booleans(), st.integers(2, 12))
def test_no_point_leaves_its_range(one: float, other: float, log: bool, count: int) -> None:
    space = RealRange(low=min(one, other), high=max(one, other), log=log)
    points = space.points(count)
    assert points == sorted(points) and all(space.low <= float(point) <= space.high for point in points)
    assert space.distribution()._contains(float(points[0]))


def test_a_grid_has_every_combination_once() -> None:
    space = Space(dimensions={"a": Choice(values=(True, False)), "b": WholeRange(low=1, high=3), "c": RealRange(low=0, high=1)})
    grid = space.grid(3)
    assert len(grid) == space.grid_size(3) == 2 * 3 * 3
    assert len({tuple(values.items()) for values in grid}) == len(grid)


def test_a_grid_that_never_ends_is_refused() -> None:
    with pytest.raises(SearchError, match=r"10,000 combinations; at most 1,000"):
        Space(dimensions={name: RealRange(low=0, high=1) for name in "abcd"}).grid(10)


@pytest.mark.parametrize(
    ("dimensions", "sentence"),
    [
        ({}, "Nothing is searched: choose at least one setting."),
        ({"rate": {"kind": "real", "low": 1, "high": 0.1}}, "Learning rate: the range goes from 1 down to 0.1; the smaller "),
        ({"rate": {"kind": "real", "low": 0, "high": 1, "log": True}}, "Learning rate: a logarithmic range can't begin at 0"),
        ({"rate": {"kind": "real", "low": "nan", "high": 1}}, "Learning rate: Input should be a finite number."),
        ({"rate": {"kind": "choice", "values": []}}, "Learning rate: the list of values is empty."),
        ({"rate": {"kind": "choice", "values": [1, 1]}}, "Learning rate: a value is in the list twice."),
        ({"rate": {"kind": "whole", "low": 1.5, "high": 3}}, "Learning rate: Input should be a valid integer"),
    ],
)
def test_what_can_t_be_searched_is_said_by_its_name(dimensions: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Space.model_validate({"dimensions": dimensions})
    assert str(explain(caught.value, {"rate": "Learning rate"})).startswith(sentence)


def test_values_stay_what_they_are_on_their_way_through_json() -> None:
    space = Space(dimensions={"a": Choice(values=(True, 1.5, 3, "x")), "b": RealRange(low=0, high=1)})
    read = Space.model_validate_json(space.model_dump_json())
    assert read == space
    choice = read.dimensions["a"]
    assert isinstance(choice, Choice) and [type(value) for value in choice.values] == [bool, float, int, str]
