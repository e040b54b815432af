"""How a tuned network's scores are read."""

import numpy as np
import pytest

from recognition.calibration import OPERATING_CONFIDENCE, Calibration
from training.faces.calibration import calibrate
from training.faces.open_set import EvaluationResult
from training.faces.report import Rates
from training.metrics import OpenSet

PARENT = Calibration(threshold=0.9, slope=100.0, spread=0.04, source="measured")
NOTHING = OpenSet(0, 0, 0, 0)


def measured(genuine: np.ndarray, strangers: np.ndarray) -> EvaluationResult:
    return EvaluationResult(Rates(clean=NOTHING, hard=NOTHING), np.zeros(1), np.zeros(1), genuine, strangers)


def test_with_few_strangers_the_parents_calibration_moves_with_their_scores() -> None:
    random = np.random.default_rng(0)
    before = random.normal(0.8, 0.04, 30)
    after = 0.5 * before + 0.2
    own = random.normal(0.95, 0.02, 30)
    found = calibrate(PARENT, measured(own, before), measured(own, after), related=True)
    assert found.threshold == pytest.approx(0.5 * 0.9 + 0.2)
    assert found.confidence(0.5 * 0.93 + 0.2) == pytest.approx(PARENT.confidence(0.93))


def test_with_enough_strangers_it_is_measured_on_them() -> None:
    random = np.random.default_rng(0)
    strangers, own = random.normal(0.3, 0.1, 400), random.normal(0.7, 0.1, 400)
    found = calibrate(PARENT, measured(own, strangers), measured(own, strangers), related=True)
    assert (strangers > found.threshold).mean() <= 0.01
    assert found.confidence(found.threshold) == 0.5
    assert found.spread == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize("count", [30, 400], ids=["carried over", "measured"])
def test_of_strangers_of_the_same_kind_about_one_in_a_hundred_gets_a_name(count: int) -> None:
    random = np.random.default_rng(1)
    parent = Calibration(threshold=0.8 + 2.326 * 0.04, slope=100.0, spread=0.04, source="test")
    before = random.normal(0.8, 0.04, count)
    own = random.normal(0.97, 0.01, 100)
    found = calibrate(parent, measured(own, before), measured(own, 0.5 * before + 0.2), related=True)
    others = 0.5 * random.normal(0.8, 0.04, 100_000) + 0.2
    named = np.mean([found.accepts(score, OPERATING_CONFIDENCE) for score in others])
    assert 0.004 < named < 0.02


def test_scores_that_separate_perfectly_or_not_at_all_still_give_a_calibration() -> None:
    apart = calibrate(PARENT, measured(np.ones(5), np.zeros(5)), measured(np.ones(5), np.zeros(5)), related=False)
    assert apart.confidence(1.0) > 0.9 > 0.5 >= apart.confidence(0.0)
    mixed = calibrate(PARENT, measured(np.zeros(5), np.ones(5)), measured(np.zeros(5), np.ones(5)), related=False)
    assert np.isfinite([mixed.threshold, mixed.slope, mixed.spread]).all()
