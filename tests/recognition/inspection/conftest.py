"""Tiny networks and a face; nothing is downloaded."""

from collections.abc import Iterator

import numpy as np
import pytest
import skimage.data
import torch
from torch import Tensor, nn

from recognition.pictures import Picture


class Branches(nn.Module):
    """A shortcut, an in-place ReLU used twice, a concatenation, an uneven padding: what real networks do."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, stride=2)
        self.norm = nn.BatchNorm2d(4)
        self.relu = nn.ReLU(inplace=True)
        self.conv = nn.Conv2d(4, 4, 3, padding=1)
        self.wide = nn.Conv2d(4, 2, (1, 7), padding=(0, 3))
        self.tall = nn.Conv2d(4, 2, (7, 1), padding=(3, 0))
        self.pool = nn.MaxPool2d(2)
        self.unused = nn.Linear(2, 2)
        self.dense = nn.Linear(4, 8)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.norm(self.stem(x)))
        x = self.relu(self.conv(x) + x)
        x = torch.cat([self.wide(x), self.tall(x)], dim=1)
        x = self.pool(nn.functional.pad(x, (1, 0, 1, 0)))
        return self.dense(x.mean((2, 3)))


@pytest.fixture
def chain() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 8, 5, stride=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, 12),
    )


@pytest.fixture
def branches() -> Branches:
    torch.manual_seed(1)
    return Branches()


@pytest.fixture
def batch() -> Tensor:
    return torch.randn(1, 3, 33, 33, generator=torch.Generator().manual_seed(2))


@pytest.fixture
def face() -> Picture:
    return np.ascontiguousarray(skimage.data.astronaut()[30:180, 150:300])


@pytest.fixture(autouse=True)
def no_hook_leaks(request: pytest.FixtureRequest) -> Iterator[None]:
    """After every test of this folder its networks are as they were: no hooks, modes and flags untouched."""
    names = [name for name in ("chain", "branches") if name in request.fixturenames]
    networks: list[nn.Module] = [request.getfixturevalue(name) for name in names]
    before = [_state(network) for network in networks]
    yield
    for network, state in zip(networks, before, strict=True):
        assert _state(network) == state
        for module in network.modules():
            assert not module._forward_hooks and not module._forward_pre_hooks and not module._backward_hooks
        assert all(parameter.grad is None for parameter in network.parameters())


def _state(network: nn.Module) -> tuple[list[bool], list[bool]]:
    modes = [module.training for module in network.modules()]
    return (modes, [parameter.requires_grad for parameter in network.parameters()])
