"""Results of trainings that never took place, to be stored and shown."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from recognition.alignment import CROP_SIZE
from recognition.calibration import Calibration
from recognition.networks import BUILT_IN, architecture
from training.faces.dataset import FaceSet
from training.faces.heads import DenseHead
from training.faces.open_set import EvaluationResult
from training.faces.report import Comparison, EmbeddingMap, Guess, Rates, Report, Similarities
from training.faces.result import Trained
from training.faces.settings import FitSettings
from training.faces.split import Split
from training.loop.observer import EpochRecord
from training.metrics import OpenSet

NAN = float("nan")


def lit_from_four_sides(face: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Four photos of a face, (S, S, 3) uint8 RGB, that nobody takes for near-duplicates."""
    side = len(face)
    light = np.broadcast_to(np.linspace(0.25, 1.0, side)[:, None, None], (side, side, 1))
    return [(face * np.rot90(light, turns)).astype(np.uint8) for turns in range(4)]


_METRICS = {"train_accuracy": 0.9, "validation_rank1": 0.8, "validation_tpir": 0.7}


def record(epoch: int, loss: float = 0.5, quality: float = 0.75) -> EpochRecord:
    """An epoch."""
    return EpochRecord(epoch, loss, NAN, _METRICS | {"validation_quality": quality}, 1e-4, 1.5)


_VERDICTS = {
    (True, True): "Better on hard photos, as good on clean ones.",
    (False, True): "Worse than the untuned network.",
    (False, False): "No clear difference, which may be chance.",
}


def scored(result: EvaluationResult, quality: float, clean_quality: float) -> EvaluationResult:
    """The result as if every photo were recognised so reliably."""
    ones = np.ones(len(result.clean))
    return replace(result, clean=ones * clean_quality, hard=ones * (2 * quality - clean_quality))


def report(people: Sequence[str], photos: Sequence[str], *, recommended: bool = True, clear: bool = True) -> Report:
    """The first photo was the first person's and is taken for the last one's."""
    rates = Rates(clean=OpenSet(0.99, 0.98, 0.985, 0.94), hard=OpenSet(0.97, 0.8, 0.9, 0.94))
    better = Rates(clean=OpenSet(0.995, 0.98, 0.99, 0.9), hard=OpenSet(0.98, 0.85, 0.93, 0.9))
    comparison = Comparison(untuned=rates, tuned=better, probes=len(photos), strangers=40)
    guess = Guess(photo=photos[0], truth=people[0], guess=people[-1], score=0.9, untuned_guess=people[0], untuned_score=0.41)
    hard = guess.model_copy(update={"guess": people[0], "untuned_score": 0.3, "score": 0.95, "corruption": "dark"})
    points = [(0.0, float(number)) for number in range(len(photos))]
    return Report(
        validation=comparison,
        test=None,
        recommended=recommended,
        verdict=_VERDICTS[recommended, clear],
        clear=clear,
        weight=0.5,
        best_epoch=1,
        guesses=[guess],
        hard_guesses=[hard],
        similarities=Similarities(same=[0.97], different=[0.8]),
        untuned_similarities=Similarities(same=[0.96], different=[0.82]),
        map=EmbeddingMap(photos=list(photos), people=[people[0]] * len(photos), untuned=points, tuned=points),
    )


def network(seed: int = 0) -> nn.Module:
    """The built-in network's architecture with random weights of this seed."""
    torch.manual_seed(seed)
    return architecture(BUILT_IN.key).build()


def trained(
    people: Sequence[str] = ("1", "2"),
    photos: Sequence[str] = ("1", "2", "3"),
    *,
    seed: int = 0,
    recommended: bool = True,
    clear: bool = True,
) -> Trained:
    """A model with random weights, in the memory layout that a training leaves them in."""
    return Trained(
        parent=BUILT_IN.key,
        module=network(seed).to(memory_format=torch.channels_last),
        head=DenseHead(torch.zeros(len(people), 128), 0.0, 0.0),
        calibration=Calibration(0.9, 100.0, 0.03, source="a test"),
        settings=FitSettings(epochs=1),
        fingerprint="0" * 64,
        people=people,
        photos=photos,
        split=Split(tuple(photos[1:]), tuple(photos[:1]), (), (people[-1],)),
        history=[record(1)],
        report=report(people, photos, recommended=recommended, clear=clear),
        seconds=12.5,
    )


def noise_set(photos: list[int], *, seed: int = 0) -> FaceSet:
    """People with so many photos each, none like another."""
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(photos)), photos)
    cells = 6
    small = random.integers(0, 255, (len(labels), cells, cells, 3), dtype=np.uint8)
    crops = small.repeat(CROP_SIZE // cells, axis=1).repeat(CROP_SIZE // cells, axis=2)
    keys = tuple(f"p{number}" for number in range(len(photos)))
    return FaceSet(crops, labels, keys, keys, tuple(f"{number}" for number in range(len(labels))))
