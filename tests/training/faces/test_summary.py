"""The verdict on a training, and on which photos it rests."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from recognition.networks import Network
from tests.training import made
from training.faces import open_set
from training.faces.corruptions import WAYS
from training.faces.dataset import FaceSet
from training.faces.open_set import EvaluationResult, EvaluationSet, evaluate, validation_set
from training.faces.report import Rates, Report
from training.faces.split import Split
from training.faces.summary import Outcome, recommend, summarise
from training.metrics import OpenSet

ROOM = Rates(clean=OpenSet(1, 1, 1, 0.9), hard=OpenSet(0.9, 0.8, 0.9, 0.9))


def result(clean: Sequence[float], hard: Sequence[float], rates: Rates = ROOM) -> EvaluationResult:
    return EvaluationResult(rates, np.array(clean), np.array(hard), np.ones(3), np.zeros(3))


def recognised(better: int, worse: int, photos: int = 20, *, clear_ones_worse: int = 0) -> EvaluationResult:
    """Of photos that were all recognised half of the time, so many more often and so many less; of the clear ones, so many
    less."""
    hard = [1.0] * better + [0.0] * worse + [0.5] * (photos - better - worse)
    return result([0.4] * clear_ones_worse + [0.5] * (photos - clear_ones_worse), hard)


BEFORE = recognised(0, 0)


@pytest.mark.parametrize(
    ("tuned", "recommended", "clear", "sentence"),
    [
        (recognised(6, 0), True, True, "6 are recognised more reliably than before and 0 less; with 95% certainty"),
        # Five of five come from tossing coins 6 times in 100, and eight of ten 11 times: the exact test calls neither clear.
        (recognised(5, 0), False, False, "5 are recognised more reliably than before and 0 less, which may be chance"),
        (recognised(8, 2), False, False, "No clear difference"),
        (recognised(1, 0), False, False, "1 is recognised more reliably"),
        (recognised(0, 0), False, False, "0 are recognised more reliably than before and 0 less, just as before"),
        (recognised(1, 8), False, True, "Keep the untuned network"),
        # Better over all, but clear photos lost: surely, and perhaps.
        (recognised(14, 0, clear_ones_worse=6), False, True, "6 are recognised less reliably as they are, and 0 more"),
        (recognised(14, 0, clear_ones_worse=2), False, False, "but as they are, not more of them"),
    ],
)
def test_a_difference_that_may_be_chance_is_called_no_clear_difference(
    tuned: EvaluationResult, recommended: bool, clear: bool, sentence: str
) -> None:
    found = recommend(BEFORE, tuned, chose_epoch=False)
    assert (found.recommended, found.clear) == (recommended, clear)
    assert sentence in found.verdict
    assert "of 20 test photos that it had never seen" in found.verdict
    assert ("No clear difference" in found.verdict) == (not clear)
    # One sentence, whatever it says.
    assert found.verdict.count(". ") == 0 and found.verdict.endswith(".")


def test_where_nothing_could_be_gained_the_network_is_as_good_as_it_gets() -> None:
    full = Rates(clean=OpenSet(1, 1, 1, 0.9), hard=OpenSet(0.97, 0.9, 0.95, 0.9))
    before = result([1.0] * 20, [1.0] * 18 + [0.5] * 2, full)
    after = result([1.0] * 20, [1.0] * 19 + [0.5], full)
    assert recommend(before, after, chose_epoch=False).verdict.startswith("Your network is as good as it gets on these photos")
    # Where it gained clearly in spite of that, that is said.
    poor = result([1.0] * 20, [0.5] * 20, full)
    assert recommend(poor, after, chose_epoch=False).recommended


def test_the_photos_of_the_verdict_are_named() -> None:
    one = result([1.0], [1.0])
    assert "1 test photo that it had never seen" in recommend(one, one, chose_epoch=False).verdict
    assert "20 validation photos that also chose the epoch" in recommend(BEFORE, BEFORE, chose_epoch=True).verdict


def split_of(faces: FaceSet, test: int) -> Split:
    """Of each of the first three people's five photos, one for validation and `test` for the test; the fourth is held out."""
    groups: dict[str, list[str]] = {"train": [], "validation": [], "test": []}
    for person in range(3):
        photos = [faces.photos[row] for row in np.flatnonzero(faces.labels == person)]
        groups["validation"].append(photos[0])
        groups["test"] += photos[1 : 1 + test]
        groups["train"] += photos[1 + test :]
    return Split(tuple(groups["train"]), tuple(groups["validation"]), tuple(groups["test"]), (faces.people[3],))


def report_of(faces: FaceSet, network: Network, monkeypatch: pytest.MonkeyPatch, *, test: int, better_on_test: bool) -> Report:
    """A report where the tuned network is better on the validation, and on the test is better or worse."""
    parts = split_of(faces, test)
    validation, tested = validation_set(faces, parts, None), open_set.test_set(faces, parts, None)
    tuned = network.with_module(network.module)
    real = evaluate(network, validation, mirrored=False)

    def scripted(asked: Network, evaluation_set: EvaluationSet, *, mirrored: bool) -> EvaluationResult:
        assert evaluation_set is tested
        six = replace(real, clean=np.zeros(6))
        return made.scored(six, 0.5 + 0.1 * (asked is tuned) * (1 if better_on_test else -1), 0.5)

    monkeypatch.setattr("training.faces.summary.evaluate", scripted)
    outcome = Outcome(
        network,
        tuned,
        validation,
        tested,
        made.scored(real, 0.6, 0.6),
        made.scored(real, 0.7, 0.6),
    )
    return summarise(faces, parts, outcome, weight=0.5, whitened=False, best_epoch=1)


@pytest.mark.parametrize("better", [True, False])
def test_where_there_is_a_test_it_decides(
    faces: FaceSet, network: Network, monkeypatch: pytest.MonkeyPatch, better: bool
) -> None:
    report = report_of(faces, network, monkeypatch, test=2, better_on_test=better)
    assert report.recommended is better
    assert report.test is not None
    assert re.search(r"of 6 test photos that it had never seen", report.verdict)
    assert {guess.photo for guess in report.guesses} == set(split_of(faces, 2).test)
    assert [guess.photo for guess in report.hard_guesses] == [guess.photo for guess in report.guesses]
    assert {guess.corruption for guess in report.hard_guesses} == set(WAYS)


def test_without_a_test_the_validation_decides_and_the_verdict_says_so(
    faces: FaceSet, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = report_of(faces, network, monkeypatch, test=0, better_on_test=False)
    assert not report.recommended and not report.clear
    assert report.test is None
    assert "of 3 validation photos that also chose the epoch" in report.verdict
