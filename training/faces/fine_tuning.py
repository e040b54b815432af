"""Fine-tuning: from faces to a tuned network."""

import math
import time
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from recognition.calibration import Calibration
from recognition.networks import Crops, Network
from training.errors import CheckpointError, DataError, TrainingError
from training.faces.calibration import calibrate
from training.faces.dataset import FaceSet, Split, rows_of, split
from training.faces.heads import DenseHead, MarginHead, make_backbone, make_head, parameter_groups, training_mode
from training.faces.interpolation import USUAL_WEIGHT, choose, interpolate, whiten_unless_worse
from training.faces.open_set import EvaluationResult, EvaluationSet, evaluate, test_set, validation_set
from training.faces.settings import FitSettings
from training.faces.summary import Outcome, summarise
from training.faces.training_set import Batch, TrainingSet, batches, prepare
from training.faces.whitening import final_dense
from training.loop import checkpoint
from training.loop.observer import EpochRecord, NullObserver, Observer
from training.models import Training


@dataclass(frozen=True, eq=False)
class Trained:
    """The result of a training.

    Attributes:
        parent: key of the network it was tuned from.
        module: the tuned CNN, as `recognition.networks.tuned` will build it again.
        head: what told the people apart while learning. Its first classes are the people of `Training.people` less those
            held out; the rest are invented.
        calibration: how its scores are read.
        training: how it came about and what it gained.
    """

    parent: str
    module: nn.Module
    head: MarginHead | DenseHead
    calibration: Calibration
    training: Training


def fit(
    faces: FaceSet,
    settings: FitSettings,
    parent: Network,
    folder: Path,
    observer: Observer = NullObserver(),  # noqa: B008  # it has no state
    *,
    resume: bool = False,
    strangers: Crops | None = None,
) -> Trained:
    """Fine-tune a network on faces.

    Args:
        faces: of at least two people.
        settings: what to do.
        parent: the pretrained network; it is copied, never changed.
        folder: where checkpoints are written, one an epoch; it is made.
        observer: hears of every step.
        resume: go on from the checkpoint in `folder`, to the very result an uninterrupted training would have had.
        strangers: (N, S, S, 3) uint8 RGB, aligned faces of people who are not among `faces`, to calibrate the threshold by.
            Without them people held out stand for strangers.

    Raises:
        DataError: too few people or photos; or, on resuming, photos that are gone.
        CheckpointError: a checkpoint can't be read or written.
        TrainingError: the loss is not a number any more.
        CancelledError: the observer stopped it.
    """
    began = time.monotonic()
    kept = checkpoint.read(folder) if resume else None
    parts = kept[0].split if kept else _split(faces, settings, strangers)
    _say_split(observer, faces, parts)
    evaluation_set = validation_set(faces, parts, strangers)
    if not len(evaluation_set.probes):
        raise DataError(
            "Nobody has two photos that differ, so there is nothing to judge a training by. "
            "Enroll more photos, from other sides and in other light."
        )
    rows = rows_of(faces, parts.train)
    rows = rows[~faces.belong_to(parts.held_out)[rows]]
    crops, labels = faces.subset(rows)
    _, labels = np.unique(labels, return_inverse=True)
    observer.log("Asking the untuned network about every face, and about invented ones.")
    mixes = 0.0 if settings.scope == "scratch" else settings.mixes
    training_set = prepare(crops, labels, parent, mixes, settings.seed)
    untuned = evaluate(parent, evaluation_set, mirrored=False)
    loop = _Loop(faces, settings, parent, folder, observer, parts, evaluation_set, training_set)
    if kept:
        loop.restore(*kept)
    loop.run()
    observer.log("Choosing between old and new weights, and mixes of them.")
    chosen = choose(parent, loop.best(), settings.scope, evaluation_set, untuned)
    if settings.whitening and settings.scope in ("last", "all") and final_dense(chosen.network.module):
        observer.log("Whitening the last layer.")
        chosen = whiten_unless_worse(chosen, training_set, settings, evaluation_set, untuned)
    observer.log("Comparing with the untuned network.")
    report = summarise(
        faces,
        parts,
        Outcome(parent, chosen.network, evaluation_set, test_set(faces, parts, strangers), untuned, chosen.measured),
        weight=chosen.weight,
        whitened=chosen.whitened,
        best_epoch=loop.best_epoch,
    )
    calibration = calibrate(parent.spec.calibration, untuned, chosen.measured, related=settings.scope != "scratch")
    return Trained(
        parent=parent.spec.parent or parent.spec.key,
        module=chosen.network.module,
        head=loop.head,
        calibration=calibration,
        training=Training(
            settings=settings,
            fingerprint=faces.fingerprint,
            people=list(faces.people),
            photos=list(faces.photos),
            split=parts,
            history=loop.history,
            report=report,
            seconds=loop.seconds_before + time.monotonic() - began,
        ),
    )


