"""The networks of experiments as torch networks with random weights."""

from math import prod
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from recognition.networks import architecture, network_spec
from recognition.networks.base import Architecture
from training.course.experiments.perceptron import Perceptron
from training.course.experiments.recipe import (
    NetworkChoice,
    PerceptronNetwork,
    StackNetwork,
    TransferNetwork,
)
from training.course.stack import Convolution, Dense, Stack, build
from training.errors import TrainingError

Shape = tuple[int, int, int]
"""Height, width and channels of a picture."""

Resolved = StackNetwork | PerceptronNetwork | TransferNetwork
"""A network that can be built again without any other experiment."""


class Transfer(nn.Module):
    """A pretrained network behind its own preprocessing, with a new last layer.

    Takes (N, 1 or 3, H, W) pixels 0 to 255 of any size, gives (N, K) logits.

    Args:
        backbone: (N, 3, side, side) to (N, dimension).
        built: of its preprocessing.
        side: that pictures are resized to.
        dimension: numbers the backbone gives.
        classes: K.
    """

    def __init__(self, backbone: nn.Module, built: Architecture, side: int, dimension: int, classes: int) -> None:
        super().__init__()
        self.backbone = backbone
        # Features of any size come to the last layer alike (as in the linear probes of He et al. 2022), after few steps.
        self.head = nn.Sequential(nn.BatchNorm1d(dimension, momentum=0.3, affine=False), nn.Linear(dimension, classes))
        self._side = side
        self.register_buffer("mean", torch.tensor(built.mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("scale", torch.tensor(built.scale).view(1, 3, 1, 1), persistent=False)

    def features(self, x: Tensor) -> Tensor:
        """(N, dimension): what the backbone gives."""
        x = x.expand(-1, 3, -1, -1)
        if x.shape[-2:] != (self._side, self._side):
            x = nn.functional.interpolate(x, (self._side, self._side), mode="bilinear", antialias=True)
        scaled = (x - cast(Tensor, self.mean)) / cast(Tensor, self.scale)
        return cast(Tensor, self.backbone(scaled.contiguous(memory_format=torch.channels_last)))

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.head(self.features(x)))


def is_pixels(network: NetworkChoice) -> bool:
    """Whether a network takes pixels as they are, 0 to 255, because its preprocessing is part of it."""
    return isinstance(network, TransferNetwork)


def fit_stack(stack: Stack, shape: Shape, classes: int) -> Stack:
    """A stack for pictures of this size, whose last dense layer or last convolution has one output a class.

    Raises:
        TrainingError: it has neither.
    """
    layers = list(stack.layers)
    for place in reversed(range(len(layers))):
        layer = layers[place]
        if isinstance(layer, Dense):
            layers[place] = layer.model_copy(update={"units": classes})
            break
        if isinstance(layer, Convolution):
            layers[place] = layer.model_copy(update={"filters": classes})
            break
    else:
        raise TrainingError("This network has no layer that learns. Add a dense layer.")
    height, width, channels = shape
    return stack.model_copy(update={"height": height, "width": width, "channels": channels, "layers": tuple(layers)})


def rebuild(network: Resolved, shape: Shape, classes: int) -> nn.Module:
    """A network of the same layers with random weights.

    Raises:
        FitError: a layer that can't follow the one before it, for pictures of this size; says which.
        TrainingError: it does not end with one value a class.
        NetworkError: there is no such backbone.
    """
    match network:
        case StackNetwork():
            return _built_stack(network, classes)
        case PerceptronNetwork():
            return Perceptron(prod(shape), classes)
        case TransferNetwork():
            built = architecture(network.backbone)
            make = (built.build_from_scratch or built.build) if network.scope == "scratch" else built.build
            return _on_backbone(make(), built, network, classes)


def _built_stack(network: StackNetwork, classes: int) -> nn.Module:
    module = build(network.stack)
    with torch.device("meta"):
        like = build(network.stack)
        stack = network.stack
        given = tuple(like.eval()(torch.zeros(1, stack.channels, stack.height, stack.width)).shape[1:])
    if given != (classes,):
        raise TrainingError(
            f"This network ends with {'×'.join(map(str, given))} values; {classes} classes need {classes}. "
            "Put flatten and a dense layer, or global average pooling, at its end."
        )
    return module


def _on_backbone(backbone: nn.Module, built: Architecture, network: TransferNetwork, classes: int) -> Transfer:
    dimension = network_spec(network.backbone, Path()).dimension
    return Transfer(backbone, built, network.side or built.input_size, dimension, classes)


def lay_out(module: nn.Module) -> nn.Module:
    """A network with its parameters laid out in memory as they are computed with fastest, itself.

    Channels last for convolutions over several channels; one of a single channel gains nothing from it, and what follows it
    loses. See docs/decisions.md, "Small steps".
    """
    several = any(isinstance(layer, nn.Conv2d) and layer.in_channels > 1 for layer in module.modules())
    return module.to(memory_format=torch.channels_last) if several else module
