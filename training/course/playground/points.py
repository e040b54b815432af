"""Points in a plane, of up to three classes: from scikit-learn, or put there by hand."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from sklearn.datasets import make_blobs, make_circles, make_moons

from training.course.playground.errors import PlaygroundError

REACH = 1.5
"""The plane goes from -REACH to REACH in both directions."""

CLASSES = "ABC"

COUNT = 120
"""Points of a made set."""

MAX_POINTS = 200
"""Points put there by hand: as many as fit into an address."""

_POINT = re.compile(r"([A-C])(-?\d{1,3})_(-?\d{1,3})")


@dataclass(frozen=True, eq=False)
class Points:
    """Points with a class each, in the order in which they were put there.

    Attributes:
        places: (N, 2) float64, within ±`REACH`.
        labels: (N,) int64, index into `CLASSES`.
    """

    places: NDArray[np.float64]
    labels: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.places.shape != (len(self.labels), 2) or not (np.abs(self.places) <= REACH).all():
            raise ValueError(f"places must be (N, 2) within ±{REACH}, one for each of {len(self.labels)} labels")
        if len(self.labels) and (self.labels.min() < 0 or self.labels.max() >= len(CLASSES)):
            raise ValueError(f"labels must be 0 to {len(CLASSES) - 1}")

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def classes(self) -> int:
        """How many classes a network for these points tells apart: at least two."""
        return max(2, int(self.labels.max(initial=0)) + 1)

    @property
    def contradictions(self) -> int:
        """Points at whose very place there is one of another class."""
        _, group = np.unique(self.places, axis=0, return_inverse=True)
        pairs = np.unique(np.column_stack([group.ravel(), self.labels]), axis=0)
        groups, kinds = np.unique(pairs[:, 0], return_counts=True)
        return int(np.isin(group, groups[kinds > 1]).sum())

    def write(self) -> str:
        """Short text for an address: class and hundredths, `A-50_120~B30_10`."""
        hundredths = np.rint(self.places * 100).astype(int)
        return "~".join(f"{CLASSES[label]}{x}_{y}" for (x, y), label in zip(hundredths, self.labels, strict=True))

    @classmethod
    def read(cls, text: str) -> "Points":
        """Points from what `write` gave.

        Raises:
            PlaygroundError: not such a text, a place outside of the plane, or more than `MAX_POINTS`.
        """
        parts = text.split("~") if text else []
        if len(parts) > MAX_POINTS:
            raise PlaygroundError(f"These are {len(parts)} points; at most {MAX_POINTS} can be put down by hand.")
        found = [_POINT.fullmatch(part) for part in parts]
        places = np.array([(int(match[2]) / 100, int(match[3]) / 100) for match in found if match]).reshape(-1, 2)
        if not all(found) or not (np.abs(places) <= REACH).all():
            raise PlaygroundError(f"A point is a class and hundredths up to {round(REACH * 100)}, such as A-50_120.")
        return cls(places, np.array([CLASSES.index(match[1]) for match in found if match], np.int64))


def require_classes(points: Points, most: int) -> None:
    """Say what is missing before anything can be learned.

    Args:
        most: classes that the network can tell apart.

    Raises:
        PlaygroundError: no points, one class only, or more than `most`.
    """
    present = np.unique(points.labels)
    if len(present) == 0:
        raise PlaygroundError("There are no points yet. Choose a class and put down some points of each.")
    if len(present) == 1:
        here = CLASSES[present[0]]
        other = next(name for name in CLASSES if name != here)
        raise PlaygroundError(
            f"All points are of class {here}: there is nothing to tell apart. Put down points of {other} too."
        )
    if present[-1] >= most:
        names = " and ".join(CLASSES[:most])
        raise PlaygroundError(f"This network tells only {names} apart. Take the points of class {CLASSES[present[-1]]} away.")


def make_points(shape: str, noise: float, seed: int) -> Points:
    """`COUNT` points of two classes.

    Args:
        shape: key in `SHAPES`.
        noise: about the standard deviation of what is added to each coordinate.
        seed: of where they lie.
    """
    places, labels = SHAPES[shape](noise, seed)
    # Rounded to what an address can hold, so that a set can be taken over by hand.
    return Points(np.clip(places, -REACH, REACH).round(2), labels.astype(np.int64))


Made = tuple[NDArray[np.float64], NDArray[np.int64]]


def _blobs(noise: float, seed: int) -> Made:
    places, labels = make_blobs(COUNT, centers=[(-0.6, -0.4), (0.6, 0.4)], cluster_std=2 * noise, random_state=seed)
    return places, labels


def _xor(noise: float, seed: int) -> Made:
    corners = [(-0.7, -0.7), (-0.7, 0.7), (0.7, 0.7), (0.7, -0.7)]
    places, corner = make_blobs(COUNT, centers=corners, cluster_std=noise, random_state=seed)
    return places, corner % 2


def _moons(noise: float, seed: int) -> Made:
    places, labels = make_moons(COUNT, noise=noise, random_state=seed)
    # scikit-learn's lie around (0.5, 0.25) and reach from -1 to 2.
    return (places - (0.5, 0.25)) / 1.25, labels


def _circles(noise: float, seed: int) -> Made:
    places, labels = make_circles(COUNT, noise=noise, factor=0.4, random_state=seed)
    return places, labels


SHAPES: Mapping[str, Callable[[float, int], Made]] = MappingProxyType(
    {"Blobs": _blobs, "XOR": _xor, "Moons": _moons, "Circles": _circles}
)
"""Made sets, by name."""


def separable(points: Points) -> bool:
    """Whether straight lines, one for each class, can tell all points apart without a mistake: by linear programming.

    They can exactly if some w and b give w_y·x + b_y ≥ w_k·x + b_k + 1 for every point x of class y and every other class k.
    """
    inputs = np.column_stack([points.places, np.ones(len(points))])
    rows = []
    for own in range(points.classes):
        for other in set(range(points.classes)) - {own}:
            here = inputs[points.labels == own]
            row = np.zeros((len(here), points.classes, 3))
            row[:, own], row[:, other] = -here, here
            rows.append(row.reshape(len(here), 3 * points.classes))
    bounds = np.concatenate(rows)
    return bool(linprog(np.zeros(bounds.shape[1]), A_ub=bounds, b_ub=-np.ones(len(bounds)), bounds=(None, None)).status == 0)
