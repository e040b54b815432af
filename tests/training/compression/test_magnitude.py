"""Weights that become 0."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from training.compression.errors import CompressionError
from training.compression.magnitude import Across, MagnitudePruner, remaining, sparsity, weight_layers
from training.compression.schedules import ConstantSparsity, PolynomialDecay, Schedule


def small() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(16, 5)).to(memory_format=torch.channels_last)


def prune(module: nn.Module, schedule: Schedule, across: Across = "network", steps: int = 10) -> MagnitudePruner:
    pruner = MagnitudePruner(module, schedule, across, steps)
    for _ in range(steps):
        pruner.after_step()
    pruner.finish()
    return pruner


def test_the_smallest_of_the_network_go_and_the_others_stay() -> None:
    module = small()
    before = torch.cat([layer.weight.detach().flatten() for _, layer in weight_layers(module)])
    prune(module, ConstantSparsity(final=0.5, begin=0.0, end=1.0, frequency=3))
    after = torch.cat([layer.weight.detach().flatten() for _, layer in weight_layers(module)])
    assert int((after == 0).sum()) == round(0.5 * len(before))
    kept = after != 0
    assert torch.equal(after[kept], before[kept])
    assert before[~kept].abs().max() <= before[kept].abs().min()
    assert remaining(module) == int(kept.sum()) + 4 + 5


def test_each_layer_can_lose_the_same_share() -> None:
    module = small()
    prune(module, ConstantSparsity(final=0.5, end=1.0), "layer")
    assert [sparsity([layer]) for _, layer in weight_layers(module)] == [0.5, 0.5]


def test_the_curve_follows_the_schedule() -> None:
    schedule = PolynomialDecay(begin=0.0, end=1.0, frequency=4, final=0.8)
    curve = prune(small(), schedule, steps=21).curve
    assert [step for step, _ in curve] == [0, 4, 8, 12, 16, 20]
    assert all(one <= other for (_, one), (_, other) in pairwise(curve))
    for step, zeros in curve:
        assert zeros == pytest.approx(schedule.sparsity(step, 21), abs=0.01)


def test_a_layer_without_weights_is_refused() -> None:
    module = small()
    with torch.no_grad():
        module[0].weight.mul_(1e-3)  # type: ignore[index]
    with pytest.raises(CompressionError, match="layer 0 has no weight left"):
        prune(module, ConstantSparsity(final=0.6, end=1.0))


def test_a_network_without_weights_is_refused() -> None:
    with pytest.raises(CompressionError, match="neither convolutions nor dense"):
        weight_layers(nn.Sequential(nn.ReLU()))
