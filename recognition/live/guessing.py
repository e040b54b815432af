"""A camera session in which a network says what is held into the camera."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from recognition.erasure import Erased
from recognition.errors import RecognitionError
from recognition.pictures import Picture, encode_png
from recognition.session import FrameResult, Guess
from recognition.stopwatch import Stopwatch

MOST = 12
"""Classes shown of one prediction: more bars can't be read while they move."""


class Prediction(Protocol):
    """What a network says of a picture."""

    @property
    def region(self) -> tuple[int, int, int, int]:
        """The part of the picture that it was about: x1, y1, x2, y2 in pixels."""

    @property
    def seen(self) -> NDArray[np.uint8]:
        """What the network got of it, (H, W, 1 or 3) uint8."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, always in the same order."""

    @property
    def probabilities(self) -> NDArray[np.float32]:
        """(K,) float32, 0 to 1."""


class Predictor(Protocol):
    """A network that tells classes apart, with its preprocessing."""

    def of_picture(self, picture: Picture) -> Prediction:
        """Of (H, W, 3) uint8 RGB. Called from worker threads."""


class LiveGuesses:
    """One camera's guesses; a `CameraSession`.

    Attributes:
        predictor: what is asked; the page may put another in its place at any time. None after somebody was erased, whose
            face it may have learned from.
    """

    def __init__(self, predictor: Predictor) -> None:
        self.predictor: Predictor | None = predictor

    def frame(self, picture: Picture) -> FrameResult:
        """Ask the network about a frame, (H, W, 3) uint8 RGB.

        Raises:
            RecognitionError: somebody was erased.
        """
        predictor = self.predictor
        if predictor is None:
            raise RecognitionError("Somebody was deleted whom this network may have learned from. Reload the page.")
        watch = Stopwatch()
        with watch("predict"):
            said = predictor.of_picture(picture)
        guess = Guess(said.region, encode_png(as_rgb(said.seen)), likeliest(said))
        return FrameResult((picture.shape[1], picture.shape[0]), (), None, watch.milliseconds, guess)

    def round(self) -> None:
        """There is no enrollment round here."""

    def discard(self, photo_id: str) -> None:
        """No photos are kept."""

    def forget(self, erased: Erased) -> None:  # noqa: ARG002  # a network doesn't say whom it learned from
        """Let go of the network."""
        self.predictor = None


def likeliest(prediction: Prediction, most: int = MOST) -> Mapping[str, float]:
    """The most probable classes, in the order of all classes, so that a bar stays at its place."""
    places = np.sort(np.argsort(-prediction.probabilities, kind="stable")[:most])
    return {prediction.classes[place]: float(prediction.probabilities[place]) for place in places}


def as_rgb(seen: NDArray[np.uint8]) -> Picture:
    """What a network got, (H, W, 1 or 3) uint8, as a picture."""
    return seen if seen.shape[2] == 3 else np.repeat(seen, 3, axis=2)
