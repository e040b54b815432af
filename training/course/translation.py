"""The same picture, two networks: what a dense network and a CNN answer when a face has moved.

Both learn the same few faces, always in the same place, until they know them. Then a face moves, and stays in
view as a whole. Nothing is staged: the networks are trained while one waits, and the answers are theirs.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import cv2
import numpy as np
import skimage.data
import torch
from numpy.typing import NDArray
from torch import Tensor

from recognition.inspection.errors import FitError
from recognition.pictures import Picture
from training.course.convolution import grey, translate
from training.course.stack import Convolution, Dense, Flatten, GlobalAveragePooling, Network, Pooling, Relu, Stack, build
from training.loop.objective import Classification
from training.loop.train import LoopSettings, Task, Validation, train

SIDE = 64
"""Height and width both networks see, in pixels: small enough to train while one waits."""

FACE_SIDE = 36
"""Height and width of the face inside, in pixels; the border around it is the room to move."""

FACE_DETAIL = 25
"""Real detail of every face, in pixels: that of `strangers`, so that none is known by its sharpness alone."""

MAX_SHIFT = (SIDE - FACE_SIDE) // 2
"""Pixels a face can move and still be seen as a whole."""

STEPS_BETWEEN_CHECKS = 25

ENOUGH_PROBABILITY = 0.9
"""A network has learned its pictures when it gives each at least this probability."""


def dense_stack(classes: int) -> Stack:
    """Every pixel has its own weight: what is learned at one place is not known at another."""
    layers = (Flatten(), Dense(units=64), Relu(), Dense(units=classes))
    return Stack(height=SIDE, width=SIDE, channels=1, layers=layers)


def convolutional_stack(classes: int) -> Stack:
    """Filters shared by all places, pooled: the answer depends on what is seen, hardly on where."""
    layers = (
        Convolution(filters=16, kernel=5, stride=2, padding="same"),
        Relu(),
        Pooling(),
        Convolution(filters=32, padding="same"),
        Relu(),
        Convolution(filters=64, padding="same"),
        Relu(),
        GlobalAveragePooling(),
        Dense(units=classes),
    )
    return Stack(height=SIDE, width=SIDE, channels=1, layers=layers)


@dataclass(frozen=True)
class Answer:
    """What one network says about one picture: probabilities by class, (K,) float32 that sum to 1."""

    probabilities: NDArray[np.float32]

    @property
    def best(self) -> int:
        return int(self.probabilities.argmax())


@dataclass(frozen=True)
class Pair:
    """The two trained networks.

    Attributes:
        pictures: (K, SIDE, SIDE, 3) uint8 RGB they learned, one a class.
        dense, convolutional: the networks.
    """

    pictures: NDArray[np.uint8]
    dense: Network
    convolutional: Network

    def answers(self, number: int, right: int, down: int = 0) -> tuple[Answer, Answer]:
        """What the dense network and the CNN say about picture `number`, moved by some pixels."""
        batch = _batch([translate(self.pictures[number], right, down)])
        return (_answer(self.dense, batch), _answer(self.convolutional, batch))

    def rates(self, shifts: Sequence[int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Share of all learned pictures that each network still gets right, by shift.

        Args:
            shifts: pixels; each picture is moved that far left, right, up and down.

        Returns:
            Dense and convolutional, (len(shifts),) each, 0 to 1.
        """
        truth = torch.arange(len(self.pictures)).repeat_interleave(4)
        rates: tuple[list[float], list[float]] = ([], [])
        for shift in shifts:
            ways = ((shift, 0), (-shift, 0), (0, shift), (0, -shift))
            batch = _batch([translate(picture, *way) for picture in self.pictures for way in ways])
            for network, found in zip((self.dense, self.convolutional), rates, strict=True):
                with torch.inference_mode():
                    found.append(float((network(batch).argmax(1) == truth).double().mean()))
        return (np.array(rates[0]), np.array(rates[1]))


