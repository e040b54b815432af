"""Open-set identification, 1:N, on folders: who is this, if anybody enrolled? Rates follow ISO/IEC 19795-1.

The first photos of each person are enrolled, the rest are probes; strangers are never enrolled. A network may be fine-tuned
on the enrolled photos first; then its own embeddings make the templates.
"""

import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from recognition.detection import Detector
from recognition.errors import PictureError
from recognition.networks import Crops, Embeddings, Network
from recognition.pictures import Picture, read_picture
from training.errors import EvaluationError
from training.evaluation.intervals import Interval, open_set_intervals
from training.faces.corruptions import corrupt
from training.faces.dataset import FaceSet, Labels, Progress, main_crop, people_folders, picture_files
from training.faces.fine_tuning import fit
from training.faces.heads import DenseHead, MarginHead
from training.faces.settings import FitSettings
from training.loop.observer import NullObserver, Observer
from training.metrics import Nearest, nearest, open_set, platt

NOT_ENROLLED = -1
"""Label of the probes of somebody in none of whose enrolled photos a face was found: whatever is said of them is wrong."""

_NUMBERED = re.compile(r"_[0-9]+$")

PROBE_SEED, STRANGER_SEED = 0, 1
"""Of `corrupt`: fixed, so that everybody's hard probes are the same."""


@dataclass(frozen=True, eq=False)
class Folders:
    """The faces of an identification.

    Attributes:
        enrolled: the first photos of each person.
        probes: (N, S, S, 3) uint8 RGB, the other photos.
        truths: (N,) int64, whose they are, as indices into `enrolled.people`, or `NOT_ENROLLED`.
        strangers: (M, S, S, 3) uint8 RGB.
        missed: probes in which no face was found. They count as errors.
    """

    enrolled: FaceSet
    probes: Crops
    truths: Labels
    strangers: Crops
    missed: int

    def corrupted(self, way: str | None = None) -> "Folders":
        """The same with probes and strangers corrupted, see `corrupt`; enrolled photos stay as they are."""
        probes, strangers = corrupt(self.probes, PROBE_SEED, way), corrupt(self.strangers, STRANGER_SEED, way)
        return replace(self, probes=probes, strangers=strangers)


@dataclass(frozen=True)
class Row:
    """One network on one set of probes, in the order it is printed; rates from 0 to 1 as in `training.metrics.OpenSet`.

    Attributes:
        name: the network, what it was trained with, and which probes.
        enrolled: photos of all people together.
        probes: how many, those without a face included.
        strangers: how many had a face.
        rank1_interval, tpir_at_fpir_1_interval, tpir_at_fpir_5_interval: see `Intervals`.
        seconds: the time to embed everything; of a tuned network, the time its training took.
    """

    name: str
    rank1: float
    tpir_at_fpir_1: float
    tpir_at_fpir_5: float
    threshold: float
    enrolled: int
    probes: int
    strangers: int
    seconds: float
    rank1_interval: Interval
    tpir_at_fpir_1_interval: Interval
    tpir_at_fpir_5_interval: Interval


@dataclass(frozen=True)
class Result:
    """A row and what belongs to it.

    Attributes:
        row: the rates.
        slope, spread: of the `Calibration` that these scores ask for; no slope where not one probe is recognised.
        group: the name without the seed: rows that differ by it alone have the same.
    """

    row: Row
    slope: float | None
    spread: float
    group: str


@dataclass(frozen=True)
class Plan:
    """One training to compare with the untuned network.

    Attributes:
        name: of the settings, for the row.
        settings: all of them; nothing is kept back as a test, the probes are one.
    """

    name: str
    settings: FitSettings


