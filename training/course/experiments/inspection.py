"""A classifier as `recognition.inspection` looks into networks."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from recognition.pictures import Picture
from training.course.experiments.classifier import Classifier, Probabilities


@dataclass(frozen=True)
class Guess:
    """A class that a network thinks of.

    Attributes:
        number: its place in the logits.
        name: what it is called.
        probability: 0 to 1.
    """

    number: int
    name: str
    probability: float


class InspectedClassifier:
    """A classifier that can be shared between threads and takes pictures in colour, as they are shown; an `Inspectable`.

    Args:
        classifier: from now on used by nobody else.
    """

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self._lock = threading.Lock()

    @property
    def classes(self) -> tuple[str, ...]:
        """Names, in the order of the logits."""
        return self._classifier.classes

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of the pictures it takes."""
        return self._classifier.shape

    @contextmanager
    def exclusive(self) -> Iterator[nn.Module]:
        """The network for one thread alone."""
        with self._lock:
            yield self._classifier.module

    def cut(self, pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The pictures themselves: it looks at all of them."""
        return pictures

    def preprocess(self, pictures: NDArray[np.uint8]) -> Tensor:
        """(N, H, W, 3) uint8 RGB to the network's input, (N, C, height, width) float32: resized where they have another
        size, grey where the network sees no colour."""
        return self._classifier.prepare(np.stack([self._taken(picture) for picture in pictures]))

    def guesses(self, picture: Picture) -> list[Guess]:
        """All classes, the most probable first, for (H, W, 3) uint8 RGB."""
        values = self.probabilities(picture[None])[0]
        order = np.argsort(-values, kind="stable")
        return [Guess(int(number), self.classes[number], float(values[number])) for number in order]

    def probabilities(self, pictures: NDArray[np.uint8]) -> Probabilities:
        """(N, H, W, 3) uint8 RGB to (N, K) float32, rows that add up to 1."""
        taken = np.stack([self._taken(picture) for picture in pictures])
        with self._lock:
            return self._classifier.probabilities(taken)

    def seen(self, picture: Picture) -> Picture:
        """What the network sees of a picture: its middle at the network's own aspect ratio and size, grey where the network
        is grey; (height, width, 3) uint8 RGB."""
        height, width, _ = self.input_shape
        scale = min(picture.shape[0] / height, picture.shape[1] / width)
        tall, wide = max(1, round(height * scale)), max(1, round(width * scale))
        top, left = (picture.shape[0] - tall) // 2, (picture.shape[1] - wide) // 2
        return as_rgb(self._taken(picture[top : top + tall, left : left + wide]))

    def _taken(self, picture: Picture) -> NDArray[np.uint8]:
        """(H, W, 3) to (height, width, channels)."""
        height, width, channels = self.input_shape
        if picture.shape[:2] != (height, width):
            kind = cv2.INTER_AREA if picture.shape[0] > height else cv2.INTER_LINEAR
            picture = np.asarray(cv2.resize(picture, (width, height), interpolation=kind), np.uint8)
        if channels == 1:
            return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)[:, :, None]
        return picture


def as_rgb(image: NDArray[np.uint8]) -> Picture:
    """A picture of a data set, (H, W, 1 or 3) uint8, as it is shown: (H, W, 3) RGB."""
    return image if image.shape[2] == 3 else np.repeat(image, 3, axis=2)
