"""A second kind of job, for the tests: a softmax classifier of handwritten digits. It reads nothing of the gallery.

Between epochs it waits while there is a file `storage/hold-<epoch>`.
"""

import json
import os
import time
from pathlib import Path

import torch
from pydantic import BaseModel, ConfigDict, Field
from safetensors.torch import load_file, save_file
from sklearn.datasets import load_digits
from torch import nn

from recognition.gallery import Gallery
from training.errors import DataError
from training.jobs.kinds import JobContext, register
from training.loop.checkpoint import STATE
from training.loop.observer import EpochRecord


class DigitSettings(BaseModel):
    """One training of digits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int = Field(5, ge=1, le=100)
    learning_rate: float = Field(0.5, gt=0)
    digits: int = Field(10, ge=1, le=10)


class Digits:
    """A `Kind`. What it makes are weights in `storage/digits.safetensors`."""

    key = "digits"
    settings = DigitSettings

    def epochs(self, settings: DigitSettings) -> int:
        return settings.epochs

    def check(self, settings: DigitSettings, gallery: Gallery, storage: Path) -> None:
        if settings.digits < 2:
            raise DataError("One digit alone can't be told apart.")

    def run(self, context: JobContext[DigitSettings]) -> str:
        settings, observer = context.settings, context.observer
        pictures, labels = load_digits(n_class=settings.digits, return_X_y=True)
        inputs, targets = torch.from_numpy(pictures).float() / 16, torch.from_numpy(labels)
        model = nn.Linear(inputs.shape[1], settings.digits)
        nn.init.zeros_(model.weight)
        nn.init.zeros_(model.bias)
        optimizer = torch.optim.SGD(model.parameters(), settings.learning_rate)
        history, weights = context.checkpoints / STATE, context.checkpoints / "weights.safetensors"
        records: list[EpochRecord] = []
        if history.exists():
            records = [EpochRecord(**record) for record in json.loads(history.read_text())]
            model.load_state_dict(load_file(weights))
            observer.log(f"Going on after epoch {len(records)}.")
        for epoch in range(len(records) + 1, settings.epochs + 1):
            optimizer.zero_grad()
            logits = model(inputs)
            loss = nn.functional.cross_entropy(logits, targets)
            loss.backward()
            optimizer.step()
            accuracy = float((logits.argmax(dim=1) == targets).float().mean())
            records.append(
                EpochRecord(epoch, float(loss.detach()), float("nan"), {"accuracy": accuracy}, settings.learning_rate, 0.1)
            )
            context.checkpoints.mkdir(parents=True, exist_ok=True)
            save_file(model.state_dict(), weights)
            history.write_text(json.dumps([vars(record) for record in records]))
            observer.epoch(records[-1])
            observer.step(epoch, settings.epochs, 1.0)
            observer.log(f"Epoch {epoch} in process {os.getpid()}.")
            while (context.storage / f"hold-{epoch}").exists():
                time.sleep(0.02)
                observer.step(epoch, settings.epochs, 1.0)
        context.keep_history(records)
        save_file(model.state_dict(), context.storage / "digits.safetensors")
        return "digits"


register(Digits())
