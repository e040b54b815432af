"""The one rule that decides whether a face gets a name."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from recognition.calibration import OPERATING_CONFIDENCE, STRANGERS_NAMED, Calibration
from recognition.enrollment.batch import OUTSIDER
from recognition.enrollment.guided import SAME_PERSON
from recognition.networks import BACKBONES, NETWORKS

cosines = st.floats(-0.99, 0.99)
calibrations = st.builds(Calibration, cosines, st.floats(1.0, 1000.0), st.floats(1e-4, 1.0), st.just("test"))


@given(calibrations, st.floats(-1, 1), st.floats(-1, 1))
def test_confidence_is_a_share_that_grows_with_the_score(calibration: Calibration, a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert 0.0 <= calibration.confidence(low) <= calibration.confidence(high) <= 1.0
    assert calibration.confidence(calibration.threshold) == OPERATING_CONFIDENCE


@given(calibrations, st.floats(-1, 1), st.floats(0.01, 0.999))
def test_a_face_is_named_from_the_confidence_asked_for(calibration: Calibration, score: float, least: float) -> None:
    confidence = calibration.confidence(score)
    assume(abs(confidence - least) > 1e-9)
    assert calibration.accepts(score, least) == (confidence > least)


@given(calibrations, st.floats(0.01, 0.99))
def test_the_required_score_has_that_confidence(calibration: Calibration, least: float) -> None:
    assert calibration.confidence(calibration.required_score(least)) == pytest.approx(least, abs=1e-6)


def test_at_the_ends_everybody_or_nobody_gets_a_name() -> None:
    calibration = Calibration(0.5, 10.0, 0.1, "test")
    assert calibration.required_score(0.0) == -math.inf
    assert calibration.required_score(1.0) == math.inf
    for wrong in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match="0 to 1"):
            calibration.required_score(wrong)


@pytest.mark.parametrize("key", BACKBONES)
def test_of_strangers_of_a_networks_own_distribution_about_one_in_a_hundred_gets_a_name(key: str) -> None:
    calibration = BACKBONES[key].calibration
    strangers = np.random.default_rng(0).normal(calibration.stranger_mean, calibration.spread, 20_000)
    named = np.mean([calibration.accepts(score, OPERATING_CONFIDENCE) for score in strangers])
    assert named == pytest.approx(STRANGERS_NAMED, abs=0.003)


@pytest.mark.parametrize("key", NETWORKS)
@pytest.mark.parametrize("limit", [OUTSIDER, SAME_PERSON], ids=["batch", "guided round"])
def test_enrollment_refuses_other_people_with_every_network(key: str, limit: float) -> None:
    """Even of those strangers who resemble an enrolled person most. Most people resemble each other less."""
    calibration = NETWORKS[key].calibration
    strangers = np.random.default_rng(0).normal(calibration.stranger_mean, calibration.spread, 20_000)
    assert (strangers < calibration.score_at(limit)).mean() > 0.2
    assert calibration.score_at(limit) < calibration.threshold


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ((1.5, 1.0, 0.1), "cosine"),
        ((math.nan, 1.0, 0.1), "cosine"),
        ((0.5, 0.0, 0.1), "slope"),
        ((0.5, math.inf, 0.1), "slope"),
        ((0.5, 1.0, 0.0), "spread"),
        ((0.5, 1.0, 2.0), "spread"),
    ],
)
def test_impossible_numbers_are_refused(numbers: tuple[float, float, float], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Calibration(*numbers, "test")
