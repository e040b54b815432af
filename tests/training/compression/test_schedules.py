"""When how much is pruned."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from training.compression.schedules import ConstantSparsity, PolynomialDecay

shares = st.floats(0.0, 1.0)
sparsities = st.floats(0.0, 0.99)


@st.composite
def polynomials(draw: st.DrawFn) -> PolynomialDecay:
    begin, end = sorted(draw(st.tuples(shares, shares)))
    initial, final = sorted(draw(st.tuples(sparsities, sparsities)))
    return PolynomialDecay(
        begin=begin,
        end=end,
        frequency=draw(st.integers(1, 50)),
        initial=initial,
        final=final,
        exponent=draw(st.floats(0.5, 9.0)),
    )


def test_the_polynomial_of_zhu_and_gupta() -> None:
    schedule = PolynomialDecay(begin=0.0, end=1.0, initial=0.2, final=0.8, exponent=3)
    assert schedule.sparsity(0, 101) == pytest.approx(0.2)
    # 0.8 + (0.2 - 0.8) (1 - 50/100)³
    assert schedule.sparsity(50, 101) == pytest.approx(0.725)
    assert schedule.sparsity(100, 101) == pytest.approx(0.8)


def test_the_constant_schedule_wants_all_at_once() -> None:
    schedule = ConstantSparsity(begin=0.5, end=1.0, final=0.6, frequency=10)
    assert [schedule.sparsity(step, 101) for step in (0, 49, 50, 100)] == [0.0, 0.0, 0.6, 0.6]
    assert [step for step in range(101) if schedule.due(step, 101)] == [50, 60, 70, 80, 90, 100]


@given(polynomials(), st.integers(1, 400))
def test_sparsity_never_falls_and_stays_between_its_ends(schedule: PolynomialDecay, steps: int) -> None:
    first, _ = schedule.bounds(steps)
    goals = [schedule.sparsity(step, steps) for step in range(steps)]
    assert all(before <= after + 1e-9 for before, after in pairwise(goals))
    assert all(schedule.initial - 1e-9 <= goal <= schedule.final + 1e-9 for goal in goals[first:])
    assert not any(goals[:first])


@given(polynomials(), st.integers(1, 400))
def test_the_last_pruning_reaches_the_goal(schedule: PolynomialDecay, steps: int) -> None:
    due = [step for step in range(steps) if schedule.due(step, steps)]
    assert due == sorted(set(due)) and due[-1] == schedule.bounds(steps)[1]
    assert schedule.sparsity(due[-1], steps) == pytest.approx(schedule.final)


@pytest.mark.parametrize("wrong", [{"begin": 0.8, "end": 0.2}, {"final": 1.0}, {"frequency": 0}, {"exponent": 0.0}])
def test_what_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        PolynomialDecay(**wrong)  # type: ignore[arg-type]
