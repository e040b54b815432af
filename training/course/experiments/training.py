"""One experiment, from its recipe and its pictures to a network that is measured."""

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil, prod
from pathlib import Path

import numpy as np
import torch
from pydantic import JsonValue
from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW, Optimizer

from recognition.inspection.layers import Summary, summarise
from training.course.data.balance import class_weights, drawing_order
from training.course.data.batches import Batch, PictureBatches, in_order
from training.course.data.pictures import Labels, Pictures, Split
from training.course.experiments.classifier import BATCH, Classifier
from training.course.experiments.initial import make_start
from training.course.experiments.networks import Resolved, Transfer, lay_out
from training.course.experiments.perceptron import PerceptronRule
from training.course.experiments.recipe import PerceptronNetwork, Recipe, TrainingChoice, TransferNetwork
from training.course.experiments.store import Predictions
from training.errors import TrainingError
from training.loop.objective import Batches, Classification, Objective, measure
from training.loop.observer import EpochRecord, NullObserver, Observer
from training.loop.schedule import warmup_cosine
from training.loop.stages import stages
from training.loop.train import Checkpoints, LoopSettings, Precision, Task, Validation, mixed_precision, train, train_mode

WARMUP = 0.15
MOMENTUM = 0.9

PRETRAINED_RATE = 0.1
"""Share of the learning rate at which pretrained layers change (discriminative rates, Howard and Ruder 2018)."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came out of an experiment.

    Attributes:
        classifier: the network with the weights of the best epoch.
        network: what it can be built again from.
        multiply_adds: for one picture.
        history, best_epoch: of the training.
        train_accuracy, validation_accuracy: 0 to 1, of the best epoch's weights, on pictures that are not changed at random.
        test: what it said of the test pictures.
        seconds: that training took, epochs before a resume included; neither reading pictures nor the last measurements.
    """

    classifier: Classifier
    network: Resolved
    multiply_adds: int
    history: list[EpochRecord]
    best_epoch: int
    train_accuracy: float
    validation_accuracy: float
    test: Predictions
    seconds: float

    @property
    def test_accuracy(self) -> float:
        """0 to 1."""
        return accuracy(self.test)


def accuracy(predictions: Predictions) -> float:
    """Share of pictures whose most probable class is the right one, 0 to 1."""
    return float((predictions.probabilities.argmax(axis=1) == predictions.labels).mean())


SMALL = 50_000_000
"""Multiply-adds a step below which neither a second thread nor half precision is worth its cost. See docs/decisions.md, "Small
steps"."""


def run_experiment(
    recipe: Recipe,
    split: Split,
    storage: Path,
    *,
    folder: Path | None = None,
    observer: Observer = NullObserver(),  # noqa: B008  # it has no state
) -> Outcome:
    """Train a network and measure it.

    Args:
        recipe: what to do.
        split: its pictures.
        storage: where pretrained networks and earlier experiments are.
        folder: where a checkpoint is written each epoch; one of this very experiment that is there is gone on from.
        observer: follows every step; its epochs have the metrics `train_accuracy` and `validation_accuracy`.

    Raises:
        FitError: a layer that can't follow the one before it; says which.
        TrainingError: too large for the memory, or the loss is not a number any more.
        NetworkError, WeightsMissingError, WeightsCorruptError: a pretrained network that can't be used.
        CheckpointError: a checkpoint can't be read or written.
        CancelledError: the observer stopped it.
    """
    built = make_start(recipe, split.shape, len(split.classes), storage)
    mean, scale = _preprocessing(built.resolved, split.train)
    module = lay_out(built.module)
    classifier = Classifier(module, split.classes, split.shape, mean, scale)
    layers = _layers(classifier, split.train)
    _check_memory(layers, recipe.training.batch)
    _check_batches(module, len(split.train), recipe.training.batch)
    if isinstance(module, Transfer) and _scope(recipe) == "head" and not recipe.training.changes.any:
        task = _frozen_task(recipe, split, module, observer)
    else:
        task = _task(recipe, split, classifier)
    began = time.monotonic()
    work = layers.multiply_adds * recipe.training.batch
    with _fitting_threads(work):
        learned = train(
            task,
            LoopSettings(
                epochs=recipe.training.epochs,
                patience=recipe.training.patience,
                precision=_precision(work),
                seed=recipe.training.seed,
            ),
            None if folder is None else Checkpoints(folder, _context(recipe, split), resume=True),
            observer,
        )
    seconds = learned.seconds_before + time.monotonic() - began
    module.eval()
    observer.log("Measuring the best epoch's network.")
    train_accuracy, validation_accuracy, test = (
        _predictions(classifier, part) for part in (split.train, split.validation, split.test)
    )
    return Outcome(
        classifier=classifier,
        network=built.resolved,
        multiply_adds=layers.multiply_adds,
        history=learned.history,
        best_epoch=learned.best_epoch,
        train_accuracy=accuracy(train_accuracy),
        validation_accuracy=accuracy(validation_accuracy),
        test=test,
        seconds=seconds,
    )


