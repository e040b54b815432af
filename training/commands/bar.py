"""A training's progress in the terminal."""

from recognition.console import Count, messages
from training.loop.observer import EpochRecord


class TrainingBar:
    """An observer that shows steps in a bar, and epochs above it.

    Args:
        count: of the bar.
        metric: of an epoch, and what to call it.
    """

    def __init__(self, count: Count, metric: tuple[str, str]) -> None:
        self._count = count
        self._metric, self._title = metric

    def log(self, text: str) -> None:
        messages.print(text, style="dim", markup=False)

    def step(self, done: int, total: int, seconds_left: float) -> None:  # noqa: ARG002  # the bar has its own estimate
        self._count(done, total)

    def epoch(self, record: EpochRecord) -> None:
        self.log(
            f"Epoch {record.epoch}: loss {record.train_loss:.3f}, validation {record.validation_loss:.3f}, "
            f"{self._title} {record.metrics[self._metric]:.1%}, {record.seconds:.1f} s"
        )
