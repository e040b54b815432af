"""A training's curves for TensorBoard: `tensorboard --logdir DIR`."""

import logging
from pathlib import Path
from types import TracebackType
from typing import Self

from torch.utils.tensorboard import SummaryWriter

from training.loop.observer import EpochRecord, NullObserver

log = logging.getLogger(__name__)


class TensorBoard(NullObserver):
    """An observer that writes one point an epoch. A disk that takes no more of them doesn't end the training.

    Args:
        folder: of this one training. A resumed one adds to what is there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writer: SummaryWriter | None = None

    def __enter__(self) -> Self:
        try:
            self._writer = SummaryWriter(str(self._folder))
        except OSError as error:
            self._give_up(error)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._writer is not None:
            try:
                self._writer.close()
            except OSError as problem:
                self._give_up(problem)

    def epoch(self, record: EpochRecord) -> None:
        if self._writer is None:
            return
        try:
            for tag, value in _scalars(record).items():
                self._writer.add_scalar(tag, value, record.epoch)
            self._writer.flush()
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        log.warning("TensorBoard's files can't be written: %s", error.strerror or error)
        self._writer = None


def _scalars(record: EpochRecord) -> dict[str, float]:
    """An epoch's numbers by TensorBoard's tags."""
    return {
        "loss/train": record.train_loss,
        "loss/validation": record.validation_loss,
        **{f"metrics/{name}": value for name, value in record.metrics.items()},
        "learning rate": record.learning_rate,
        "seconds an epoch": record.seconds,
    }