def digest(split: Split) -> str:
    """SHA-256 of the pictures and labels of all three parts."""
    found = hashlib.sha256("\0".join(split.classes).encode())
    for part in (split.train, split.validation, split.test):
        found.update(np.ascontiguousarray(part.images).data)
        found.update(part.labels.data)
    return found.hexdigest()


def _context(recipe: Recipe, split: Split) -> dict[str, JsonValue]:
    return {"recipe": recipe.model_dump(mode="json"), "data": digest(split)}


def _predictions(classifier: Classifier, part: Pictures) -> Predictions:
    return Predictions(part.labels, classifier.probabilities(part.images))


def _preprocessing(network: Resolved, pictures: Pictures) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and deviation of each channel of the training pictures; a network with its own preprocessing gets plain pixels."""
    channels = pictures.images.shape[3]
    if isinstance(network, TransferNetwork):
        return (0.0,) * channels, (1.0,) * channels
    if isinstance(network, PerceptronNetwork):
        return (0.0,) * channels, (255.0,) * channels
    sample = pictures.images[:: max(1, len(pictures) // 5000)].reshape(-1, channels).astype(np.float64)
    mean, deviation = sample.mean(axis=0), np.maximum(sample.std(axis=0), 1.0)
    return tuple(round(float(value), 4) for value in mean), tuple(round(float(value), 4) for value in deviation)


def _scope(recipe: Recipe) -> str:
    return getattr(recipe.network, "scope", "scratch")


def _objective(recipe: Recipe, split: Split) -> Objective[Batch]:
    if isinstance(recipe.network, PerceptronNetwork):
        return PerceptronRule()
    weights = None
    if recipe.training.balance == "weights":
        weights = torch.from_numpy(class_weights(split.train.counts(len(split.classes))))
    return Classification(weights, recipe.training.smoothing)


def _task(recipe: Recipe, split: Split, classifier: Classifier) -> Task[Batch]:
    settings = recipe.training
    batches = PictureBatches(
        split.train,
        settings.batch,
        classifier.mean,
        classifier.scale,
        settings.changes,
        settings.balance,
        settings.seed,
    )

    def validation() -> Iterator[Batch]:
        return in_order(split.validation, BATCH, classifier.mean, classifier.scale)

    learning = learning_parts(classifier.module, _scope(recipe))
    return _assemble(recipe, classifier.module, _objective(recipe, split), batches, validation, learning)


def _frozen_task(recipe: Recipe, split: Split, module: Transfer, observer: Observer) -> Task[Batch]:
    """Frozen features never change: each picture goes through the backbone once, then only the last layer is trained."""
    observer.log("Computing the features of every picture once.")
    train_features, validation_features = (_features(module, part, observer) for part in (split.train, split.validation))
    settings = recipe.training
    batches = _FeatureBatches(train_features[0], split.train.labels, settings)
    return _assemble(
        recipe,
        module.head,
        _objective(recipe, split),
        batches,
        lambda: iter([validation_features]),
        [module.head],
    )


def _features(module: Transfer, part: Pictures, observer: Observer) -> Batch:
    found = []
    module.eval()
    with torch.inference_mode():
        for done, (inputs, _) in enumerate(in_order(part, 32, (0.0,), (1.0,))):
            found.append(module.features(inputs))
            if done % 10 == 9:
                observer.log(f"{min((done + 1) * 32, len(part))} of {len(part)} pictures.")
    return torch.cat(found).clone(), torch.from_numpy(part.labels)


@dataclass(frozen=True, eq=False)
class _FeatureBatches:
    """Features in random order."""

    features: Tensor
    labels: Labels
    settings: TrainingChoice

    def __len__(self) -> int:
        return ceil(len(self.labels) / self.settings.batch)

    def epoch(self, number: int) -> Iterator[Batch]:
        order = drawing_order(self.labels, self.settings.balance, np.random.default_rng((self.settings.seed, number)))
        for rows in np.array_split(order, len(self)):
            yield self.features[rows], torch.from_numpy(self.labels[rows])


def _assemble(
    recipe: Recipe,
    model: nn.Module,
    objective: Objective[Batch],
    batches: Batches[Batch],
    validation: Callable[[], Iterator[Batch]],
    learning: Sequence[nn.Module],
) -> Task[Batch]:
    """The task of the loop, once it is known what learns from which batches."""
    settings = recipe.training
    model.requires_grad_(False)
    for part in learning:
        part.requires_grad_(True)
    pretrained = set(model.backbone.parameters()) if isinstance(model, Transfer) and _scope(recipe) != "scratch" else set()
    learned = [parameter for part in learning for parameter in part.parameters()]
    groups: list[dict[str, object]] = [{"params": [one for one in learned if one not in pretrained]}]
    if tuned := [one for one in learned if one in pretrained]:
        groups.append({"params": tuned, "lr": recipe.training.rate * PRETRAINED_RATE})
    optimizer = _optimizer(recipe, groups)
    scheduler = warmup_cosine(optimizer, settings.epochs * len(batches), WARMUP) if settings.schedule == "cosine" else None

    def validate() -> Validation:
        means = measure(model, objective, validation())
        return Validation(means.metrics["accuracy"], means.loss, means.metrics)

    return Task(model, objective, batches, optimizer, scheduler, validate, lambda module: _learning_mode(module, learning))


def _optimizer(recipe: Recipe, parameters: list[dict[str, object]]) -> Optimizer:
    settings = recipe.training
    if isinstance(recipe.network, PerceptronNetwork):
        # Its rule is plain gradient descent on its own criterion.
        return SGD(parameters, settings.rate)
    match settings.optimiser:
        case "sgd":
            return SGD(parameters, settings.rate, weight_decay=settings.weight_decay)
        case "momentum":
            return SGD(parameters, settings.rate, MOMENTUM, weight_decay=settings.weight_decay, nesterov=True)
        case "adam":
            return Adam(parameters, settings.rate, weight_decay=settings.weight_decay)
        case "adamw":
            return AdamW(parameters, settings.rate, weight_decay=settings.weight_decay)


def learning_parts(module: nn.Module, scope: str) -> list[nn.Module]:
    """The last layer, the last third, or everything."""
    parts = [*stages(module.backbone), module.head] if isinstance(module, Transfer) else stages(module)
    first = {"head": len(parts) - 1, "last": min(len(parts) * 2 // 3, len(parts) - 1), "all": 0, "scratch": 0}[scope]
    return parts[first:]


@contextmanager
def _learning_mode(module: nn.Module, learning: Sequence[nn.Module]) -> Iterator[None]:
    """Training mode for the parts that learn; a frozen batch normalisation must not drift. Evaluation mode afterwards."""
    with train_mode(module):
        inside = {id(child) for part in learning for child in part.modules()}
        for child in module.modules():
            if isinstance(child, nn.modules.batchnorm._BatchNorm) and id(child) not in inside:  # no public name for all
                child.eval()
        yield


def _layers(classifier: Classifier, pictures: Pictures) -> Summary:
    """The network's layers on its own pictures.

    Raises:
        TrainingError: the pictures are too small for it.
    """
    try:
        return summarise(classifier.module, classifier.prepare(pictures.images[:1]))
    except RuntimeError as error:
        raise TrainingError(
            "The pictures are too small for this network: on the way through its layers nothing is left of them. "
            "Choose a larger side."
        ) from error


def _check_memory(layers: Summary, batch: int) -> None:
    """Refuse a training whose activations can't fit, before the system ends the process for it.

    Raises:
        TrainingError: says how much it needs.
    """
    # Each activation and its gradient; each parameter, its gradient, two moments and the best epoch's copy.
    activations = sum(prod(layer.shape) for layer in layers.layers)
    needed = 4 * (2 * batch * activations + 5 * layers.parameters)
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if needed > there:
        raise TrainingError(
            f"Training this network with {batch} pictures a step takes about {needed / 1e9:.0f} GB of memory; this computer "
            f"has {there / 1e9:.0f} GB. Use fewer filters, smaller pictures or fewer pictures a step."
        )


def _check_batches(module: nn.Module, pictures: int, batch: int) -> None:
    """Batch normalisation knows no spread of a single picture.

    Raises:
        TrainingError: a batch has only one.
    """
    normalised = any(isinstance(layer, nn.modules.batchnorm._BatchNorm) for layer in module.modules())
    if normalised and pictures // ceil(pictures / batch) < 2:
        raise TrainingError("Batch normalisation needs at least two pictures a step. Choose more pictures a step.")


def _precision(work: int) -> Precision:
    """Half precision where the processor computes with it and the step is worth converting its numbers."""
    return mixed_precision(torch.device("cpu")) if work >= SMALL else "float32"


@contextmanager
def _fitting_threads(work: int) -> Iterator[None]:
    """One thread where a step is so small that a second one would cost more than it gives."""
    before = torch.get_num_threads()
    if work < SMALL:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
