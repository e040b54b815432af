"""Channels that disappear."""

from copy import deepcopy

import pytest
import torch
from torch import nn

from recognition.networks import BUILT_IN, Network, architecture
from training.compression.channels import ChannelPruner, description, rebuildable, student_of
from training.compression.classifiers import stack_of
from training.compression.errors import CompressionError
from training.course.presets import PRESETS
from training.course.stack import build

DIGITS = (1, 28, 28)


def test_what_asks_least_disappears_with_all_that_depends_on_it() -> None:
    module = PRESETS["mnist"].build().eval()
    with torch.no_grad():
        # The first half of the first layer's channels hardly says anything.
        module[0].weight[:32].mul_(1e-4)  # type: ignore[index]
        strong = module[0].weight[32:].clone()  # type: ignore[index]
    pruner = ChannelPruner(module, DIGITS, 0.5, rounds=2)
    pruner.remove()
    assert module[0].out_channels == 48
    pruner.remove()
    assert torch.equal(module[0].weight, strong)
    stack = stack_of(module)
    assert [layer.weight.shape for layer in build(stack) if isinstance(layer, nn.Conv2d | nn.Linear)] == [
        layer.weight.shape for layer in module if isinstance(layer, nn.Conv2d | nn.Linear)
    ]
    assert module(torch.zeros(2, *DIGITS)).shape == (2, 10)


def test_the_built_in_network_loses_channels_inside_its_blocks(network: Network) -> None:
    module = deepcopy(network.module)
    ChannelPruner(module, (3, 150, 150), 0.25).remove()
    assert module(torch.zeros(1, 3, 150, 150)).shape == (1, 128)
    built = architecture(BUILT_IN.key).build
    found = description(built(), module)
    assert found is not None
    assert found.layers["blocks.0.conv1"].outputs == 24
    assert "blocks.0.conv2" in found.layers and found.layers["blocks.0.conv2"].outputs == 32
    assert rebuildable(built(), module, found)


def test_a_student_is_new_and_the_same_every_time() -> None:
    teacher = PRESETS["mnist"].build().eval()
    one, other = (student_of(deepcopy(teacher), DIGITS, 0.75, seed=3) for _ in range(2))
    assert torch.equal(one[0].weight, other[0].weight)  # type: ignore[index]
    assert one[0].weight.shape == (16, 1, 3, 3)  # type: ignore[index]
    assert not torch.isin(one[0].weight, teacher[0].weight).any()  # type: ignore[index]


def test_nothing_to_remove_is_said() -> None:
    with pytest.raises(CompressionError, match="No channel was removed"):
        ChannelPruner(nn.Sequential(nn.Flatten(), nn.Linear(4, 3)).eval(), (1, 2, 2), 0.5).remove()
