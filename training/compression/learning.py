"""Fine-tuning of what is being compressed, by the generic loop."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from dataclasses import replace
from itertools import count

import torch
from torch import nn
from torch.optim import Adam

from training.compression.aware import rounded
from training.compression.channels import ChannelPruner, student_of
from training.compression.magnitude import MagnitudePruner
from training.compression.steps import Distil, PruneChannels, PruneWeights
from training.compression.subjects import NO_TEACHER, BatchT, Subject, Teaching
from training.loop.observer import EpochRecord, Observer
from training.loop.schedule import warmup_cosine
from training.loop.train import LoopSettings, Task, Validation, train

WARMUP = 0.15


class Progress:
    """One bar for all trainings of a compression.

    Args:
        observer: gets the steps of all, in thousandths of an epoch.
        epochs: of all of them.
    """

    def __init__(self, observer: Observer, epochs: float) -> None:
        self.observer = observer
        self._epochs = max(epochs, 1.0)
        self._done = 0.0
        self._began = time.monotonic()

    def at(self, inside: float) -> None:
        """So many epochs of the current part are done.

        Raises:
            CancelledError: the observer stopped it.
        """
        share = min((self._done + inside) / self._epochs, 1.0)
        left = (time.monotonic() - self._began) * (1 - share) / share if share else 0.0
        self.observer.step(round(1000 * share * self._epochs), round(1000 * self._epochs), left)

    def finish(self, epochs: float) -> None:
        """A part of so many epochs is done."""
        self._done += epochs
        self.at(0.0)


class _Part:
    """The observer of one training among several."""

    def __init__(self, progress: Progress, epochs: int) -> None:
        self._progress, self._epochs = progress, epochs

    def log(self, text: str) -> None:
        self._progress.observer.log(text)

    def step(self, done: int, total: int, seconds_left: float) -> None:  # noqa: ARG002  # of this part alone
        self._progress.at(self._epochs * done / total)

    def epoch(self, record: EpochRecord) -> None:
        self.log(f"Epoch {record.epoch} of {self._epochs}: loss {record.train_loss:.4f}")


class FineTuning:
    """Fine-tunes copies of a subject's network.

    Args:
        subject: gives data and objective.
        seed: of everything random.
        progress: hears of every step.
    """

    def __init__(self, subject: Subject[BatchT], seed: int, progress: Progress) -> None:
        self._subject, self._seed, self._progress = subject, seed, progress

    def pruned_weights(
        self, module: nn.Module, step: PruneWeights
    ) -> tuple[nn.Module, list[EpochRecord], list[tuple[int, float]]]:
        """A copy with zeros, its history, and the curve of its sparsity.

        Raises:
            CompressionError: nothing would be left of a layer.
        """
        module = deepcopy(module)
        pruner = MagnitudePruner(module, step.schedule, step.across, step.epochs * len(self._subject.batches(self._seed)))
        history = self._train(module, step.epochs, NO_TEACHER, after_step=pruner.after_step)
        pruner.finish()
        return module, history, pruner.curve

    def pruned_channels(self, module: nn.Module, step: PruneChannels) -> tuple[nn.Module, list[EpochRecord]]:
        """A copy with fewer channels, and its history.

        Raises:
            CompressionError: nothing can be removed.
        """
        module = deepcopy(module)
        history: list[EpochRecord] = []
        pruner = ChannelPruner(module, self._subject.shape, step.share, step.rounds)
        for number in range(1, step.rounds + 1):
            self._progress.observer.log(f"Round {number} of {step.rounds}.")
            pruner.remove()
            history += self._train(module, step.epochs, Teaching())
        return module, _renumbered(history)

    def student(self, step: Distil) -> tuple[nn.Module, list[EpochRecord]]:
        """A network with fewer channels that learned from random numbers, and its history.

        Raises:
            CompressionError: the student can't be smaller.
        """
        module = student_of(deepcopy(self._subject.module), self._subject.shape, step.share, self._seed)
        return module, self._train(module, step.epochs, Teaching(step.temperature, step.weight))

    def rounded(self, module: nn.Module, epochs: int, *, per_channel: bool) -> tuple[nn.Module, list[EpochRecord]]:
        """A copy that learned to have its numbers rounded, and its history."""
        module = deepcopy(module)
        with rounded(module, per_channel=per_channel):
            history = self._train(module, epochs, Teaching())
        return module, history

    def _train(
        self, module: nn.Module, epochs: int, teaching: Teaching, after_step: Callable[[], None] | None = None
    ) -> list[EpochRecord]:
        """All epochs; the last one's weights stay, for those before were pruned less."""
        subject = self._subject
        module.requires_grad_(True)
        batches = subject.batches(self._seed)
        optimizer = Adam(module.parameters(), subject.rate)
        hook: AbstractContextManager[object] = nullcontext()
        if after_step is not None:
            hook = optimizer.register_step_post_hook(lambda *_: after_step())

        so_far = count(1)

        def validate() -> Validation:
            # The later, the better: see above.
            return replace(subject.validate(module), quality=float(next(so_far)))

        task = Task(
            model=module,
            objective=subject.objective(teaching),
            batches=batches,
            optimizer=optimizer,
            scheduler=warmup_cosine(optimizer, epochs * len(batches), WARMUP),
            validate=validate,
        )
        with hook:
            learned = train(task, LoopSettings(epochs=epochs, seed=self._seed), None, _Part(self._progress, epochs))
        self._progress.finish(epochs)
        module.eval().to(memory_format=torch.channels_last)
        return learned.history


def _renumbered(history: list[EpochRecord]) -> list[EpochRecord]:
    return [replace(record, epoch=number) for number, record in enumerate(history, 1)]
