"""The verdict on a training, and on which photos it rests."""

import re
from dataclasses import replace

import numpy as np
import pytest

from recognition.networks import Network
from training.faces import open_set
from training.faces.dataset import FaceSet
from training.faces.open_set import EvaluationResult, EvaluationSet, evaluate, validation_set
from training.faces.report import Rates, Report
from training.faces.split import Split
from training.faces.summary import Outcome, recommend, summarise
from training.metrics import OpenSet

RATES = Rates(clean=OpenSet(1, 1, 1, 0.9), hard=OpenSet(1, 1, 1, 0.9))


def result(quality: float, clean: float) -> EvaluationResult:
    return EvaluationResult(RATES, quality, clean, np.ones(3), np.zeros(3))


@pytest.mark.parametrize(
    ("tuned", "recommended", "sentence"),
    [
        (result(0.85, 0.9), True, "5.0 percentage points more"),
        (result(0.8, 0.9), False, "was not better"),
        (result(0.75, 0.95), False, "was not better"),
        # Better over all, but worse on clean photos.
        (result(0.9, 0.88), False, "2.0 percentage points fewer clear ones"),
    ],
)
def test_it_has_to_be_better_and_not_worse_on_clean_photos(tuned: EvaluationResult, recommended: bool, sentence: str) -> None:
    found, verdict = recommend(result(0.8, 0.9), tuned, photos=12, chose_epoch=False)
    assert found is recommended
    assert sentence in verdict
    assert "12 test photos that chose nothing" in verdict
    assert verdict.startswith("Better: " if recommended else "Keep the untuned network: ")


def test_the_photos_of_the_verdict_are_named() -> None:
    assert "1 test photo that chose nothing" in recommend(result(0, 0), result(1, 1), photos=1, chose_epoch=False)[1]
    words = recommend(result(0, 0), result(1, 1), photos=8, chose_epoch=True)[1]
    assert "8 validation photos that also chose the epoch" in words


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
        return replace(real, quality=0.5 + 0.1 * (asked is tuned) * (1 if better_on_test else -1), clean_quality=0.5)

    monkeypatch.setattr("training.faces.summary.evaluate", scripted)
    outcome = Outcome(
        network,
        tuned,
        validation,
        tested,
        replace(real, quality=0.6, clean_quality=0.6),
        replace(real, quality=0.7, clean_quality=0.6),
    )
    return summarise(faces, parts, outcome, weight=0.5, whitened=False, best_epoch=1)


@pytest.mark.parametrize("better", [True, False])
def test_where_there_is_a_test_it_decides(
    faces: FaceSet, network: Network, monkeypatch: pytest.MonkeyPatch, better: bool
) -> None:
    report = report_of(faces, network, monkeypatch, test=2, better_on_test=better)
    assert report.recommended is better
    assert report.test is not None
    assert re.search(r"on 6 test photos that chose nothing", report.verdict)
    assert {guess.photo for guess in report.guesses} == set(split_of(faces, 2).test)


def test_without_a_test_the_validation_decides_and_the_verdict_says_so(
    faces: FaceSet, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = report_of(faces, network, monkeypatch, test=0, better_on_test=False)
    assert report.recommended
    assert report.test is None
    assert "on 3 validation photos that also chose the epoch" in report.verdict
