"""What a training tells while it runs. It knows nothing of who listens."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class EpochRecord:
    """One epoch, as it is plotted.

    Attributes:
        epoch: from 1.
        train_loss, validation_loss: the same loss on training photos (changed at random) and on validation photos (as
            they are).
        train_accuracy: training faces that the head gave to the right person, 0 to 1.
        validation_rank1: validation photos, as they are and made worse, whose nearest template is the right person's.
        validation_tpir: the same that are also above the threshold that 5 % of the strangers reach.
        learning_rate: of the last layers, at the end of the epoch.
        seconds: that the epoch took, validation included.
    """

    epoch: int
    train_loss: float
    validation_loss: float
    train_accuracy: float
    validation_rank1: float
    validation_tpir: float
    learning_rate: float
    seconds: float


class Observer(Protocol):
    """Hears of a training. Any method may raise `CancelledError` to stop it; what the last epoch saved is kept."""

    def say(self, text: str) -> None:
        """A line for the log, in words a person understands."""

    def step(self, done: int, total: int, seconds_left: float) -> None:
        """So many of all steps are done; what is left will take about so many seconds."""

    def epoch(self, record: EpochRecord) -> None:
        """An epoch is over and its checkpoint written."""


class NullObserver:
    """An observer that hears nothing."""

    def say(self, text: str) -> None: ...

    def step(self, done: int, total: int, seconds_left: float) -> None: ...

    def epoch(self, record: EpochRecord) -> None: ...


class Observers:
    """Several observers of one training, told in order. One that raises stops it for all."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def say(self, text: str) -> None:
        for observer in self._observers:
            observer.say(text)

    def step(self, done: int, total: int, seconds_left: float) -> None:
        for observer in self._observers:
            observer.step(done, total, seconds_left)

    def epoch(self, record: EpochRecord) -> None:
        for observer in self._observers:
            observer.epoch(record)
