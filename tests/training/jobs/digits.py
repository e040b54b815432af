"""A second kind of job, for the tests: a softmax classifier of handwritten digits. It reads nothing of the gallery.

After an epoch it waits while there is a file `storage/hold-<epoch>`.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from pydantic import BaseModel, ConfigDict, Field
from safetensors.torch import save_file
from sklearn.datasets import load_digits
from torch import Tensor, nn

from recognition.gallery import Gallery
from training.errors import DataError
from training.jobs.kinds import JobContext, register
from training.loop.objective import Classification
from training.loop.observer import EpochRecord, NullObserver, Observers
from training.loop.train import Checkpoints, LoopSettings, Task, train


class DigitSettings(BaseModel):
    """One training of digits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int = Field(5, ge=1, le=100)
    learning_rate: float = Field(0.5, gt=0)
    digits: int = Field(10, ge=1, le=10)


class WholeSet:
    """All digits in one batch."""

    def __init__(self, digits: int) -> None:
        pictures, labels = load_digits(n_class=digits, return_X_y=True)
        self._batch = torch.from_numpy(pictures).float() / 16, torch.from_numpy(labels)

    def __len__(self) -> int:
        return 1

    def epoch(self, number: int) -> Iterator[tuple[Tensor, Tensor]]:
        yield self._batch


class Hold(NullObserver):
    """Logs every epoch with the number of the process, and waits where a test wants it."""

    def __init__(self, context: JobContext[DigitSettings]) -> None:
        self._context = context

    def epoch(self, record: EpochRecord) -> None:
        self._context.observer.log(f"Epoch {record.epoch} in process {os.getpid()}.")
        while (self._context.storage / f"hold-{record.epoch}").exists():
            time.sleep(0.02)
            self._context.check_cancelled()


class Digits:
    """A `Kind`. What it makes are weights in `storage/digits.safetensors`."""

    key = "digits"
    settings = DigitSettings

    def epochs(self, settings: DigitSettings) -> int:
        return settings.epochs

    def clean_name(self, name: str, storage: Path) -> str:
        return name

    def check(self, settings: DigitSettings, gallery: Gallery, storage: Path) -> None:
        if settings.digits < 2:
            raise DataError("One digit alone can't be told apart.")

    def run(self, context: JobContext[DigitSettings]) -> str:
        settings = context.settings
        torch.manual_seed(0)
        model = nn.Linear(64, settings.digits)
        optimizer = torch.optim.SGD(model.parameters(), settings.learning_rate)
        result = train(
            Task(model, Classification(), WholeSet(settings.digits), optimizer),
            LoopSettings(epochs=settings.epochs),
            Checkpoints(context.checkpoints, {"settings": settings.model_dump(mode="json")}, resume=True),
            Observers(context.observer, Hold(context)),
        )
        context.keep_history(result.history)
        save_file(model.state_dict(), context.storage / "digits.safetensors")
        return "digits"


register(Digits())