class _Loop:
    """The epochs: learn, validate, keep, and stop when nothing is gained any more."""

    def __init__(
        self,
        faces: FaceSet,
        settings: FitSettings,
        parent: Network,
        folder: Path,
        observer: Observer,
        parts: Split,
        evaluation_set: EvaluationSet,
        training_set: TrainingSet,
    ) -> None:
        torch.manual_seed(settings.seed)
        self.settings, self.parent, self.folder, self.observer = settings, parent, folder, observer
        self.parts, self.evaluation_set, self.training_set = parts, evaluation_set, training_set
        self.fingerprint = faces.fingerprint
        self.backbone = make_backbone(parent, settings.scope)
        self.head = make_head(settings, training_set.prototypes).to(parent.device)
        groups = parameter_groups(self.backbone, settings)
        self.optimizer = torch.optim.AdamW(
            [*groups, {"params": list(self.head.parameters()), "lr": settings.head_rate}],
            weight_decay=settings.weight_decay,
        )
        self.peaks = [float(group["lr"]) for group in self.optimizer.param_groups]
        self.scaler = torch.amp.GradScaler(enabled=parent.device.type == "cuda")
        self.pipeline = settings.augmentation.pipeline()
        self.history: list[EpochRecord] = []
        self.best_epoch, self.best_quality = 0, -1.0
        self.best_state = deepcopy(self.backbone.state_dict())
        self.people = training_set.people
        self.validation = _validation(faces, parts, parent)
        self.seconds_before = 0.0

    @property
    def steps_an_epoch(self) -> int:
        return math.ceil(self.settings.epoch_faces / self.settings.batch_size)

    @property
    def steps(self) -> int:
        return self.settings.epochs * self.steps_an_epoch

    @property
    def rate(self) -> float:
        """The learning rate of the last layers, or of the head where they don't learn."""
        *backbone, head = self.optimizer.param_groups
        return float((backbone or [head])[-1]["lr"])

    def best(self) -> nn.Module:
        """The CNN of the best epoch."""
        self.backbone.load_state_dict(self.best_state)
        return self.parent.architecture.finish(self.backbone)

    def restore(self, state: checkpoint.State, tensors: dict[str, Tensor]) -> None:
        """Go back to a checkpoint of this very training.

        Raises:
            CheckpointError: it is another training's.
        """
        if state.settings != self.settings or state.fingerprint != self.fingerprint:
            raise CheckpointError(
                "The checkpoint belongs to a training with other settings or other photos. Start a new training."
            )
        checkpoint.fill("backbone", self.backbone, tensors)
        checkpoint.fill("head", self.head, tensors)
        checkpoint.fill_optimizer(self.optimizer, tensors)
        self.best_state = {
            name.removeprefix("best."): value.clone() for name, value in tensors.items() if name.startswith("best.")
        }
        self.history = list(state.history)
        self.best_epoch, self.best_quality = state.best_epoch, state.best_quality
        self.seconds_before = state.seconds
        self.observer.log(f"Going on after epoch {len(self.history)}.")

    def run(self) -> None:
        """All epochs that are left."""
        began = time.monotonic()
        already = len(self.history)
        while len(self.history) < self.settings.epochs and not self._stalled():
            epoch = len(self.history) + 1
            start = time.monotonic()
            loss, accuracy = self._learn(epoch, began, already)
            measured = self._validate()
            self.history.append(
                EpochRecord(
                    epoch=epoch,
                    train_loss=loss,
                    validation_loss=self._validation_loss(),
                    metrics={
                        "train_accuracy": accuracy,
                        "validation_rank1": (measured.rates.clean.rank1 + measured.rates.hard.rank1) / 2,
                        "validation_tpir": (measured.rates.clean.tpir_at_fpir_5 + measured.rates.hard.tpir_at_fpir_5) / 2,
                    },
                    learning_rate=self.rate,
                    seconds=time.monotonic() - start,
                )
            )
            if measured.quality > self.best_quality:
                self.best_epoch, self.best_quality = epoch, measured.quality
                self.best_state = deepcopy(self.backbone.state_dict())
            self._keep(self.seconds_before + time.monotonic() - began)
            self.observer.epoch(self.history[-1])
        if self._stalled():
            self.observer.log(f"Stopped early: no progress since epoch {self.best_epoch}.")

    def _stalled(self) -> bool:
        return len(self.history) - self.best_epoch >= self.settings.patience

    def _learn(self, epoch: int, began: float, already: int) -> tuple[float, float]:
        """One epoch of steps; the mean loss and the share of photos that the head got right."""
        # From the seed and the epoch alone, so that a resumed training draws what an uninterrupted one would have drawn.
        torch.manual_seed(self.settings.seed * 1_000_003 + epoch)
        random = np.random.default_rng((self.settings.seed, epoch))
        losses, right, photos = [], 0, 0
        drawn = batches(
            self.training_set,
            self.parent,
            self.pipeline,
            faces=self.settings.epoch_faces,
            batch_size=self.settings.batch_size,
            random=random,
        )
        with training_mode(self.backbone, self.settings.scope):
            for number, batch in enumerate(drawn, start=(epoch - 1) * self.steps_an_epoch):
                self._set_rates(number)
                loss, answers = self._step(batch)
                losses.append(loss)
                known = batch.labels < self.people
                right += int((answers == batch.labels)[known].sum())
                photos += int(known.sum())
                pace = (time.monotonic() - began) / (number + 1 - already * self.steps_an_epoch)
                self.observer.step(number + 1, self.steps, pace * (self.steps - number - 1))
        return float(np.mean(losses)), right / max(photos, 1)

    def _step(self, batch: Batch) -> tuple[float, Tensor]:
        """One step of the optimiser; the loss and the head's answers."""
        with torch.autocast(self.parent.device.type, enabled=self.scaler.is_enabled()):
            embeddings = nn.functional.normalize(self.backbone(batch.pictures).float(), dim=1)
            loss = self._loss(embeddings, batch.labels, batch.targets)
        if not torch.isfinite(loss):
            raise TrainingError(
                "The loss is not a number any more: the learning rate is too high for this network. Lower it and start again."
            )
        self.optimizer.zero_grad()
        self.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        self.scaler.unscale_(self.optimizer)
        trained = [parameter for group in self.optimizer.param_groups for parameter in group["params"]]
        nn.utils.clip_grad_norm_(trained, self.settings.clip_norm)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        with torch.no_grad():
            answers = self.head.logits(embeddings.detach()).argmax(dim=1)
        return float(loss.detach()), answers

    def _loss(self, embeddings: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
        loss: Tensor = self.settings.classify * self.head(embeddings, labels)
        if self.settings.scope != "scratch":
            loss = loss + self.settings.distil * (1.0 - (embeddings * targets).sum(dim=1)).mean()
        return loss

    def _set_rates(self, step: int) -> None:
        """Linear warm-up, then half a cosine down to a hundredth (Loshchilov and Hutter 2017)."""
        warm = max(1, round(self.settings.warmup * self.steps))
        if step < warm:
            share = (step + 1) / warm
        else:
            share = 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, self.steps - warm)))
        for group, peak in zip(self.optimizer.param_groups, self.peaks, strict=True):
            group["lr"] = peak * share

    def _validate(self) -> EvaluationResult:
        """The exam of what would come out of the training now."""
        module = self.backbone
        if self.settings.scope != "scratch":
            module = interpolate(self.parent, self.backbone, USUAL_WEIGHT)
        return evaluate(self.parent.with_module(module), self.evaluation_set, mirrored=False)

    def _validation_loss(self) -> float:
        """The loss of validation photos as they are, towards what the untuned network says of them."""
        crops, labels, targets = self.validation
        if not len(crops):
            return math.nan
        with torch.inference_mode():
            self.head.eval()
            pictures = self.parent.preprocess(crops)
            embeddings = nn.functional.normalize(self.backbone(pictures), dim=1)
            loss = float(self._loss(embeddings, labels, targets))
            self.head.train()
        return loss

    def _keep(self, seconds: float) -> None:
        best = {f"best.{name}": value for name, value in self.best_state.items()}
        tensors = (
            checkpoint.named("backbone", self.backbone)
            | checkpoint.named("head", self.head)
            | checkpoint.optimizer_tensors(self.optimizer)
            | {name: value.clone() for name, value in best.items()}
        )
        state = checkpoint.State(
            settings=self.settings,
            fingerprint=self.fingerprint,
            split=self.parts,
            history=self.history,
            best_epoch=self.best_epoch,
            best_quality=self.best_quality,
            seconds=seconds,
        )
        checkpoint.write(self.folder, state, tensors)


