"""Open-set identification on a folder of people and a folder of strangers, and the calibration that follows from it.

    python -m benchmarks.open_set --people ../shared/faces/people --strangers ../shared/faces/strangers

The first photos of each person are enrolled, the rest are probes; strangers are never enrolled. Everything runs through
the app's own detector, alignment, network and index. Rates follow ISO/IEC 19795-1: rank-1 is the share of probes whose
nearest person is right; TPIR at FPIR x % is the share that is right and above the threshold that x % of strangers pass.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from recognition.alignment import align
from recognition.detection import Detector
from recognition.identification import GalleryIndex
from recognition.networks import load_network
from recognition.pictures import Picture, read_picture
from recognition.services import FINE_MIN_FACE


@dataclass(frozen=True)
class Row:
    """The result; rates from 0 to 1. `no_face` counts probes in which no face was found: they are errors."""

    name: str
    rank1: float
    tpir_at_fpir_1: float
    tpir_at_fpir_5: float
    threshold: float
    probes: int
    strangers: int
    no_face: int
    slope: float
    offset: float


def main_crop(detector: Detector, file: Path) -> Picture | None:
    """The crop of the face nearest to the middle of the picture, which is whom an LFW picture is of."""
    picture = read_picture(file)
    faces = detector.detect(picture)
    if not faces:
        return None
    middle = np.array(picture.shape[1::-1]) / 2
    central = min(faces, key=lambda face: float(np.linalg.norm((face.box[:2] + face.box[2:]) / 2 - middle)))
    return align(picture, central.landmarks)


def evaluate(people: Path, strangers: Path, enroll: int, network_key: str, storage: Path) -> Row:
    """Run the protocol. `enroll`: photos of each person that are enrolled."""
    detector = Detector(FINE_MIN_FACE)
    network = load_network(network_key, storage, torch.device("cpu"))

    def embed(files: list[Path]) -> tuple[NDArray[np.float32], list[bool]]:
        crops = [main_crop(detector, file) for file in files]
        found = [crop for crop in crops if crop is not None]
        return network.embed(np.stack(found), mirrored=True), [crop is not None for crop in crops]

    enrolled, owners, probes, truths, missed = [], [], [], [], 0
    names = {number: folder.name for number, folder in enumerate(sorted(people.iterdir()))}
    for number, name in names.items():
        vectors, found = embed(sorted((people / name).iterdir()))
        missed += found[enroll:].count(False)
        kept = sum(found[:enroll])
        enrolled.append(vectors[:kept])
        owners += [number] * kept
        probes.append(vectors[kept:])
        truths += [number] * (len(vectors) - kept)
    index = GalleryIndex(np.array(owners), np.concatenate(enrolled), names, network.spec.calibration)
    others, _ = embed(sorted(file for file in strangers.rglob("*") if file.is_file()))

    matches = [match for match in index.search(np.concatenate(probes)) if match]
    right = np.array([match.person_id == truth for match, truth in zip(matches, truths, strict=True)])
    scores = np.array([match.score for match in matches])
    impostors = np.array([match.score for match in index.search(others) if match])
    total = len(right) + missed

    def tpir(rate: float) -> tuple[float, float]:
        threshold = float(np.sort(impostors)[::-1][int(len(impostors) * rate)])
        return float((right & (scores > threshold)).sum() / total), threshold

    at_1, threshold = tpir(0.01)
    at_5, _ = tpir(0.05)
    slope, offset = platt(scores[right], impostors)
    return Row(
        network.spec.title, float(right.sum() / total), at_1, at_5, threshold, total, len(others), missed, slope, offset
    )


def platt(genuine: NDArray[np.float64], impostors: NDArray[np.float64]) -> tuple[float, float]:
    """Slope and offset of the logistic curve between own and strangers' scores, both kinds weighing the same."""
    scores = np.concatenate([genuine, impostors])[:, None]
    labels = np.concatenate([np.ones(len(genuine)), np.zeros(len(impostors))])
    fit = LogisticRegression(C=1e6, class_weight="balanced").fit(scores, labels)
    return float(fit.coef_[0, 0]), float(fit.intercept_[0])


def main(
    people: Annotated[Path, typer.Option()],
    strangers: Annotated[Path, typer.Option()],
    enroll: int = 5,
    network: str = "dlib",
    storage: Path = Path("data"),
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Print the table."""
    row = evaluate(people, strangers, enroll, network, storage)
    if as_json:
        typer.echo(json.dumps([asdict(row)], indent=2))
        return
    typer.echo(f"{row.name}: {enroll} photos enrolled each, {row.probes} probes, {row.strangers} strangers")
    typer.echo(f"rank-1 {row.rank1:.2%}  TPIR at FPIR 1 % {row.tpir_at_fpir_1:.2%}, at 5 % {row.tpir_at_fpir_5:.2%}")
    typer.echo(f"threshold at FPIR 1 % {row.threshold:.4f}; calibration: slope {row.slope:.1f}, offset {row.offset:.1f}")


if __name__ == "__main__":
    typer.run(main)