@dataclass(frozen=True, eq=False)
class Portraits:
    """Everybody's aligned faces, before it is settled how many of them are enrolled.

    Attributes:
        people: each person's name and photos in order: the file's path below the folder, and the face or None without one.
        strangers: (M, S, S, 3) uint8 RGB.
        unreadable: files that are damaged or no pictures, and why. They are left out.
    """

    people: tuple[tuple[str, tuple[tuple[str, Picture | None], ...]], ...]
    strangers: Crops
    unreadable: tuple[tuple[str, str], ...]

    def enroll(self, count: int) -> Folders:
        """Enroll the first photos of each person; the rest are probes.

        Raises:
            EvaluationError: nobody to enroll, or nothing to recognise.
        """
        crops: list[Picture] = []
        owners: list[int] = []
        photos: list[str] = []
        names: list[str] = []
        probes: list[Picture] = []
        truths: list[int] = []
        missed = 0
        for name, found in self.people:
            first, rest = found[:count], found[count:]
            kept = [(photo, crop) for photo, crop in first if crop is not None]
            if kept:
                names.append(name)
            number = len(names) - 1 if kept else NOT_ENROLLED
            crops += [crop for _, crop in kept]
            photos += [photo for photo, _ in kept]
            owners += [number] * len(kept)
            faces = [crop for _, crop in rest if crop is not None]
            probes += faces
            truths += [number] * len(faces)
            missed += len(rest) - len(faces)
        if not crops:
            raise EvaluationError(f"In none of the first {count} photos of the people was a face found.")
        if not probes:
            raise EvaluationError(
                f"There is nothing to recognise: nobody has a face in a photo beyond the {count} enrolled ones. Enroll fewer."
            )
        return Folders(
            FaceSet(np.stack(crops), np.array(owners, dtype=np.int64), tuple(names), tuple(names), tuple(photos)),
            np.stack(probes),
            np.array(truths, dtype=np.int64),
            self.strangers,
            missed,
        )


def read_portraits(
    people: Path, strangers: Sequence[Path], detector: Detector, progress: Progress = lambda done, total: None
) -> Portraits:
    """Find and align all faces. Every picture is read once; its face is the one nearest to the middle.

    Args:
        people: one folder a person.
        strangers: folders with pictures of others, in folders or not. Whoever is among `people` by the name of the folder
            or of the file, which may end in a number, is no stranger and is left out.
        progress: called with the number of pictures read and of all.

    Raises:
        DataError: the folder of people can't be used.
        EvaluationError: no strangers.
    """
    folders = people_folders(people)
    files = [picture_files(folder) for folder in folders]
    known = {folder.name for folder in folders}
    others = [file for place in strangers for file in picture_files(place) if not known & {file.parent.name, _person(file)}]
    reader = _Reader(detector, sum(map(len, files)) + len(others), progress)
    found = tuple(
        (folder.name, tuple((file.relative_to(people).as_posix(), crop) for file, crop in reader.read(own)))
        for folder, own in zip(folders, files, strict=True)
    )
    unknown = [crop for _, crop in reader.read(others) if crop is not None]
    if not unknown:
        places = ", ".join(map(str, strangers))
        raise EvaluationError(
            f"There is no picture of a stranger's face in {places}. The open set needs people never enrolled."
        )
    return Portraits(found, np.stack(unknown), tuple(reader.unreadable))


def compare(
    conditions: dict[str, Folders],
    network: Network,
    plans: Sequence[Plan] = (),
    observer: Callable[[Plan], Observer] = lambda plan: NullObserver(),
) -> Iterator[Result]:
    """The untuned network, then each training, on each set of probes; results come as they are ready.

    Args:
        conditions: the faces by what their probes are called in the row's name; "" adds nothing to it. All have the same
            enrolled photos.
        network: the one that is evaluated, and tuned. It is not changed.
        plans: trainings.
        observer: makes one that hears of a training.

    Raises:
        TrainingError: a training failed.
    """
    title = network.spec.title
    for condition, faces in conditions.items():
        name = _join(title, condition)
        yield measure(name, faces, network, group=name)
    enrolled = next(iter(conditions.values())).enrolled
    for plan in plans:
        tuned, head, seconds = _tuned(network, enrolled, plan, observer(plan))
        for condition, faces in conditions.items():
            group = _join(title, plan.name, condition)
            name = _join(group, f"seed {plan.settings.seed}")
            yield measure(name, faces, tuned, group=group, seconds=seconds, head=head)


