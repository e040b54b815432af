"""How the architecture of a tuned network differs from its parent's, as its file describes it.

A description is data (`network.json` holds it) and knows how to turn the parent's architecture into the network's own. A new
kind of change is one class here, with a `kind` of its own, in the union `Variant`.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import singledispatch
from typing import Annotated, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import nn

from recognition.errors import NetworkError, WeightsCorruptError
from recognition.networks.base import Architecture


class _Description(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SameAsParent(_Description):
    """The parent's own architecture."""

    kind: Literal["parent"] = "parent"

    def apply(self, parent: Architecture) -> Architecture:
        return parent


class Channels(_Description):
    """How many channels go into a layer and come out of it. Where a layer keeps their number, both are the same."""

    inputs: int = Field(ge=1)
    outputs: int = Field(ge=1)


class Pruned(_Description):
    """Channels were removed.

    Attributes:
        layers: the channels of every layer that has fewer than in the parent, by its name in `named_modules`.
    """

    kind: Literal["pruned"] = "pruned"
    layers: dict[str, Channels] = Field(min_length=1, max_length=10_000)

    def apply(self, parent: Architecture) -> Architecture:
        """The parent's architecture with fewer channels.

        Raises:
            WeightsCorruptError: the parent has no such layer, it has fewer channels, or the layers don't fit together.
        """
        pruned = replace(
            parent,
            build=self._pruned(parent.build),
            build_from_scratch=self._pruned(parent.build_from_scratch) if parent.build_from_scratch else None,
        )
        output_dimension(pruned)
        return pruned

    def _pruned(self, build: Callable[[], nn.Module]) -> Callable[[], nn.Module]:
        return lambda: with_fewer_channels(build(), self.layers)


class Exported(_Description):
    """ONNX Runtime runs it as one piece.

    Attributes:
        numbers: of its weights.
    """

    kind: Literal["exported"] = "exported"
    numbers: Literal["float32", "int8"]

    def apply(self, parent: Architecture) -> Architecture:
        """The parent's preprocessing around a network that only its file can build."""
        return replace(parent, build=_only_its_file, build_from_scratch=None)


def _only_its_file() -> nn.Module:
    raise NetworkError("An exported network is built from its file alone.")


Variant = Annotated[SameAsParent | Pruned | Exported, Field(discriminator="kind")]


def with_fewer_channels(module: nn.Module, layers: dict[str, Channels]) -> nn.Module:
    """Replace layers of a network by smaller ones with random weights.

    Returns:
        The module itself.

    Raises:
        WeightsCorruptError: it has no such layer, or one that would grow.
    """
    for name, channels in layers.items():
        try:
            layer = module.get_submodule(name)
            smaller = resized(layer, channels.inputs, channels.outputs)
        except (AttributeError, TypeError, ValueError) as error:
            raise WeightsCorruptError(f"The network has no layer {name} that can have fewer channels.") from error
        if sum(p.numel() for p in smaller.parameters()) > sum(p.numel() for p in layer.parameters()):
            raise WeightsCorruptError(f"The pruned layer {name} is larger than the one it was made from.")
        holder, _, own_name = name.rpartition(".")
        setattr(module.get_submodule(holder), own_name, smaller)
    return module


@singledispatch
def resized(layer: nn.Module, inputs: int, outputs: int) -> nn.Module:  # noqa: ARG001  # what is registered uses them
    """A layer like this one with other numbers of channels and random weights.

    Raises:
        TypeError: nothing is registered for this type of layer.
        ValueError: this layer can't have so many.
    """
    raise TypeError(f"{type(layer).__name__} has no channels to remove")


@resized.register
def _(layer: nn.Conv2d, inputs: int, outputs: int) -> nn.Module:
    # A convolution with as many groups as channels keeps one channel a group.
    groups = inputs if layer.groups == layer.in_channels > 1 else layer.groups
    return nn.Conv2d(
        inputs,
        outputs,
        layer.kernel_size,  # type: ignore[arg-type]  # a tuple of as many numbers as the kernel has dimensions
        layer.stride,  # type: ignore[arg-type]
        layer.padding,  # type: ignore[arg-type]
        layer.dilation,  # type: ignore[arg-type]
        groups,
        layer.bias is not None,
        layer.padding_mode,
    )


@resized.register
def _(layer: nn.Linear, inputs: int, outputs: int) -> nn.Module:
    return nn.Linear(inputs, outputs, bias=layer.bias is not None)


@resized.register(nn.BatchNorm1d)
@resized.register(nn.BatchNorm2d)
def _(layer: nn.BatchNorm1d | nn.BatchNorm2d, inputs: int, outputs: int) -> nn.Module:
    _same(inputs, outputs)
    return type(layer)(outputs, layer.eps, layer.momentum, layer.affine, layer.track_running_stats)


@resized.register
def _(layer: nn.PReLU, inputs: int, outputs: int) -> nn.Module:
    _same(inputs, outputs)
    return nn.PReLU(outputs if layer.num_parameters > 1 else 1)


def _same(inputs: int, outputs: int) -> None:
    if inputs != outputs:
        raise ValueError("this layer gives as many channels as it takes")


def output_dimension(architecture: Architecture) -> int:
    """The length of the embeddings of a network of this architecture, found without computing any.

    Raises:
        WeightsCorruptError: its layers don't fit together, or it doesn't give one vector a picture.
    """
    side = architecture.input_size
    try:
        # On this device tensors have shapes and no values: no time, no memory.
        with torch.device("meta"), torch.inference_mode():
            output = architecture.build().eval()(torch.empty(2, 3, side, side))
    except RuntimeError as error:
        raise WeightsCorruptError(f"The network's layers don't fit together: {error}.") from error
    if output.ndim != 2 or len(output) != 2:
        raise WeightsCorruptError("The network doesn't give one vector a picture.")
    return int(output.shape[1])
