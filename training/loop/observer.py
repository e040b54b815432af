"""What a training reports while it runs. It knows nothing of who listens, nor of what is trained."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class EpochRecord:
    """One epoch, as it is plotted.

    Attributes:
        epoch: from 1.
        train_loss, validation_loss: the same loss on training and on validation data; NaN where there are none.
        metrics: further numbers by name, such as `train_accuracy`; which ones depends on what is trained. One that could not
            be measured is left out.
        learning_rate: of the optimiser's first parameter group, at the end of the epoch.
        seconds: that the epoch took, validation included.
    """

    epoch: int
    train_loss: float
    validation_loss: float
    metrics: Mapping[str, float]
    learning_rate: float
    seconds: float


class Observer(Protocol):
    """Follows a training. Any method may raise `CancelledError` to stop it; what the last epoch saved is kept."""

    def log(self, text: str) -> None:
        """A line for the log, in words a person understands."""

    def step(self, done: int, total: int, seconds_left: float) -> None:
        """So many of all steps are done; what is left will take about so many seconds."""

    def epoch(self, record: EpochRecord) -> None:
        """An epoch is over and its checkpoint written."""


class NullObserver:
    """An observer that ignores everything."""

    def log(self, text: str) -> None: ...

    def step(self, done: int, total: int, seconds_left: float) -> None: ...

    def epoch(self, record: EpochRecord) -> None: ...


class Observers:
    """Several observers of one training, called in order. One that raises stops it for all."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def log(self, text: str) -> None:
        for observer in self._observers:
            observer.log(text)

    def step(self, done: int, total: int, seconds_left: float) -> None:
        for observer in self._observers:
            observer.step(done, total, seconds_left)

    def epoch(self, record: EpochRecord) -> None:
        for observer in self._observers:
            observer.epoch(record)
