"""Does it help to weigh a track's embeddings by the quality of their frames?

    python -m benchmarks.track_mean --people ../shared/faces/people --strangers ../shared/faces/strangers

Every probe and every stranger becomes a track of five frames, moved and lit a little differently each, of which some are
corrupted as hard probes are. Printed are the open-set rates of the track's mean embedding: plain,
as `recognition.live.naming` computes it; weighted by sharpness (contrast of the Laplacian to contrast of the face); and
weighted by how well a frame agrees with the others of its track.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import torch
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from recognition.alignment import FACE
from recognition.detection import FineDetector
from recognition.networks import BUILT_IN, Crops, load_network
from recognition.pictures import Picture
from training.evaluation.identification import read_portraits
from training.faces.corruptions import corrupt
from training.metrics import nearest, open_set

FRAMES = 5
INNER = slice(30, -30)
"""Of `FACE`, in pixels: the face without hair and background."""

AGREEMENT = 0.02
"""Difference of mean cosine that counts e times as much."""

Weights = NDArray[np.float32]
"""(N, FRAMES) float32, above 0."""


def moved(crop: Picture, random: np.random.Generator) -> Picture:
    """The face as the next frame shows it: turned, scaled, shifted and lit a little differently."""
    side = crop.shape[0]
    matrix = cv2.getRotationMatrix2D((side / 2, side / 2), random.normal(0, 2), 1 + random.normal(0, 0.02))
    matrix[:, 2] = matrix[:, 2] + random.normal(0, 1.2, 2)
    warped = cv2.warpAffine(crop, matrix, (side, side), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(np.clip(warped * random.uniform(0.9, 1.1), 0, 255), np.uint8)


def tracks(crops: Crops, bad: int, seed: int) -> NDArray[np.uint8]:
    """(N, FRAMES, H, W, 3) uint8 RGB: each face as a track, `bad` of its frames corrupted."""
    random = np.random.default_rng(seed)
    frames = np.stack([[moved(crop, random) for _ in range(FRAMES)] for crop in crops])
    rows = np.argsort(random.random((len(crops), FRAMES)), axis=1)[:, :bad]
    for position in range(bad):
        chosen = np.arange(len(crops)), rows[:, position]
        frames[chosen] = corrupt(frames[chosen], seed + position)
    return frames


def sharpness(frames: NDArray[np.uint8], embeddings: NDArray[np.float32]) -> Weights:  # noqa: ARG001  # all are called alike
    """Contrast of the Laplacian, relative to the face's own."""

    def of(crop: Picture) -> float:
        grey = cv2.cvtColor(FACE.cut(crop), cv2.COLOR_RGB2GRAY)[INNER, INNER]
        return float(cv2.Laplacian(grey, cv2.CV_32F).std() / max(float(grey.std()), 5.0))

    return np.array([[of(crop) for crop in track] for track in frames], np.float32)


def agreement(frames: NDArray[np.uint8], embeddings: NDArray[np.float32]) -> Weights:  # noqa: ARG001
    """How similar a frame's embedding is to the others of its track."""
    others = (np.einsum("tik,tjk->ti", embeddings, embeddings) - 1) / (FRAMES - 1)
    return np.asarray(np.exp((others - 1) / AGREEMENT), np.float32)


def plain(frames: NDArray[np.uint8], embeddings: NDArray[np.float32]) -> Weights:  # noqa: ARG001
    """All frames count alike."""
    return np.ones(embeddings.shape[:2], np.float32)


WAYS: tuple[Callable[[NDArray[np.uint8], NDArray[np.float32]], Weights], ...] = (plain, sharpness, agreement)


def main(
    people: Annotated[Path, typer.Option(help="One folder of photos a person.")],
    strangers: Annotated[Path, typer.Option(help="Photos of people who are never enrolled.")],
    enroll: Annotated[int, typer.Option(help="Photos enrolled of each person.")] = 5,
) -> None:
    """Print the table."""
    network = load_network(BUILT_IN.key, Path(), torch.device("cpu"))
    faces = read_portraits(people, [strangers], FineDetector()).enroll(enroll)
    templates = network.embed(faces.enrolled.crops, mirrored=True)

    def embedded(frames: NDArray[np.uint8]) -> NDArray[np.float32]:
        flat = network.embed(frames.reshape(-1, *frames.shape[2:]))
        return flat.reshape(len(frames), FRAMES, -1)

    table = Table("Bad frames of 5", "Weighted by", "Rank-1", "TPIR at FPIR 1 %", "TPIR at FPIR 5 %")
    for bad in (1, 2, 3):
        sets = [tracks(crops, bad, seed) for crops, seed in ((faces.probes, 0), (faces.strangers, 100))]
        vectors = [embedded(frames) for frames in sets]
        for way in WAYS:
            means = []
            for frames, embeddings in zip(sets, vectors, strict=True):
                weights = way(frames, embeddings)
                weights /= weights.sum(axis=1, keepdims=True)
                means.append(np.einsum("tf,tfd->td", weights, embeddings))
            found, impostors = (nearest(templates, faces.enrolled.labels, mean) for mean in means)
            rates = open_set(found, faces.truths, impostors.scores, faces.missed)
            row = (rates.rank1, rates.tpir_at_fpir_1, rates.tpir_at_fpir_5)
            table.add_row(str(bad), way.__name__, *(f"{rate:.1%}" for rate in row))
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
