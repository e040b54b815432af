"""Looking into the network of an experiment as into any other."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from recognition.inspection.inspectable import Inspectable
from recognition.inspection.views import class_heats_of, maps_of, summary_of
from training.course.data.pictures import Split
from training.course.experiments.classifier import Classifier
from training.course.experiments.inspection import InspectedClassifier, as_rgb
from training.course.experiments.training import Outcome


@pytest.fixture
def digits(learned_digits: Outcome) -> InspectedClassifier:
    return InspectedClassifier(learned_digits.classifier)


@pytest.fixture
def wide() -> InspectedClassifier:
    """Takes colour pictures twice as wide as high."""
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4 * 6 * 14, 2)).eval()
    return InspectedClassifier(Classifier(module, ("a", "b"), (8, 16, 3), (10.0, 20.0, 30.0), (50.0, 50.0, 50.0)))


def test_pictures_as_they_are_shown_reach_the_network_as_in_training(
    digits: InspectedClassifier, few_digits: Split, learned_digits: Outcome
) -> None:
    images = few_digits.test.images[:5]
    shown = np.stack([as_rgb(image) for image in images])
    assert shown.shape == (5, 8, 8, 3)
    assert torch.equal(digits.preprocess(shown), learned_digits.classifier.prepare(images))
    np.testing.assert_array_equal(digits.probabilities(shown), learned_digits.classifier.probabilities(images))


@pytest.mark.parametrize("side", [3, 8, 61])
def test_pictures_of_any_size_are_taken(digits: InspectedClassifier, wide: InspectedClassifier, side: int) -> None:
    picture = np.random.default_rng(side).integers(0, 256, (side, 2 * side, 3), dtype=np.uint8)
    assert digits.preprocess(picture[None]).shape == (1, 1, 8, 8)
    assert wide.preprocess(picture[None]).shape == (1, 3, 8, 16)


def test_of_a_photo_the_middle_is_seen_without_distortion(digits: InspectedClassifier, wide: InspectedClassifier) -> None:
    photo: NDArray[np.uint8] = np.zeros((40, 120, 3), np.uint8)
    photo[:, 40:80] = (200, 100, 0)
    # Only the middle square is taken; one grey in three channels, the luminance of the orange.
    seen = digits.seen(photo)
    assert seen.shape == (8, 8, 3) and len(np.unique(seen)) == 1 and 100 < seen[0, 0, 0] < 140
    seen = wide.seen(photo)
    assert seen.shape == (8, 16, 3)
    assert tuple(seen[4, 8]) == (200, 100, 0) and tuple(seen[4, 0]) == (0, 0, 0)
    # What is seen is what the network gets.
    assert torch.equal(wide.preprocess(seen[None])[0, :, 4, 8], torch.tensor([190.0, 80.0, -30.0]) / 50)


def test_guesses_come_with_the_most_probable_first(digits: InspectedClassifier, few_digits: Split) -> None:
    guesses = digits.guesses(as_rgb(few_digits.test.images[0]))
    assert len(guesses) == 10
    assert [guess.probability for guess in guesses] == sorted((guess.probability for guess in guesses), reverse=True)
    assert sum(guess.probability for guess in guesses) == pytest.approx(1, abs=1e-5)
    assert all(digits.classes[guess.number] == guess.name for guess in guesses)


def test_it_is_looked_into_as_any_network(digits: InspectedClassifier, few_digits: Split) -> None:
    network: Inspectable = digits
    summary = summary_of(network)
    assert summary.input_shape == (1, 8, 8)
    assert [layer.title for layer in summary.layers][-1] == "Dense"
    crop = as_rgb(few_digits.test.images[0])
    assert maps_of(network, crop, "1").shape == (8, 8, 8)
    heats = class_heats_of(network, crop, [3, 8], "1", "layercam")
    assert heats.shape == (2, 8, 8) and heats.min() >= 0 and heats.max() == pytest.approx(1)
