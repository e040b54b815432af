"""Quantization-aware fine-tuning (Jacob et al. 2018): a network learns with weights and activations rounded to int8.

The rounding is that of the int8 network made of it afterwards: weights symmetric, largest value to 127; activations between
the smallest and the largest seen. Gradients pass through it as if it were not there.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from training.compression.magnitude import weight_layers

MOMENTUM = 0.05
"""Weight of a new batch in the running range of activations."""


class RoundedWeight(nn.Module):
    """(O, …) weights as int8 would have them."""

    def __init__(self, per_channel: bool) -> None:
        super().__init__()
        self._per_channel = per_channel

    def forward(self, weight: Tensor) -> Tensor:
        if self._per_channel:
            scale = weight.detach().flatten(1).abs().amax(dim=1).clamp_min(1e-8) / 127
            zero = torch.zeros(len(scale), dtype=torch.int32, device=weight.device)
            return torch.fake_quantize_per_channel_affine(weight, scale, zero, 0, -127, 127)
        largest = float(weight.detach().abs().max().clamp_min(1e-8))
        return torch.fake_quantize_per_tensor_affine(weight, largest / 127, 0, -127, 127)


class _RoundedInput:
    """A forward pre-hook: a layer's input as uint8 would have it."""

    def __init__(self) -> None:
        self._low, self._high = 0.0, 0.0

    def __call__(self, layer: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
        (x,) = inputs
        if layer.training:
            # Zero has to be exact: paddings are made of it.
            low, high = min(float(x.detach().min()), 0.0), max(float(x.detach().max()), 0.0)
            share = MOMENTUM if self._high > self._low else 1.0
            self._low += share * (low - self._low)
            self._high += share * (high - self._high)
        if self._high <= self._low:
            return inputs
        scale = (self._high - self._low) / 255
        return (torch.fake_quantize_per_tensor_affine(x, scale, round(-self._low / scale), 0, 255),)


@contextmanager
def rounded(module: nn.Module, *, per_channel: bool) -> Iterator[None]:
    """Inside the block the network's convolutions and dense layers compute with rounded numbers; after it with their own,
    which have learned to be rounded."""
    layers = [layer for _, layer in weight_layers(module)]
    hooks = [layer.register_forward_pre_hook(_RoundedInput()) for layer in layers]
    for layer in layers:
        parametrize.register_parametrization(layer, "weight", RoundedWeight(per_channel))
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
        for layer in layers:
            parametrize.remove_parametrizations(layer, "weight", leave_parametrized=False)
