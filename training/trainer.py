"""Fine-tuning. (interface; being written)"""

from dataclasses import dataclass
from pathlib import Path

from torch import nn

from recognition.networks import Calibration, Crops, Network
from training.dataset import FaceSet
from training.models import Training
from training.progress import Observer, Silent
from training.settings import FitSettings


@dataclass(frozen=True, eq=False)
class Trained:
    """The result of a training.

    Attributes:
        parent: key of the network it was tuned from.
        module: the tuned CNN, as `recognition.networks.tuned` will build it again.
        calibration: how its scores are read.
        training: how it came about and what it gained.
    """

    parent: str
    module: nn.Module
    calibration: Calibration
    training: Training


def fit(
    faces: FaceSet,
    settings: FitSettings,
    parent: Network,
    folder: Path,
    observer: Observer = Silent(),  # noqa: B008
    *,
    resume: bool = False,
    strangers: Crops | None = None,
) -> Trained:
    """Fine-tune a network on faces.

    Args:
        faces: of at least two people.
        settings: what to do.
        parent: the pretrained network; it is copied, never changed.
        folder: where checkpoints are written, one an epoch; it is made.
        observer: hears of every step.
        resume: go on from the checkpoint in `folder`, to the very result an uninterrupted training would have had.
        strangers: (N, S, S, 3) uint8 RGB, aligned faces of people who are not among `faces`, to calibrate the threshold by.
            Without them people held out stand for strangers.

    Raises:
        DataError: too few people or photos; or, on resuming, photos that are gone.
        CheckpointError: a checkpoint can't be read or written.
        TrainingError: the loss is not a number any more.
        CancelledError: the observer stopped it.
    """
    raise NotImplementedError
