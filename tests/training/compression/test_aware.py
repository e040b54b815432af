"""Learning with rounded numbers."""

import pytest
import torch
from torch import nn

from training.compression.aware import RoundedWeight, rounded


@pytest.mark.parametrize("per_channel", [True, False])
def test_weights_are_rounded_to_127_steps_either_way(per_channel: bool) -> None:
    weight = torch.randn(3, 8) * torch.tensor([[1.0], [10.0], [0.1]])
    found = RoundedWeight(per_channel)(weight)
    scale = weight.abs().amax(1, keepdim=True) / 127 if per_channel else weight.abs().max() / 127
    steps = found / scale
    assert torch.allclose(steps, steps.round(), atol=1e-3)
    assert bool(((found - weight).abs() <= scale / 2 + 1e-6).all())


def test_inside_the_block_numbers_are_rounded_and_after_it_they_are_its_own() -> None:
    module = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))
    x = torch.randn(16, 4)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    exact = module(x)
    with rounded(module, per_channel=True):
        module.train()
        module(x)
        coarse = module.eval()(x)
        assert not torch.equal(coarse, exact)
        assert torch.allclose(coarse, exact, atol=0.1)
        coarse.sum().backward()
    assert torch.equal(module(x), exact)
    assert module.state_dict().keys() == before.keys()
    assert module[0].weight.grad is not None
