"""Pruning of single weights by magnitude (Han et al. 2015): the smallest become 0 and stay 0, by `torch.nn.utils.prune`."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.utils import prune

from training.compression.errors import CompressionError
from training.compression.schedules import Schedule

Across = Literal["network", "layer"]
"""Whether the smallest of the whole network are pruned, or the same share of every layer."""

Layers = Sequence[tuple[str, nn.Conv2d | nn.Linear]]


def weight_layers(module: nn.Module) -> Layers:
    """The layers whose weights can be pruned and quantized, by name, from the input to the output.

    Raises:
        CompressionError: it has none.
    """
    layers = [(name, layer) for name, layer in module.named_modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    if not layers:
        raise CompressionError("This network has neither convolutions nor dense layers, so there is nothing to compress.")
    return layers


class MagnitudePruner:
    """Prunes a network while it is fine-tuned. Its masks are buffers of the network until `finish`.

    Args:
        module: the network; its layers get masks.
        schedule: when and how much.
        across: what weights are compared with.
        steps: of the fine-tuning.

    Attributes:
        curve: (step, share of weights that are 0) at every pruning.
    """

    def __init__(self, module: nn.Module, schedule: Schedule, across: Across, steps: int) -> None:
        self._layers = weight_layers(module)
        self._schedule, self._across, self._steps = schedule, across, steps
        self._step = 0
        self.curve: list[tuple[int, float]] = []
        # torch's pruning flattens weights by `view`, which those with channels last in memory don't allow.
        module.to(memory_format=torch.contiguous_format)
        for _, layer in self._layers:
            prune.identity(layer, "weight")  # type: ignore[no-untyped-call]

    def after_step(self) -> None:
        """To be called after every step of the optimiser.

        Raises:
            CompressionError: a layer would be left without weights.
        """
        if self._schedule.due(self._step, self._steps):
            self._prune(self._schedule.sparsity(self._step, self._steps))
            self.curve.append((self._step, sparsity([layer for _, layer in self._layers])))
        self._step += 1

    def finish(self) -> None:
        """Make the zeros part of the weights, and remove the masks."""
        for _, layer in self._layers:
            prune.remove(layer, "weight")  # type: ignore[no-untyped-call]

    def _prune(self, goal: float) -> None:
        # Drawn anew each time from the weights behind the masks, as the schedules' authors do.
        for _, layer in self._layers:
            layer.get_buffer("weight_mask").fill_(1.0)
        if self._across == "network":
            targets = [(layer, "weight") for _, layer in self._layers]
            total = sum(layer.get_buffer("weight_mask").numel() for _, layer in self._layers)
            prune.global_unstructured(targets, prune.L1Unstructured, amount=round(goal * total))
        else:
            for _, layer in self._layers:
                prune.l1_unstructured(layer, "weight", amount=goal)  # type: ignore[no-untyped-call]
        for name, layer in self._layers:
            if not layer.get_buffer("weight_mask").any():
                raise CompressionError(
                    f"At a sparsity of {goal:.0%} the layer {name} has no weight left, so nothing would get through. "
                    "Prune less, or every layer by its own share."
                )


def sparsity(layers: Sequence[nn.Module]) -> float:
    """Share of the layers' weights that are 0, 0 to 1."""
    weights = [_weight(layer) for layer in layers]
    return 1.0 - sum(int(weight.count_nonzero()) for weight in weights) / max(sum(weight.numel() for weight in weights), 1)


def remaining(module: nn.Module) -> int:
    """Parameters that are not 0, biases included."""
    with torch.no_grad():
        return sum(int(parameter.count_nonzero()) for parameter in module.parameters())


def _weight(layer: nn.Module) -> Tensor:
    weight = layer.get_parameter("weight_orig") * layer.get_buffer("weight_mask") if prune.is_pruned(layer) else None
    return layer.get_parameter("weight").detach() if weight is None else weight.detach()
