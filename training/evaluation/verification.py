"""Verification, 1:1, in the protocol of LFW: are these two pictures of one person?"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recognition.detection import Detector
from recognition.errors import PictureError
from recognition.networks import Embeddings, Network
from recognition.pictures import Picture, read_picture
from training.errors import EvaluationError
from training.evaluation.pairs import Pair, find_pictures, read_pairs
from training.faces.dataset import Progress, main_crop
from training.metrics import verification

BATCH = 64
"""Faces embedded at once. Pictures are let go after that: a list may name a hundred thousand."""


@dataclass(frozen=True)
class VerificationResult:
    """The result, in the order it is printed; rates from 0 to 1 as in `training.metrics.Verification`.

    Attributes:
        pairs: how many there are, those without a face included.
        no_face: pictures in which no face was found. Their pairs count as errors.
    """

    accuracy: float
    accuracy_std: float
    auc: float
    tar_at_far_1: float
    tar_at_far_01: float
    threshold: float
    pairs: int
    no_face: int


def verify(
    images: Path, pairs_file: Path, detector: Detector, network: Network, progress: Progress = lambda done, total: None
) -> VerificationResult:
    """Compare all pairs of a list. Every picture is read once; its face is the one nearest to the middle.

    Args:
        images: folder of the pictures, see `find_pictures`.
        pairs_file: the list, see `training.evaluation.pairs`.
        progress: called with the number of pictures read and of all.

    Raises:
        EvaluationError: the list or the pictures can't be used; says where.
    """
    pairs = read_pairs(pairs_file)
    files = find_pictures(images, pairs, pairs_file.name)
    names = list(files)
    embeddings, found = _embed([files[name] for name in names], detector, network, progress)
    row = {name: number for number, name in enumerate(names)}
    sides = np.array([[row[pair.first], row[pair.second]] for pair in pairs])
    return _compare(pairs, embeddings, found, sides)


def _compare(
    pairs: list[Pair], embeddings: Embeddings, found: NDArray[np.bool_], sides: NDArray[np.int64]
) -> VerificationResult:
    """embeddings: (N, D). found: (N,) whether there was a face. sides: (P, 2) rows of each pair's pictures."""
    usable = found[sides].all(axis=1)
    scores = np.einsum("ij,ij->i", *(embeddings[sides[usable, side]].astype(np.float64) for side in (0, 1)))
    genuine = np.array([pair.genuine for pair in pairs])[usable]
    folds = np.array([pair.fold for pair in pairs])[usable]
    if genuine.all() or not genuine.any():
        raise EvaluationError(
            "In too few of these pictures a face was found: there is no pair of one person or none of two people left."
        )
    rates = verification(scores, genuine, folds, wrong=int((~usable).sum()))
    return VerificationResult(
        rates.accuracy,
        rates.accuracy_std,
        rates.auc,
        rates.tar_at_far_1,
        rates.tar_at_far_01,
        rates.threshold,
        pairs=len(pairs),
        no_face=int((~found).sum()),
    )


def _embed(files: list[Path], detector: Detector, network: Network, progress: Progress) -> tuple[Embeddings, NDArray[np.bool_]]:
    """(N, D) embeddings, zeros where no face was found, and (N,) whether one was."""
    embeddings = np.zeros((len(files), network.spec.dimension), np.float32)
    found = np.zeros(len(files), np.bool_)
    for start in range(0, len(files), BATCH):
        crops: dict[int, Picture] = {}
        for row, file in enumerate(files[start : start + BATCH], start=start):
            progress(row, len(files))
            try:
                crop = main_crop(detector, read_picture(file))
            except PictureError as error:
                raise EvaluationError(f"{error} It is {file}.") from error
            if crop is not None:
                crops[row] = crop
        if crops:
            rows = list(crops)
            embeddings[rows] = network.embed(np.stack(list(crops.values())), mirrored=True)
            found[rows] = True
    progress(len(files), len(files))
    return embeddings, found
