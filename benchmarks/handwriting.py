"""How well networks that learned MNIST or scikit-learn's digits read drawings and photos, by how these are prepared.

`python -m benchmarks.handwriting MNIST`: a folder or zip of MNIST's pictures, `train/<class>/…` and `test/<class>/…`. Its test
pictures are drawn large, anywhere on a canvas; then photographed on paper that is lit from one side, held by a finger or not.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from recognition.pictures import Picture
from training.course.data.choice import DataChoice, Folder
from training.course.data.loading import load_split
from training.course.data.pictures import Pictures
from training.course.experiments.classifier import Classifier
from training.course.experiments.predictor import Predictor
from training.course.experiments.recipe import Recipe, StackNetwork, TrainingChoice
from training.course.experiments.training import run_experiment
from training.course.preprocessing import Reading
from training.course.presets import PRESETS

CANVAS = 280
LEARNED = 400
"""Pictures of each digit."""

Numbers = NDArray[np.float64]


def drawing(picture: NDArray[np.uint8], random: np.random.Generator) -> Picture:
    """A digit of MNIST, (28, 28, 1), as black strokes of any size anywhere on the canvas."""
    scale = random.uniform(4, 9)
    large = cv2.resize(picture[:, :, 0], None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    ink = cv2.GaussianBlur(large, (0, 0), 0.4 * scale) > 110
    page = np.full((CANVAS, CANVAS, 3), 255, np.uint8)
    top, left = random.integers(0, CANVAS - len(ink) + 1, 2)
    page[top : top + len(ink), left : left + len(ink)][ink] = 0
    return page


def photo(drawn: Picture, random: np.random.Generator, *, light_ink: bool = False, finger: bool = False) -> Picture:
    """A drawing on paper or on a board, in uneven light, a little blurred and noisy."""
    ink = cv2.GaussianBlur(1 - drawn[:, :, 0] / 255, (0, 0), 1.5)
    light: Numbers = np.linspace(random.uniform(0.4, 0.7), random.uniform(0.7, 1.0), CANVAS)[None, :] * np.ones((CANVAS, 1))
    ground, pen = (70.0, 255.0) if light_ink else (230.0, 45.0)
    grey = (light if random.integers(2) else light.T) * (ground + (pen - ground) * ink)
    if finger:
        cv2.ellipse(grey, (int(random.integers(60, 220)), CANVAS + 5), (30, 30), 0, 0, 360, 110.0, -1)
    noisy = np.clip(grey + random.normal(0, 6, grey.shape), 0, 255).astype(np.uint8)
    return np.repeat(noisy[:, :, None], 3, axis=2)


def learned(choice: DataChoice, epochs: int, storage: Path) -> tuple[Classifier, Pictures]:
    """A small CNN, and the test pictures that it has not seen."""
    network = StackNetwork(stack=PRESETS["two-convolutions"].stack)
    recipe = Recipe(data=choice, network=network, training=TrainingChoice(epochs=epochs))
    split = load_split(choice, recipe.split, storage)
    return run_experiment(recipe, split, storage).classifier, split.test


def main(
    mnist: Annotated[Path, typer.Argument(help="Folder or zip of MNIST's pictures.")],
    count: Annotated[int, typer.Option(help="Test pictures to draw.")] = 500,
) -> None:
    """Train both networks, draw, photograph, ask; print the shares of right answers."""
    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as name:
        on_mnist, test = learned(DataChoice(source=Folder(path=mnist), limit=LEARNED), 4, Path(name))
        on_digits, _ = learned(DataChoice(), 20, Path(name))
    some = test.take(random.choice(len(test), count, replace=False))
    drawings = [drawing(picture, random) for picture in some.images]
    asked: dict[str, tuple[list[Picture], Callable[[Predictor, Picture], NDArray[np.float32]]]] = {
        "drawings": (drawings, lambda predictor, picture: predictor.of_drawing(picture).probabilities),
    }
    for title, light_ink, finger in (
        ("photos, dark ink", False, False),
        ("photos, light ink", True, False),
        ("photos, dark ink and a finger", False, True),
    ):
        photos = [photo(drawn, random, light_ink=light_ink, finger=finger) for drawn in drawings]
        asked[title] = (photos, lambda predictor, picture: predictor.of_picture(picture).probabilities)

    table = Table("pictures", "as they are", "as in MNIST", "as in the digits")
    right = (on_mnist.probabilities(some.images).argmax(axis=1) == some.labels).mean()
    table.add_row("MNIST's own", f"{right:.1%}", "", "")
    readings: list[tuple[Classifier, Reading]] = [(on_mnist, "picture"), (on_mnist, "mnist"), (on_digits, "digits")]
    for title, (pictures, ask) in asked.items():
        shares = []
        for classifier, reading in readings:
            predictor = Predictor(classifier, reading)
            answers = np.array([ask(predictor, picture).argmax() for picture in pictures])
            shares.append(f"{(answers == some.labels).mean():.1%}")
        table.add_row(title, *shares)
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
