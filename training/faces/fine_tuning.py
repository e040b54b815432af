"""Fine-tuning: from faces to a tuned network. Here its parts are put together."""

import time
from pathlib import Path

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, ValidationError

from recognition.networks import Crops, Network
from training.errors import CheckpointError, DataError
from training.faces.backbone import make_backbone, parameter_groups, training_mode
from training.faces.calibration import calibrate
from training.faces.dataset import FaceSet
from training.faces.heads import make_head
from training.faces.interpolation import Candidate, choose, whiten_unless_worse
from training.faces.objectives import FaceBatch, FaceObjective
from training.faces.open_set import EvaluationResult, EvaluationSet, evaluate, test_set, validation_set
from training.faces.result import Trained
from training.faces.settings import FitSettings
from training.faces.split import Split, rows_of, split
from training.faces.summary import Outcome, summarise
from training.faces.training_set import FaceBatches, TrainingSet, prepare
from training.faces.validation import FaceValidation, ValidationPhotos, validation_photos
from training.faces.whitening import final_dense
from training.loop import checkpoint
from training.loop.observer import NullObserver, Observer
from training.loop.schedule import warmup_cosine
from training.loop.train import Checkpoints, LoopSettings, Task, train, usual_precision


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
        observer: follows every step.
        resume: go on from the checkpoint in `folder`, to the very result an uninterrupted training would have had.
        strangers: (N, S, S, 3) uint8 RGB, aligned faces of people who are not among `faces`, to calibrate the threshold by.
            Without them people held out stand for strangers.

    Raises:
        DataError: too few people or photos; or, on resuming, photos that are gone.
        CheckpointError: a checkpoint can't be read or written.
        TrainingError: the loss is not a number any more, or the network can't be trained in this scope.
        CancelledError: the observer stopped it.
    """
    began = time.monotonic()
    parts = (_split_before(folder) if resume else None) or _split(faces, settings, strangers)
    _log_split(observer, faces, parts)
    evaluation_set = validation_set(faces, parts, strangers)
    if not len(evaluation_set.probes):
        raise DataError(
            "Nobody has two photos that differ, so there is nothing to evaluate a training on. "
            "Enroll more photos, from other sides and in other light."
        )
    observer.log("Embedding every face, and invented ones, with the untuned network.")
    training_set = _training_set(faces, parts, settings, parent)
    untuned = evaluate(parent, evaluation_set, mirrored=False)
    task, objective = _task(settings, parent, training_set, validation_photos(faces, parts, parent), evaluation_set)
    context = _Context(settings=settings, fingerprint=faces.fingerprint, split=parts).model_dump(mode="json")
    learned = train(task, _loop_settings(settings, parent), Checkpoints(folder, context, resume), observer)
    chosen = _select(parent, task, training_set, settings, evaluation_set, untuned, observer)
    observer.log("Comparing with the untuned network.")
    report = summarise(
        faces,
        parts,
        Outcome(parent, chosen.network, evaluation_set, test_set(faces, parts, strangers), untuned, chosen.result),
        weight=chosen.weight,
        whitened=chosen.whitened,
        best_epoch=learned.best_epoch,
    )
    return Trained(
        parent=parent.spec.parent or parent.spec.key,
        module=chosen.network.module,
        head=objective.head,
        calibration=calibrate(parent.spec.calibration, untuned, chosen.result, related=settings.scope != "scratch"),
        settings=settings,
        fingerprint=faces.fingerprint,
        people=faces.people,
        photos=faces.photos,
        split=parts,
        history=learned.history,
        report=report,
        seconds=learned.seconds_before + time.monotonic() - began,
    )


class _Context(BaseModel):
    """What tells one fine-tuning from another, in its checkpoint."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    settings: FitSettings
    fingerprint: str
    split: Split


def _split_before(folder: Path) -> Split | None:
    """How the photos were divided when the training in this folder began; None if it has no checkpoint."""
    state = checkpoint.read_state(folder)
    if state is None:
        return None
    try:
        return _Context.model_validate(state.context).split
    except ValidationError as error:
        raise CheckpointError(f"The checkpoint in {folder} is of another kind of training. Start a new training.") from error


def _split(faces: FaceSet, settings: FitSettings, strangers: Crops | None) -> Split:
    return split(
        faces,
        validation=settings.validation,
        test=settings.test,
        held_out=settings.held_out if strangers is None else 0.0,
        seed=settings.seed,
    )


def _log_split(observer: Observer, faces: FaceSet, parts: Split) -> None:
    observer.log(
        f"{len(faces)} photos of {len(faces.people)} people: {len(parts.train)} to train on, {len(parts.validation)} for "
        f"validation, {len(parts.test)} for the test; {len(parts.held_out)} people are held out as strangers."
    )
    if faces.skipped:
        observer.log(f"{len(faces.skipped)} photos could not be used.")


def _training_set(faces: FaceSet, parts: Split, settings: FitSettings, parent: Network) -> TrainingSet:
    rows = rows_of(faces, parts.train)
    crops, labels = faces.subset(rows[~faces.belong_to(parts.held_out)[rows]])
    _, labels = np.unique(labels, return_inverse=True)
    return prepare(crops, labels, parent, 0.0 if settings.scope == "scratch" else settings.mixup_ratio, settings.seed)


def _task(
    settings: FitSettings,
    parent: Network,
    training_set: TrainingSet,
    photos: ValidationPhotos,
    evaluation_set: EvaluationSet,
) -> tuple[Task[FaceBatch], FaceObjective]:
    """What the loop trains: backbone and head by AdamW."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        backbone = make_backbone(parent, settings.scope)
        head = make_head(settings, training_set.prototypes)
    objective = FaceObjective(
        head,
        people=training_set.people,
        classification_weight=settings.classification_weight,
        distillation_weight=0.0 if settings.scope == "scratch" else settings.distillation_weight,
    ).to(parent.device)
    batches = FaceBatches(training_set, parent, settings.augmentation, settings.epoch_faces, settings.batch_size, settings.seed)
    optimizer = torch.optim.AdamW(
        [*parameter_groups(backbone, settings), {"params": list(head.parameters()), "lr": settings.head_rate}],
        weight_decay=settings.weight_decay,
    )
    task = Task(
        model=backbone,
        objective=objective,
        batches=batches,
        optimizer=optimizer,
        scheduler=warmup_cosine(optimizer, settings.epochs * len(batches), settings.warmup),
        validate=FaceValidation(backbone, objective, parent, settings.scope, photos, evaluation_set),
        mode=lambda model: training_mode(model, settings.scope),
    )
    return task, objective


def _loop_settings(settings: FitSettings, parent: Network) -> LoopSettings:
    return LoopSettings(
        epochs=settings.epochs,
        patience=settings.patience,
        clip_norm=settings.clip_norm,
        precision=usual_precision(parent.device),
        seed=settings.seed,
    )


def _select(
    parent: Network,
    task: Task[FaceBatch],
    training_set: TrainingSet,
    settings: FitSettings,
    evaluation_set: EvaluationSet,
    untuned: EvaluationResult,
    observer: Observer,
) -> Candidate:
    """The network that comes out: between old and new weights, whitened if that helps."""
    observer.log("Interpolating between old and new weights.")
    tuned = parent.architecture.finish(task.model)
    chosen = choose(parent, tuned, settings.scope, evaluation_set, untuned)
    if settings.whitening and settings.scope in ("last", "all") and final_dense(chosen.network.module):
        observer.log("Whitening the last layer.")
        chosen = whiten_unless_worse(chosen, training_set, settings, evaluation_set, untuned)
    return chosen
