"""The networks that an experiment can start with, by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from recognition.networks import BACKBONES
from training.course.choices import activation_of, dropout_of, is_batch_normalised
from training.course.experiments.recipe import (
    ExperimentNetwork,
    NetworkChoice,
    PerceptronNetwork,
    Recipe,
    StackNetwork,
    TransferNetwork,
)
from training.course.presets import PRESETS
from training.course.stack import Dense, Stack


@dataclass(frozen=True)
class Entry:
    """A network of plain layers.

    Attributes:
        title: its name in lists.
        note: a sentence on what it shows.
        stack: its layers; input and last layer are fitted to the data.
    """

    title: str
    note: str
    stack: Stack


SOFTMAX, DENSE = "softmax-regression", "dense-digits"

STACKS: Mapping[str, Entry] = MappingProxyType(
    {
        SOFTMAX: Entry(
            "Softmax regression",
            "One dense layer on raw pixels: each class has one weight a pixel, a template that the picture is compared with.",
            PRESETS[SOFTMAX].stack,
        ),
        DENSE: Entry(
            "Dense network",
            "Hidden layers between pixels and classes; every pixel is connected to every unit, wherever it is.",
            PRESETS[DENSE].stack,
        ),
        "one-convolution": Entry(
            "One convolution",
            "64 filters slide over the picture; nearly all parameters sit in the dense layer behind them.",
            PRESETS["one-convolution"].stack,
        ),
        "one-convolution-pool": Entry(
            "Convolution and pooling",
            "A 2×2 max-pooling, which learns nothing itself, takes away three quarters of the dense layer's inputs.",
            PRESETS["one-convolution-pool"].stack,
        ),
        "two-convolutions": Entry(
            "Two convolutions",
            "Padded convolutions keep the size and poolings halve it; the second sees larger pieces of the picture.",
            PRESETS["two-convolutions"].stack,
        ),
        "mnist": Entry(
            "MNIST stack",
            "Three convolutions, two poolings, and dropout before the last layer; made for 28×28 pixels.",
            PRESETS["mnist"].stack,
        ),
        "letters": Entry(
            "Letters network",
            "A convolution with stride 2 and a large dense layer that holds nearly all parameters; made for 128×128 pixels.",
            PRESETS["letters"].stack,
        ),
        "all-convolutional": Entry(
            "All-Convolutional",
            "Nine convolutions and no dense layer: strides shrink the maps, and the means of the last ones are the scores.",
            PRESETS["all-convolutional"].stack,
        ),
    }
)
"""By key, from the simplest to the deepest."""

SCOPES: Mapping[str, str] = MappingProxyType(
    {
        "head": "Last layer only",
        "last": "Last blocks",
        "all": "Everything",
        "scratch": "From random numbers",
    }
)
"""What is trained of a pretrained network."""


def network_title(network: NetworkChoice) -> str:
    """A network in a few words, with what was changed in it: `Two convolutions, dropout 0.5`."""
    match network:
        case PerceptronNetwork():
            return "Perceptron"
        case StackNetwork():
            return ", ".join([_stack_title(network), *_changes(network)])
        case TransferNetwork():
            spec = BACKBONES.get(network.backbone)
            return f"{spec.title if spec else 'Tuned face network'}, {SCOPES[network.scope].lower()}"
        case ExperimentNetwork():
            return "An earlier network"


def default_name(recipe: Recipe, data: str) -> str:
    """What an experiment is called when nobody names it: `Digits: Softmax regression`."""
    changed = ", augmented" if recipe.training.changes.any else ""
    return f"{data}: {network_title(recipe.network)}{changed}"


def _stack_title(network: StackNetwork) -> str:
    if network.preset == DENSE:
        units = [str(layer.units) for layer in network.stack.layers[:-1] if isinstance(layer, Dense)]
        return f"Dense network {'-'.join(units)}"
    if (entry := STACKS.get(network.preset or "")) is not None:
        return entry.title
    if (preset := PRESETS.get(network.preset or "")) is not None:
        return preset.title
    return f"Own stack of {len(network.stack.layers)} layers"


def _changes(network: StackNetwork) -> list[str]:
    """What differs from the network in the catalogue."""
    entry = STACKS.get(network.preset or "")
    if entry is None:
        return []
    usual, stack = entry.stack, network.stack
    changes: list[str] = []
    if (function := activation_of(stack)) and function != (activation_of(usual) or "ReLU"):
        changes.append(function)
    if dropout_of(stack) != dropout_of(usual):
        changes.append(f"dropout {dropout_of(stack):g}" if dropout_of(stack) else "no dropout")
    if is_batch_normalised(stack) != is_batch_normalised(usual):
        changes.append("batch normalisation")
    return changes