def measure(
    name: str,
    faces: Folders,
    network: Network,
    *,
    group: str,
    seconds: float | None = None,
    head: MarginHead | DenseHead | None = None,
) -> Result:
    """One network's row.

    Args:
        group: the row's name without the seed.
        seconds: what the row says; the time to embed without it.
        head: a trained head that tells the enrolled people apart, instead of their templates.
    """
    began = time.perf_counter()
    templates, probes, strangers = (
        network.embed(crops, mirrored=True) for crops in (faces.enrolled.crops, faces.probes, faces.strangers)
    )
    embedding = time.perf_counter() - began
    owners = faces.enrolled.labels
    if head is None:
        found = nearest(templates, owners, probes)
        impostors = nearest(templates, owners, strangers).scores
    else:
        people = len(faces.enrolled.people)
        found = _answers(head, people, probes)
        impostors = _answers(head, people, strangers).scores
    rates = open_set(found, faces.truths, impostors, faces.missed)
    intervals = open_set_intervals(found, faces.truths, impostors, faces.missed)
    right: NDArray[np.bool_] = found.people == faces.truths
    slope = platt(found.scores[right], impostors)[0] if right.any() else None
    row = Row(
        name,
        rates.rank1,
        rates.tpir_at_fpir_1,
        rates.tpir_at_fpir_5,
        rates.threshold,
        enrolled=len(faces.enrolled),
        probes=len(faces.truths) + faces.missed,
        strangers=len(strangers),
        seconds=embedding if seconds is None else seconds,
        rank1_interval=intervals.rank1,
        tpir_at_fpir_1_interval=intervals.tpir_at_fpir_1,
        tpir_at_fpir_5_interval=intervals.tpir_at_fpir_5,
    )
    return Result(row, slope, float(impostors.std()), group)


def _answers(head: MarginHead | DenseHead, people: int, embeddings: Embeddings) -> Nearest:
    """Whom of the people the head takes each face for."""
    with torch.inference_mode():
        scores = head.eval().cpu().scores(torch.from_numpy(embeddings))[:, :people].double().numpy()
    best = scores.argmax(axis=1)
    return Nearest(best, scores[np.arange(len(scores)), best])


def _tuned(
    network: Network, enrolled: FaceSet, plan: Plan, observer: Observer
) -> tuple[Network, MarginHead | DenseHead | None, float]:
    """The network after a training, its head where nothing else was trained, and the seconds that took."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="familiar-evaluation-") as folder:
        trained = fit(enrolled, plan.settings, network, Path(folder), observer)
    seconds = time.perf_counter() - began
    spec = replace(network.spec, parent=trained.parent, calibration=trained.calibration)
    head = trained.head if plan.settings.scope == "head" else None
    return Network(spec, trained.module, network.architecture, network.device), head, seconds


def _person(file: Path) -> str:
    """`Abdul_Rahman` of `Abdul_Rahman_0001.jpg`, as LFW names its files."""
    return _NUMBERED.sub("", file.stem)


def _join(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


class _Reader:
    """Reads pictures and finds their main faces; counts, and notes what can't be read."""

    def __init__(self, detector: Detector, total: int, progress: Progress) -> None:
        self.unreadable: list[tuple[str, str]] = []
        self._detector = detector
        self._total = total
        self._progress = progress
        self._done = 0

    def read(self, files: list[Path]) -> Iterator[tuple[Path, Picture | None]]:
        """Each file that can be read, with its face, or None where it has none."""
        for file in files:
            self._progress(self._done, self._total)
            self._done += 1
            try:
                picture = read_picture(file)
            except PictureError as error:
                self.unreadable.append((str(file), str(error)))
                continue
            yield file, main_crop(self._detector, picture)
