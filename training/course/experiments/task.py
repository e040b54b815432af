"""What the loop trains in an experiment: which layers learn, from which batches, by which optimiser."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW, Optimizer

from training.course.data.balance import class_weights, drawing_order
from training.course.data.batches import Batch, PictureBatches, in_order
from training.course.data.pictures import Labels, Pictures, Split
from training.course.experiments.classifier import BATCH, Classifier
from training.course.experiments.networks import Transfer
from training.course.experiments.perceptron import PerceptronRule
from training.course.experiments.recipe import PerceptronNetwork, Recipe, TrainingChoice
from training.errors import TrainingError
from training.loop.objective import Batches, Classification, Objective, measure
from training.loop.observer import Observer
from training.loop.schedule import warmup_cosine
from training.loop.stages import stages
from training.loop.train import Task, Validation, train_mode

WARMUP = 0.15
MOMENTUM = 0.9

PRETRAINED_RATE = 0.1
"""Share of the learning rate at which pretrained layers change (discriminative rates, Howard and Ruder 2018)."""


def make_task(recipe: Recipe, split: Split, classifier: Classifier, observer: Observer) -> Task[Batch]:
    """The task of an experiment.

    Raises:
        TrainingError: a batch would have a single picture, of which batch normalisation knows no spread.
    """
    module = classifier.module
    _check_batches(module, len(split.train), recipe.training.batch)
    if isinstance(module, Transfer) and _scope(recipe) == "head" and not recipe.training.changes.any:
        return _frozen_task(recipe, split, module, observer)
    return _task(recipe, split, classifier)


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


def _check_batches(module: nn.Module, pictures: int, batch: int) -> None:
    """Batch normalisation knows no spread of a single picture.

    Raises:
        TrainingError: a batch has only one.
    """
    normalised = any(isinstance(layer, nn.modules.batchnorm._BatchNorm) for layer in module.modules())
    if normalised and pictures // ceil(pictures / batch) < 2:
        raise TrainingError("Batch normalisation needs at least two pictures a step. Choose more pictures a step.")
