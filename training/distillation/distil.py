"""From a teacher and faces without names to a student network."""

import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from recognition.networks import Network
from training.distillation.batches import CORRUPTED, DistilBatches
from training.distillation.objective import DistilBatch, EmbeddingDistillation, mean_cosine
from training.distillation.start import from_random_numbers, pretrained
from training.distillation.unlabelled import UnlabelledFaces
from training.errors import DataError
from training.faces.augmentation import augment
from training.loop.checkpoint import Context
from training.loop.observer import EpochRecord, NullObserver, Observer
from training.loop.schedule import warmup_cosine
from training.loop.train import Checkpoints, LoopSettings, Task, Validation, mixed_precision, train

TARGETS = "targets.safetensors"
"""The teacher's embeddings, kept beside the checkpoint: they take minutes."""

_CHUNK = 512
"""Faces embedded between two reports of progress."""


class DistilSettings(BaseModel):
    """How to distil.

    Attributes:
        epochs: each shows every face twice.
        batch_size: pictures in a step, two of each face.
        rate: largest learning rate, of AdamW.
        similarity_weight: see `EmbeddingDistillation`.
        validation: faces that are held back to measure on.
        from_scratch: start from random numbers instead of the student's own weights.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int = Field(8, ge=1, le=1000)
    batch_size: int = Field(64, ge=4, le=4096, multiple_of=2)
    rate: float = Field(2e-4, gt=0, le=1)
    weight_decay: float = Field(1e-2, ge=0, le=1)
    warmup: float = Field(0.05, ge=0, le=0.5)
    clip_norm: float = Field(1.0, gt=0)
    similarity_weight: float = Field(10.0, ge=0)
    validation: int = Field(1000, ge=1)
    from_scratch: bool = False
    seed: int = Field(0, ge=0, le=2**31 - 1)


@dataclass(frozen=True, eq=False)
class Distilled:
    """What came out.

    Attributes:
        network: the student, trained.
        history: one record an epoch, with the metrics `validation_clear` and `validation_corrupted`: mean cosine similarity to
            the teacher's embedding of the clear face.
        seconds: the whole training, those before a resume included.
    """

    network: Network
    history: list[EpochRecord]
    seconds: float


def distil(
    faces: UnlabelledFaces,
    teacher: Network,
    student: Network,
    settings: DistilSettings,
    folder: Path,
    observer: Observer = NullObserver(),  # noqa: B008  # it has no state
) -> Distilled:
    """Train a student to embed every face as the teacher embeds the clear one.

    Args:
        faces: what to learn from; the first of them are held back for the validation.
        teacher: it is not changed. Its embeddings are averaged with those of the mirror image.
        student: its architecture, its preprocessing and, unless `from_scratch`, its weights to start from. It is not changed.
        folder: where checkpoints are written, one an epoch; one of this very training that is there is gone on from.

    Raises:
        DataError: too few faces.
        TrainingError: the student can't start from its weights, or the loss is not a number any more.
        CheckpointError: a checkpoint can't be read or written.
        CancelledError: the observer stopped it.
    """
    if len(faces) < 2 * settings.validation:
        raise DataError(f"{len(faces):,} faces are too few to hold {settings.validation:,} of them back for the validation.")
    began = time.monotonic()
    held_back, rows = np.split(np.arange(len(faces)), [settings.validation])
    targets = _teach(faces, teacher, folder, observer)
    if settings.from_scratch:
        module = from_random_numbers(student, settings.seed)
    else:
        observer.log("Solving the last layer for the teacher's embeddings.")
        module = pretrained(student, faces, rows, targets)
    batches = DistilBatches(faces, rows, targets, student, settings.batch_size, settings.seed)
    optimizer = torch.optim.AdamW(module.parameters(), lr=settings.rate, weight_decay=settings.weight_decay)
    task: Task[DistilBatch] = Task(
        model=module,
        objective=EmbeddingDistillation(settings.similarity_weight),
        batches=batches,
        optimizer=optimizer,
        scheduler=warmup_cosine(optimizer, settings.epochs * len(batches), settings.warmup),
        validate=_validation(faces, held_back, targets, student, module),
    )
    context: Context = {
        "settings": settings.model_dump(mode="json"),
        "faces": faces.fingerprint,
        "teacher": teacher.spec.key,
        "student": student.spec.key,
    }
    loop = LoopSettings(
        settings.epochs, clip_norm=settings.clip_norm, precision=mixed_precision(student.device), seed=settings.seed
    )
    learned = train(task, loop, Checkpoints(folder, context, resume=True), observer)
    network = student.with_module(student.architecture.finish(module))
    return Distilled(network, learned.history, learned.seconds_before + time.monotonic() - began)


def _teach(faces: UnlabelledFaces, teacher: Network, folder: Path, observer: Observer) -> Tensor:
    """The teacher's embedding of every clear face, (N, D) float32 unit."""
    file = folder / TARGETS
    owner = f"{teacher.spec.key} {faces.fingerprint}"
    if file.is_file() and (kept := load_file(file).get(owner)) is not None:
        return kept
    observer.log(f"Asking {teacher.spec.title} about {len(faces):,} faces.")
    rows = np.arange(len(faces))
    parts = []
    for start in range(0, len(faces), _CHUNK):
        observer.step(start, len(faces), 0.0)
        parts.append(teacher.embed(faces.crops(rows[start : start + _CHUNK]), mirrored=True))
    targets = torch.from_numpy(np.concatenate(parts))
    folder.mkdir(parents=True, exist_ok=True)
    save_file({owner: targets}, file)
    return targets


def _validation(
    faces: UnlabelledFaces, rows: NDArray[np.int64], targets: Tensor, student: Network, module: nn.Module
) -> Callable[[], Validation]:
    """How near the student comes to the teacher on faces that it never learned from, clear and corrupted."""
    clear = faces.crops(rows)
    pictures = {"clear": clear, "corrupted": augment(clear, CORRUPTED, np.random.default_rng(0))}
    wanted = targets[torch.from_numpy(rows)]

    def validate() -> Validation:
        network = student.with_module(student.architecture.finish(deepcopy(module)))
        found = {name: mean_cosine(torch.from_numpy(network.embed(crops)), wanted) for name, crops in pictures.items()}
        mean = sum(found.values()) / len(found)
        return Validation(quality=mean, loss=1.0 - mean, metrics=found)

    return validate
