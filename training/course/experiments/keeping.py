"""From what came out of an experiment to its place in the store."""

import hashlib
import secrets
from collections.abc import Collection
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

from recognition.names import clean_name
from training.course.data.pictures import Split
from training.course.experiments.catalogue import default_name
from training.course.experiments.recipe import Recipe
from training.course.experiments.record import Record
from training.course.experiments.store import save_experiment, weights_of
from training.course.experiments.training import Outcome, digest
from training.folders import Publish


def keep_outcome(
    storage: Path,
    recipe: Recipe,
    split: Split,
    outcome: Outcome,
    *,
    name: str | None = None,
    photos: Collection[str] = (),
    gallery: str | None = None,
    publish: Publish = nullcontext,
) -> Record:
    """Keep what came out of an experiment.

    Args:
        storage: the storage folder.
        recipe, split: what it was made from.
        outcome: what came out.
        name: what to call it; by data and network without.
        photos: keys of the gallery's photos that it learned from, and gallery, whose they are (`Gallery.identity`).
        publish: entered around the moment it appears.

    Raises:
        InvalidNameError: nothing can have such a name.
        StorageError: it can't be written; nothing is left behind.
    """
    module = outcome.classifier.module
    weights = weights_of(module)
    record = Record(
        id=secrets.token_hex(6),
        name=clean_name(name or default_name(recipe, split.title)),
        created_at=datetime.now(UTC),
        recipe=recipe,
        data=split.title,
        data_digest=digest(split),
        network=outcome.network,
        classes=split.classes,
        shape=split.shape,
        mean=outcome.classifier.mean,
        scale=outcome.classifier.scale,
        parameters=sum(parameter.numel() for parameter in module.parameters()),
        multiply_adds=outcome.multiply_adds,
        weight_bytes=len(weights),
        history=outcome.history,
        best_epoch=outcome.best_epoch,
        train_accuracy=outcome.train_accuracy,
        validation_accuracy=outcome.validation_accuracy,
        test_accuracy=outcome.test_accuracy,
        train=len(split.train),
        validation=len(split.validation),
        test=len(split.test),
        seconds=outcome.seconds,
        photos=tuple(photos),
        gallery=gallery,
        sha256=hashlib.sha256(weights).hexdigest(),
    )
    save_experiment(storage, record, weights, outcome.test, publish)
    return record