def _validation(faces: FaceSet, parts: Split, parent: Network) -> tuple[Crops, Tensor, Tensor]:
    """Validation photos of trained people: crops, labels as the head knows them, the untuned network's answers."""
    trained = rows_of(faces, parts.train)
    people = np.unique(faces.labels[trained[~faces.belong_to(parts.held_out)[trained]]])
    rows = rows_of(faces, parts.validation)
    rows = rows[np.isin(faces.labels[rows], people)]
    crops, labels = faces.subset(rows)
    return (
        crops,
        torch.from_numpy(np.searchsorted(people, labels)).to(parent.device),
        torch.from_numpy(parent.embed(crops, mirrored=True)).to(parent.device),
    )


def _split(faces: FaceSet, settings: FitSettings, strangers: Crops | None) -> Split:
    return split(
        faces,
        validation=settings.validation,
        test=settings.test,
        held_out=settings.held_out if strangers is None else 0.0,
        seed=settings.seed,
    )


def _say_split(observer: Observer, faces: FaceSet, parts: Split) -> None:
    observer.log(
        f"{len(faces)} photos of {len(faces.people)} people: {len(parts.train)} to train on, {len(parts.validation)} for "
        f"validation, {len(parts.test)} for the test; {len(parts.held_out)} people are held out as strangers."
    )
    if faces.skipped:
        observer.log(f"{len(faces.skipped)} photos could not be used.")
