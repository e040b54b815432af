"""How the photos of a face set are divided into those to train on, to choose by and to test with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from recognition.alignment import FACE
from training.errors import DataError
from training.faces.dataset import FaceSet, Labels

NEAR_DUPLICATE = 0.95
"""Correlation of two small grey crops of one person from which they count as one moment seen twice. See docs/decisions.md,
"Near-duplicates"."""


_SMALL = 24


@dataclass(frozen=True)
class Split:
    """Which photos are trained on, which choose the best model, which test it. Photo keys, so that it can be kept.

    Attributes:
        held_out: people none of whose photos are trained on. They are the strangers of validation.
    """

    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]
    held_out: tuple[str, ...] = ()


def near_duplicates(faces: FaceSet) -> Labels:
    """(N,) int64 group numbers: photos of one person that show nearly the same moment share a group."""
    greys = [cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY) for crop in FACE.cut(faces.crops)]
    small = np.stack([cv2.resize(grey, (_SMALL, _SMALL), interpolation=cv2.INTER_AREA) for grey in greys])
    flat = small.reshape(len(small), -1).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
    pairs: list[NDArray[np.int64]] = []
    for person in range(len(faces.people)):
        rows = np.flatnonzero(faces.labels == person)
        pairs.append(rows[np.argwhere(np.triu(flat[rows] @ flat[rows].T >= NEAR_DUPLICATE, 1))])
    edges = np.concatenate(pairs).reshape(-1, 2)
    graph = csr_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(len(faces), len(faces)))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def split(faces: FaceSet, *, validation: float, test: float, held_out: float, seed: int) -> Split:
    """Divide by photo, person by person; near-duplicates stay together.

    Training comes first: one photo is for training, and a test photo needs four. Where a person's share of validation is
    less than a photo, only some people give one.

    Args:
        validation, test: share of each person's photos, 0 to 1.
        held_out: share of the people none of whose photos are trained on. There are always two people to train.
        seed: the same data and seed give the same split.

    Raises:
        DataError: fewer than two people.
    """
    if len(np.unique(faces.labels)) < 2:
        raise DataError("Training needs at least two people with photos: with one there is nobody to tell apart.")
    random = np.random.default_rng(seed)
    groups = near_duplicates(faces)
    order = random.permutation(np.unique(faces.labels))
    outside = set(order[: min(int(held_out * len(order)), len(order) - 2)].tolist())
    parts: dict[str, list[str]] = {"train": [], "validation": [], "test": []}
    # Whoever can give a photo first gives one: there is always something to validate on.
    owed = 1.0 - 1e-9
    for person in sorted(order.tolist()):
        rows = np.flatnonzero(faces.labels == person)
        own = random.permutation(np.unique(groups[rows]))
        if len(own) > 1 and person not in outside:
            owed += validation * len(own)
        chosen = min(int(owed), len(own) - 1) if person not in outside else 0
        owed -= chosen
        for group, part in zip(own, _parts(len(own), chosen, test), strict=True):
            parts[part] += [faces.photos[row] for row in rows if groups[row] == group]
    return Split(
        tuple(parts["train"]),
        tuple(parts["validation"]),
        tuple(parts["test"]),
        tuple(faces.people[person] for person in sorted(outside)),
    )


def rows_of(faces: FaceSet, photos: Sequence[str]) -> NDArray[np.int64]:
    """Where photos are in a set.

    Raises:
        DataError: some are gone.
    """
    where = {photo: row for row, photo in enumerate(faces.photos)}
    missing = [photo for photo in photos if photo not in where]
    if missing:
        raise DataError(
            f"{len(missing)} of the photos this training began with are gone. Start a new training with those that are left."
        )
    return np.array([where[photo] for photo in photos], dtype=np.int64)


def _parts(groups: int, choosing: int, test: float) -> Iterator[str]:
    testing = round(test * groups) if groups >= 4 else 0
    testing = max(0, min(testing, groups - choosing - 1))
    yield from ["test"] * testing + ["validation"] * choosing + ["train"] * (groups - testing - choosing)
