"""Intervals hold what they promise, whatever was counted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from training.uncertainty import Accuracy, paired, unpaired

counted = st.integers(1, 5000).flatmap(lambda count: st.builds(Accuracy, st.integers(0, count), st.just(count)))
answers = st.integers(1, 80).flatmap(
    lambda count: st.tuples(*[st.lists(st.booleans(), min_size=count, max_size=count).map(np.array)] * 2)
)


@given(counted)
def test_an_accuracy_lies_in_its_interval(accuracy: Accuracy) -> None:
    low, high = accuracy.interval
    assert 0 <= low <= accuracy.share <= high <= 1
    assert accuracy.margin > 0


def test_more_pictures_are_surer() -> None:
    assert Accuracy(9000, 10000).margin < 0.01 < Accuracy(90, 100).margin
    # Wilson's interval of 90 of 100, as in every table of it.
    assert Accuracy(90, 100).interval == pytest.approx((0.826, 0.945), abs=1e-3)


@given(counted, counted)
def test_a_difference_lies_in_its_interval_and_changes_sign_with_the_order(first: Accuracy, second: Accuracy) -> None:
    there, back = unpaired(first, second), unpaired(second, first)
    assert there.low <= there.value <= there.high
    assert (back.low, back.high) == pytest.approx((-there.high, -there.low))
    assert there.clear == back.clear


def test_newcombe_s_own_example() -> None:
    """56 of 70 against 48 of 80, Newcombe 1998, table II (a), method 10."""
    found = unpaired(Accuracy(56, 70), Accuracy(48, 80))
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=1e-4)


@given(answers)
def test_paired_is_clear_where_mcnemars_exact_test_says_so(both: tuple[np.ndarray, np.ndarray]) -> None:
    first, second = both
    found = paired(first, second)
    assert found.value == pytest.approx(first.mean() - second.mean())
    assert found.low - 1e-9 <= found.value <= found.high + 1e-9
    only = [int((first & ~second).sum()), int((second & ~first).sum())]
    p = binomtest(only[0], sum(only)).pvalue if sum(only) else 1.0
    assert found.clear == (p < 0.05)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="can't be right"):
        Accuracy(3, 2)
    with pytest.raises(ValueError, match="can't be right"):
        Accuracy(0, 0)
    with pytest.raises(ValueError, match="the same pictures"):
        paired(np.array([True]), np.array([True, False]))
