"""Asking a trained network about any drawing or picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recognition.pictures import Picture
from training.course.data.choice import Digits, Source
from training.course.data.sizes import Channelled
from training.course.experiments.classifier import Classifier
from training.course.preprocessing import (
    Ink,
    Reading,
    Region,
    from_ink,
    from_picture,
    ink_of_drawing,
    ink_of_photo,
    region_of,
)

DARK, LIGHT = 90.0, 165.0
"""Mean brightness, of 255, below which grey training pictures are taken for light ink on dark, and from which for dark ink on
light; those between are photos."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a network says of a picture.

    Attributes:
        region: the part of the picture that it was about.
        seen: what the network got of it, (H, W, C) uint8.
        classes: names, in the order of the training.
        probabilities: (K,) float32 that add up to 1.
    """

    region: Region
    seen: Channelled
    classes: tuple[str, ...]
    probabilities: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Predictor:
    """A network with the preprocessing that brings any picture to what it was trained on.

    Attributes:
        classifier: the network.
        reading: what of a picture it gets.
    """

    classifier: Classifier
    reading: Reading

    def of_drawing(self, drawing: Picture) -> Prediction:
        """Of black strokes on white, (H, W, 3) uint8 RGB."""
        if self.reading == "picture":
            return self.of_picture(drawing)
        height, width = drawing.shape[:2]
        return self._of_ink(ink_of_drawing(drawing), (0, 0, width, height))

    def of_picture(self, picture: Picture) -> Prediction:
        """Of an upload or a frame of the camera, (H, W, 3) uint8 RGB: its middle, with the network's aspect ratio."""
        x1, y1, x2, y2 = region = region_of(picture, self.classifier.shape)
        part = picture[y1:y2, x1:x2]
        if self.reading == "picture":
            return self._ask(from_picture(part, self.classifier.shape), region)
        return self._of_ink(ink_of_photo(part), region)

    def _of_ink(self, ink: Ink, region: Region) -> Prediction:
        return self._ask(from_ink(ink, self.classifier.shape, self.reading), region)

    def _ask(self, seen: Channelled, region: Region) -> Prediction:
        return Prediction(region, seen, self.classifier.classes, self.classifier.probabilities(seen[None])[0])


def usual_reading(source: Source, classifier: Classifier) -> Reading:
    """How the pictures of a data set were most likely made, judged by their brightness."""
    if isinstance(source, Digits):
        return "digits"
    if classifier.shape[2] == 3 or DARK <= classifier.mean[0] < LIGHT:
        return "picture"
    return "mnist" if classifier.mean[0] < DARK else "paper"
