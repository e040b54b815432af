"""The network that an experiment starts from: with random, pretrained or already trained weights."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from recognition.networks import load_network
from recognition.networks.tuned import is_key, read_manifest
from recognition.networks.variants import SameAsParent
from training.course.experiments.classifier import Classifier
from training.course.experiments.networks import Resolved, Shape, Transfer, fit_stack, lay_out, rebuild
from training.course.experiments.recipe import (
    ExperimentNetwork,
    NetworkChoice,
    PerceptronNetwork,
    Recipe,
    StackNetwork,
    TransferNetwork,
)
from training.course.experiments.record import Record
from training.course.experiments.store import load_classifier, read_experiment
from training.errors import TrainingError


@dataclass(frozen=True, eq=False)
class Built:
    """A network before training.

    Attributes:
        module: (N, C, H, W) to (N, K) logits.
        resolved: how `rebuild` makes its like.
    """

    module: nn.Module
    resolved: Resolved


def make_network(network: NetworkChoice, shape: Shape, classes: int, storage: Path) -> Built:
    """The network of a recipe, ready to be trained. Random weights are drawn from torch's random numbers.

    Raises:
        FitError: a layer that can't follow the one before it, for pictures of this size; says which.
        WeightsMissingError, WeightsCorruptError, NetworkError: a pretrained network that is not here.
        TrainingError: it can't tell these classes apart.
    """
    resolved = resolve(network, shape, classes, storage)
    module = rebuild(resolved, shape, classes)
    if isinstance(network, TransferNetwork) and network.scope != "scratch":
        pretrained = load_network(network.backbone, storage, torch.device("cpu"))
        assert isinstance(module, Transfer)
        with pretrained.exclusive() as loaded:
            module.backbone.load_state_dict(loaded.state_dict())
    if isinstance(network, ExperimentNetwork):
        _copy_fitting(load_classifier(storage, network.experiment).module, module)
    return Built(module, resolved)


def resolve(network: NetworkChoice, shape: Shape, classes: int, storage: Path) -> Resolved:
    """What the network of a recipe is built from: fitted to the data, without any earlier experiment or tuned network.

    Raises:
        TrainingError: it takes other pictures, has no layer that learns, or the experiment is gone.
        NetworkError: there is no such tuned network.
    """
    match network:
        case StackNetwork():
            return network.model_copy(update={"stack": fit_stack(network.stack, shape, classes)})
        case PerceptronNetwork():
            return network
        case TransferNetwork():
            return network.model_copy(update={"backbone": _pretrained_key(network.backbone, storage)})
        case ExperimentNetwork():
            before = read_experiment(storage, network.experiment)
            if before.shape != shape:
                wanted, given = ("×".join(map(str, size)) for size in (before.shape, shape))
                raise TrainingError(f"The network of {before.name} takes pictures of {wanted}; these are {given}.")
            return (
                before.network
                if isinstance(before.network, TransferNetwork)
                else resolve(before.network, shape, classes, storage)
            )


def make_start(recipe: Recipe, shape: Shape, classes: int, storage: Path) -> Built:
    """The network that a recipe's training starts from: its random weights are those of the recipe's seed.

    Raises:
        As `make_network`.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.training.seed)
        return make_network(recipe.network, shape, classes, storage)


def load_start(record: Record, storage: Path) -> Classifier:
    """What an experiment's network was before: the one that it was compressed from, or the untrained one.

    Raises:
        TrainingError, CheckpointError: what it came from was deleted, or is damaged.
        As `make_network`.
    """
    if record.parent is not None:
        return load_classifier(storage, record.parent)
    built = make_start(record.recipe, record.shape, len(record.classes), storage)
    return Classifier(lay_out(built.module.eval()), record.classes, record.shape, record.mean, record.scale)


def _pretrained_key(backbone: str, storage: Path) -> str:
    """Of the network that a tuned one was made from, or its own."""
    if not is_key(backbone):
        return backbone
    manifest = read_manifest(storage, backbone)
    if not isinstance(manifest.architecture, SameAsParent):
        raise TrainingError(f"{manifest.name} is a compressed network. Choose the one that it was made from.")
    return manifest.parent


def _copy_fitting(source: nn.Module, target: nn.Module) -> None:
    """Copy every parameter of the same name and shape; a last layer for other classes stays random."""
    tensors = source.state_dict()
    own = target.state_dict()
    target.load_state_dict({name: tensors[name] if tensors[name].shape == own[name].shape else own[name] for name in own})
