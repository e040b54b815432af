"""The plan of successive halving and of Hyperband."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from training.search.brackets import last_bracket, plan
from training.search.settings import Stopping


def test_hyperband_of_81_epochs_is_the_table_of_the_paper() -> None:
    """Li et al. 2018, Table 1, with n by Algorithm 1: ⌈(s_max + 1) / (s + 1) · η^s⌉."""
    rungs = plan(Stopping(rule="hyperband", first=1, factor=3), 81)
    table = {s: [(rung.configurations, rung.epochs) for rung in rungs if rung.bracket == s] for s in (4, 3, 2, 1, 0)}
    assert table == {
        4: [(81, 1), (27, 3), (9, 9), (3, 27), (1, 81)],
        3: [(34, 3), (11, 9), (3, 27), (1, 81)],
        2: [(15, 9), (5, 27), (1, 81)],
        1: [(8, 27), (2, 81)],
        0: [(5, 81)],
    }


def test_successive_halving_is_its_first_bracket() -> None:
    stopping = Stopping(rule="halving", first=1, factor=3)
    assert [(rung.configurations, rung.epochs) for rung in plan(stopping, 9)] == [(9, 1), (3, 3), (1, 9)]
    assert [(rung.configurations, rung.epochs) for rung in plan(stopping, 9, 20)] == [(20, 1), (6, 3), (2, 9)]


def test_without_stopping_there_is_no_plan() -> None:
    assert plan(Stopping(rule="none"), 9) == []


@given(st.integers(1, 20), st.integers(2, 5), st.integers(1, 500))
def test_fewer_go_on_for_longer_until_one_gets_everything(first: int, factor: int, epochs: int) -> None:
    stopping = Stopping(rule="hyperband", first=first, factor=factor)
    rungs = plan(stopping, epochs)
    for s in range(last_bracket(stopping, epochs) + 1):
        inside = [rung for rung in rungs if rung.bracket == s]
        assert len(inside) == s + 1 and inside[-1].epochs == epochs and inside[-1].configurations >= 1
        for before, after in pairwise(inside):
            assert after.configurations <= before.configurations and after.epochs >= before.epochs