def placed(picture: Picture) -> Picture:
    """The middle of a picture on a grey ground, (SIDE, SIDE, 3) uint8 RGB."""
    side = min(picture.shape[:2])
    top, left = (picture.shape[0] - side) // 2, (picture.shape[1] - side) // 2
    middle = picture[top : top + side, left : left + side]
    small = cv2.resize(middle, (FACE_DETAIL, FACE_DETAIL), interpolation=cv2.INTER_AREA)
    ground = np.full((SIDE, SIDE, 3), 128, np.uint8)
    inside = slice(MAX_SHIFT, MAX_SHIFT + FACE_SIDE)
    ground[inside, inside] = cv2.resize(small, (FACE_SIDE, FACE_SIDE), interpolation=cv2.INTER_LINEAR)
    return ground


def strangers(count: int = 7) -> list[Picture]:
    """Faces to tell apart from one's own: 25×25 crops of LFW that scikit-image carries for its examples."""
    faces = skimage.data.lfw_subset()[:100]
    chosen = faces[:: len(faces) // count][:count]
    return [np.repeat((face[:, :, None] * 255).astype(np.uint8), 3, axis=2) for face in chosen]


def train_pair(pictures: Sequence[Picture], *, max_steps: int = 1000, seed: int = 0) -> Pair:
    """Teach both networks the same pictures, never moved, with a little noise and changing light.

    Args:
        pictures: at least two, one a class; see `placed`.
        max_steps: training steps of each network at most; it ends at `ENOUGH_PROBABILITY`.
        seed: of initial weights and noise: the same input gives the same networks.

    Raises:
        FitError: fewer than two pictures.
    """
    if len(pictures) < 2:
        raise FitError("There must be at least two pictures to tell apart.")
    learned = np.stack([placed(picture) for picture in pictures])
    clean = _batch(learned)
    networks = []
    for stack in (dense_stack(len(learned)), convolutional_stack(len(learned))):
        # Forked: the app's own random numbers stay as they were.
        with torch.random.fork_rng(devices=[]), _one_thread():
            torch.manual_seed(seed)
            network = build(stack)
            _fit(network, clean, max_steps, seed)
        networks.append(network)
    return Pair(learned, *networks)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Networks this small only wait for one another's threads: up to 7 times slower with two on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@dataclass(frozen=True)
class _NoisyCopies:
    """Endless training data: every picture twice in each batch, in changing light and with a little noise."""

    clean: Tensor
    steps: int

    def __len__(self) -> int:
        return self.steps

    def epoch(self, number: int) -> Iterator[tuple[Tensor, Tensor]]:  # noqa: ARG002  # torch's random numbers say the rest
        copies, truth = self.clean.repeat(2, 1, 1, 1), torch.arange(len(self.clean)).repeat(2)
        for _ in range(self.steps):
            light = 0.7 + 0.6 * torch.rand(len(copies), 1, 1, 1)
            yield copies * light + 0.1 * torch.randn_like(copies), truth


def _fit(network: Network, clean: Tensor, max_steps: int, seed: int) -> None:
    classes = torch.arange(len(clean))
    batches = _NoisyCopies(clean, min(max_steps, STEPS_BETWEEN_CHECKS))

    def least_probability() -> Validation:
        with torch.inference_mode():
            return Validation(quality=float(network(clean).softmax(1)[classes, classes].min()))

    task = Task(
        model=network,
        objective=Classification(),
        batches=batches,
        optimizer=torch.optim.Adam(network.parameters(), lr=3e-3),
        validate=least_probability,
    )
    train(task, LoopSettings(epochs=max(1, max_steps // len(batches)), target=ENOUGH_PROBABILITY, seed=seed))


def _batch(pictures: Sequence[Picture] | NDArray[np.uint8]) -> Tensor:
    """(N, 1, SIDE, SIDE) float32 brightness, about -1 to 1."""
    values = np.stack([grey(picture) for picture in pictures])
    return torch.from_numpy(values[:, None] * 2 - 1).float()


def _answer(network: Network, batch: Tensor) -> Answer:
    with torch.inference_mode():
        return Answer(network(batch).softmax(1)[0].numpy())
