"""A network that has learned digits is asked about drawings and photos of them."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.course.test_preprocessing import drawn, photographed
from training.course.data.choice import Digits, Stored
from training.course.experiments.classifier import Classifier
from training.course.experiments.predictor import Predictor, usual_reading
from training.course.experiments.training import Outcome
from training.course.preprocessing import Reading

ONE = ((0.5, 0.2), (0.5, 0.8))
ZERO = tuple((0.5 + 0.16 * np.cos(turn), 0.5 + 0.3 * np.sin(turn)) for turn in np.linspace(0, 2 * np.pi, 24))


@pytest.fixture
def classifier(learned_digits: Outcome) -> Classifier:
    return learned_digits.classifier


@pytest.mark.parametrize(("line", "name"), [(ONE, "1"), (ZERO, "0")])
def test_a_drawn_digit_is_recognised_on_the_canvas_and_in_a_photo(
    classifier: Classifier, line: tuple[tuple[float, float], ...], name: str
) -> None:
    predictor = Predictor(classifier, "digits")
    drawing = drawn(*line)
    for said in (predictor.of_drawing(drawing), predictor.of_picture(photographed(drawing))):
        assert said.seen.shape == (8, 8, 1)
        assert said.classes[int(said.probabilities.argmax())] == name
        assert np.isclose(said.probabilities.sum(), 1.0, atol=1e-5)


def test_only_the_middle_of_a_wide_photo_is_looked_at(classifier: Classifier) -> None:
    photo = np.full((100, 180, 3), 255, np.uint8)
    photo[:, :40] = photo[:, 140:] = 0
    said = Predictor(classifier, "picture").of_picture(photo)
    assert said.region == (40, 0, 140, 100)
    assert said.seen.min() == 255


def test_nothing_gets_a_name_too(classifier: Classifier) -> None:
    said = Predictor(classifier, "mnist").of_picture(np.full((90, 90, 3), 128, np.uint8))
    assert not said.seen.any()
    assert np.isclose(said.probabilities.sum(), 1.0, atol=1e-5)


def test_a_drawing_can_be_taken_as_it_is(classifier: Classifier) -> None:
    said = Predictor(classifier, "picture").of_drawing(drawn(*ONE))
    assert said.seen[0, 0, 0] == 255 and said.seen.min() < 200


@pytest.mark.parametrize(
    ("mean", "channels", "reading"),
    [(33.0, 1, "mnist"), (73.0, 1, "mnist"), (127.0, 1, "picture"), (230.0, 1, "paper"), (33.0, 3, "picture")],
)
def test_the_usual_reading_follows_the_brightness_of_the_training_pictures(
    classifier: Classifier, mean: float, channels: int, reading: Reading
) -> None:
    other = replace(classifier, shape=(28, 28, channels), mean=(mean,) * channels)
    assert usual_reading(Stored(key="any"), other) == reading
    assert usual_reading(Digits(), classifier) == "digits"
