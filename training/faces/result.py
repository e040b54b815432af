"""What a fine-tuning returns."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from recognition.calibration import Calibration
from training.faces.heads import DenseHead, MarginHead
from training.faces.report import Report
from training.faces.settings import FitSettings
from training.faces.split import Split
from training.loop.observer import EpochRecord


@dataclass(frozen=True, eq=False)
class Trained:
    """A tuned network and how it came about.

    Attributes:
        parent: key of the network it was tuned from.
        module: the tuned CNN, as `recognition.networks.tuned` will build it again.
        head: what told the people apart while learning. Its first classes are the people less those held out; the rest are
            invented.
        calibration: how its scores are read.
        settings: of the training.
        fingerprint: SHA-256 of the faces (`FaceSet.fingerprint`).
        people, photos: their keys, as in `FaceSet`.
        split: which photos were for what.
        history: one record an epoch.
        report: what was gained.
        seconds: that it took, with the runs before it was resumed.
    """

    parent: str
    module: nn.Module
    head: MarginHead | DenseHead
    calibration: Calibration
    settings: FitSettings
    fingerprint: str
    people: Sequence[str]
    photos: Sequence[str]
    split: Split
    history: Sequence[EpochRecord]
    report: Report
    seconds: float
