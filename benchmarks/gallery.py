"""How long identification takes in a large gallery, and how often the quick answer is the exact one.

    python -m benchmarks.gallery --faces ../shared/faces

People are drawn from a Gaussian fitted to the embeddings of real faces (a folder of strangers), probes by adding the
scatter within people; so the crowd is as dense as a real one, which random vectors would not be.
"""

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from numpy.typing import NDArray

from recognition.detection import FineDetector
from recognition.identification import GalleryIndex
from recognition.networks import BUILT_IN, load_network
from recognition.pictures import read_picture
from recognition.search import ExactSearch
from training.faces.dataset import main_crop

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Row:
    """One size of gallery. Times in milliseconds for one face; `recall`: share of answers that are the exact ones."""

    people: int
    templates: int
    kind: str
    build_s: float
    search_ms: float
    exact_ms: float
    recall: float


def crowd(faces: Path) -> tuple[Vectors, Vectors, Vectors]:
    """Mean (D,) and covariance (D, D) of people, and covariance within people, from real faces."""
    detector, network = FineDetector(), load_network(BUILT_IN.key, Path(), torch.device("cpu"))

    def embed(files: list[Path]) -> Vectors:
        crops = [crop for crop in (main_crop(detector, read_picture(file)) for file in files) if crop is not None]
        return network.embed(np.stack(crops), mirrored=True)

    strangers = embed(sorted((faces / "strangers").rglob("*.jpg")))
    people = [embed(sorted(folder.glob("*.jpg"))[:6]) for folder in sorted((faces / "people").iterdir())]
    within = np.concatenate([vectors - vectors.mean(axis=0) for vectors in people])
    return strangers.mean(axis=0), np.cov(strangers.T).astype(np.float32), np.cov(within.T).astype(np.float32)


def unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def measure(people: int, photos: int, mean: Vectors, between: Vectors, within: Vectors, probes: int = 300) -> Row:
    """Build an index of so many people with so many photos each, and search it one face at a time."""
    draw = np.random.default_rng(0)
    centres = draw.multivariate_normal(mean, between, people).astype(np.float32)
    scatter = draw.multivariate_normal(np.zeros(len(mean)), within, 4096).astype(np.float32)
    owners = np.repeat(np.arange(people), photos)
    templates = unit(centres[owners] + scatter[draw.integers(0, len(scatter), len(owners))])
    began = time.perf_counter()
    index = GalleryIndex(owners, templates, {number: str(number) for number in range(people)}, BUILT_IN.calibration)
    build = time.perf_counter() - began
    chosen = draw.integers(0, people, probes)
    questions = unit(centres[chosen] + scatter[draw.integers(0, len(scatter), probes)])

    began = time.perf_counter()
    found = [index.search(question[None])[0] for question in questions]
    search_ms = (time.perf_counter() - began) / probes * 1000
    means = unit(np.add.reduceat(templates, np.arange(0, len(owners), photos), axis=0))
    exact = ExactSearch(means)
    began = time.perf_counter()
    right = [int(exact.nearest(question[None])[0][0]) for question in questions]
    exact_ms = (time.perf_counter() - began) / probes * 1000
    recall = float(np.mean([match is not None and match.person_id == row for match, row in zip(found, right, strict=True)]))
    return Row(people, len(owners), index.search_kind, build, search_ms, exact_ms, recall)


def main(faces: Annotated[Path, typer.Option()], as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Print the table."""
    statistics = crowd(faces)
    rows = [measure(people, photos, *statistics) for people, photos in ((1_000, 5), (100_000, 10), (1_000_000, 1))]
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in rows], indent=2))
        return
    for row in rows:
        typer.echo(
            f"{row.people:>9,} people, {row.templates:>9,} templates: {row.search_ms:6.2f} ms a face with {row.kind} "
            f"(exact {row.exact_ms:.2f} ms), recall {row.recall:.1%}, built in {row.build_s:.1f} s"
        )


if __name__ == "__main__":
    typer.run(main)
