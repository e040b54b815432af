"""What a trial trains, seen from the search: values in, a quality each epoch and at the end."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from training.loop.observer import EpochRecord, NullObserver
from training.search.space import Values


class Subject(Protocol):
    """A training whose settings are searched. It is sent to the processes of workers, with its data: it can be pickled."""

    @property
    def data(self) -> str:
        """Digest of what it learns from and is judged on."""
        ...

    def train(self, values: Values, report: Callable[[int, float], None], folder: Path) -> float:
        """Train with these values of the settings that are searched.

        Args:
            values: by key.
            report: called after each epoch, from 1, with the quality, 0 to 1, on validation data. It may raise to stop.
            folder: for checkpoints; it is removed afterwards.

        Returns:
            The quality of what came out, 0 to 1, on validation data. Test data is never looked at.
        """
        ...


class Report(NullObserver):
    """The observer of a trial's training.

    Args:
        report: see `Subject.train`.
        metric: name of the quality among an epoch's metrics.
    """

    def __init__(self, report: Callable[[int, float], None], metric: str) -> None:
        self._report = report
        self._metric = metric

    def epoch(self, record: EpochRecord) -> None:
        self._report(record.epoch, record.metrics[self._metric])
