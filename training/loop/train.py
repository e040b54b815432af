"""The training loop: learn, validate, keep, and stop when nothing is gained any more."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from math import inf, nan
from pathlib import Path
from typing import Generic, Literal

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from training.errors import CheckpointError, TrainingError
from training.loop import checkpoint
from training.loop.checkpoint import Context, State
from training.loop.objective import Batches, BatchT, Means, Objective
from training.loop.observer import EpochRecord, NullObserver, Observer

Precision = Literal["float32", "bfloat16", "float16"]
"""The numbers of the forward pass; less than float32 is mixed precision (Micikevicius et al. 2018)."""


@dataclass(frozen=True)
class LoopSettings:
    """How long to train and how to take a step.

    Attributes:
        epochs: at most.
        patience: epochs without a better validation after which it stops; None never stops.
        target: quality of the validation at which it stops.
        clip_norm: largest norm of the gradient of all parameters together; None leaves it.
        precision: of the forward pass.
        seed: of what is random in it, the model's dropout included.
    """

    epochs: int
    patience: int | None = None
    target: float = inf
    clip_norm: float | None = None
    precision: Precision = "float32"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.epochs < 1 or (self.patience is not None and self.patience < 1):
            raise ValueError("epochs and patience are at least 1")


@dataclass(frozen=True)
class Validation:
    """What a validation found.

    Attributes:
        quality: the higher, the better; decides which epoch is the best.
        loss: NaN where there is none.
        metrics: further numbers by name.
    """

    quality: float
    loss: float = nan
    metrics: dict[str, float] = field(default_factory=dict)


@contextmanager
def train_mode(model: nn.Module) -> Iterator[None]:
    """Training mode, and evaluation mode afterwards."""
    model.train()
    try:
        yield
    finally:
        model.eval()


@dataclass(frozen=True, eq=False)
class Task(Generic[BatchT]):
    """What is trained.

    Attributes:
        model: changed in place; it ends with the weights of the best epoch, in evaluation mode.
        objective: changed in place, if it has parameters; it ends as it was after the last epoch.
        batches: the training data.
        optimizer: of parameters of both. The rate of its first group is the one that is recorded.
        scheduler: of its learning rates; its `step` is called after every batch. Its state must be JSON. Without it they stay.
        validate: called after every epoch, with the model in evaluation mode. Without it the last epoch is the best.
        mode: entered while learning; puts the model into training mode.
    """

    model: nn.Module
    objective: Objective[BatchT]
    batches: Batches[BatchT]
    optimizer: Optimizer
    scheduler: LRScheduler | None = None
    validate: Callable[[], Validation] | None = None
    mode: Callable[[nn.Module], AbstractContextManager[None]] = train_mode


@dataclass(frozen=True)
class Checkpoints:
    """Where the state of a training is kept after each epoch.

    Attributes:
        folder: of this one training; it is made.
        context: what tells it from others.
        resume: go on from the checkpoint in the folder, if there is one.
    """

    folder: Path
    context: Context
    resume: bool = False


@dataclass(frozen=True)
class LoopResult:
    """How a training went.

    Attributes:
        history: one record an epoch, those before a resume included.
        best_epoch: whose weights the model has, from 1.
        seconds_before: that the epochs before a resume took.
    """

    history: list[EpochRecord]
    best_epoch: int
    seconds_before: float


def usual_precision(device: torch.device) -> Precision:
    """Half precision on a GPU; full precision on a CPU, where half is slower."""
    return "float16" if device.type == "cuda" else "float32"


def mixed_precision(device: torch.device) -> Precision:
    """Half precision wherever the processor computes with it."""
    if device.type == "cuda":
        return "float16"
    return "bfloat16" if torch.cpu._is_avx512_bf16_supported() else "float32"  # torch has no public name


def train(
    task: Task[BatchT],
    settings: LoopSettings,
    checkpoints: Checkpoints | None = None,
    observer: Observer = NullObserver(),  # noqa: B008  # it has no state
) -> LoopResult:
    """Train a model.

    A resumed training gives the same curve and the same weights as one that was never interrupted, on the same machine.
    The random numbers of the caller stay as they were.

    Raises:
        CheckpointError: a checkpoint can't be read or written, or belongs to another training.
        TrainingError: the loss is not a number any more.
        CancelledError: the observer stopped it.
    """
    device = next(task.model.parameters()).device
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        return _Loop(task, settings, checkpoints, observer, device).run()


class _Loop(Generic[BatchT]):
    """The state of a training that runs."""

    def __init__(
        self,
        task: Task[BatchT],
        settings: LoopSettings,
        checkpoints: Checkpoints | None,
        observer: Observer,
        device: torch.device,
    ) -> None:
        self.task, self.settings, self.checkpoints, self.observer = task, settings, checkpoints, observer
        self.device = device
        # Only half precision has gradients so small that they vanish.
        self.scaler = torch.amp.GradScaler(device.type, enabled=settings.precision == "float16")
        self.history: list[EpochRecord] = []
        self.best_epoch, self.best_quality = 0, -inf
        self.best_state: dict[str, Tensor] = {}
        self.seconds_before = 0.0

    def run(self) -> LoopResult:
        """All epochs that are left."""
        if self.checkpoints is not None and self.checkpoints.resume:
            self._restore(self.checkpoints)
        began, already = time.monotonic(), len(self.history)
        while len(self.history) < self.settings.epochs and not self._finished():
            start = time.monotonic()
            # From the seed and the epoch alone, so that a resumed training draws what an uninterrupted one would.
            torch.manual_seed(self.settings.seed * 1_000_003 + len(self.history) + 1)
            learned = self._learn(began, already)
            validation = self.task.validate() if self.task.validate else None
            self._record(learned, validation, start)
            if self.checkpoints is not None:
                self._write(self.checkpoints, self.seconds_before + time.monotonic() - began)
            self.observer.epoch(self.history[-1])
        if self._stalled():
            self.observer.log(f"Stopped early: no progress since epoch {self.best_epoch}.")
        checkpoint.fill(self.task.model, self.best_state)
        return LoopResult(self.history, self.best_epoch, self.seconds_before)

    def _finished(self) -> bool:
        return self._stalled() or self.best_quality >= self.settings.target

    def _stalled(self) -> bool:
        patience = self.settings.patience
        return patience is not None and len(self.history) - self.best_epoch >= patience

    def _learn(self, began: float, already: int) -> Means:
        """One epoch of steps."""
        each = len(self.task.batches)
        total = self.settings.epochs * each
        done = len(self.history) * each
        means = Means()
        with self.task.mode(self.task.model), train_mode(self.task.objective):
            for batch in self.task.batches.epoch(len(self.history) + 1):
                self._step(batch, means)
                done += 1
                pace = (time.monotonic() - began) / (done - already * each)
                self.observer.step(done, total, pace * (total - done))
        return means

    def _step(self, batch: BatchT, means: Means) -> None:
        """One step of the optimiser."""
        optimizer = self.task.optimizer
        half = getattr(torch, self.settings.precision)
        with torch.autocast(self.device.type, dtype=half, enabled=self.settings.precision != "float32"):
            result = self.task.objective(self.task.model, batch)
        if not torch.isfinite(result.loss):
            raise TrainingError("The loss is not a number any more: the learning rate is too high. Lower it and start again.")
        optimizer.zero_grad()
        self.scaler.scale(result.loss).backward()
        if self.settings.clip_norm is not None:
            self.scaler.unscale_(optimizer)
            trained = [parameter for group in optimizer.param_groups for parameter in group["params"]]
            nn.utils.clip_grad_norm_(trained, self.settings.clip_norm)
        self.scaler.step(optimizer)
        self.scaler.update()
        if self.task.scheduler is not None:
            self.task.scheduler.step()
        means.add(result)

    def _record(self, learned: Means, validation: Validation | None, start: float) -> None:
        """Write the epoch into the history, and keep its weights if it is the best."""
        epoch = len(self.history) + 1
        found = validation or Validation(quality=float(epoch))
        self.history.append(
            EpochRecord(
                epoch=epoch,
                train_loss=learned.loss,
                validation_loss=found.loss,
                metrics={f"train_{name}": value for name, value in learned.metrics.items()}
                | {f"validation_{name}": value for name, value in found.metrics.items()},
                learning_rate=float(self.task.optimizer.param_groups[0]["lr"]),
                seconds=time.monotonic() - start,
            )
        )
        if not self.best_state or found.quality > self.best_quality:
            self.best_epoch, self.best_quality = epoch, found.quality
            self.best_state = deepcopy(self.task.model.state_dict())

    def _write(self, checkpoints: Checkpoints, seconds: float) -> None:
        tensors = (
            checkpoint.named("model", self.task.model.state_dict())
            | checkpoint.named("objective", self.task.objective.state_dict())
            | checkpoint.named("best", self.best_state)
            | checkpoint.optimizer_tensors(self.task.optimizer)
        )
        state = State(
            context=checkpoints.context,
            history=self.history,
            best_epoch=self.best_epoch,
            best_quality=self.best_quality,
            seconds=seconds,
            scheduler={} if self.task.scheduler is None else self.task.scheduler.state_dict(),
            scaler=self.scaler.state_dict(),
            rates=[float(group["lr"]) for group in self.task.optimizer.param_groups],
        )
        checkpoint.write(checkpoints.folder, state, tensors)

    def _restore(self, checkpoints: Checkpoints) -> None:
        """Go back to the checkpoint of this very training, if there is one."""
        found = checkpoint.read(checkpoints.folder)
        if found is None:
            return
        state, tensors = found
        if state.context != checkpoints.context:
            raise CheckpointError(
                "The checkpoint belongs to a training with other settings or other data. Start a new training."
            )
        checkpoint.fill(self.task.model, checkpoint.under("model", tensors))
        checkpoint.fill(self.task.objective, checkpoint.under("objective", tensors))
        checkpoint.fill_optimizer(self.task.optimizer, tensors)
        if self.task.scheduler is not None:
            self.task.scheduler.load_state_dict(state.scheduler)
        self.scaler.load_state_dict(state.scaler)
        for group, rate in zip(self.task.optimizer.param_groups, state.rates, strict=True):
            group["lr"] = rate
        self.best_state = checkpoint.under("best", tensors)
        self.history = list(state.history)
        self.best_epoch, self.best_quality = state.best_epoch, state.best_quality
        self.seconds_before = state.seconds
        self.observer.log(f"Going on after epoch {len(self.history)}.")
