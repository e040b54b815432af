"""The CNN that is trained: how it is made, which of its layers learn, and how fast."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from recognition.networks import Network, Scope
from training.errors import TrainingError
from training.faces.settings import FitSettings
from training.loop.stages import stages
from training.loop.train import train_mode


def make_backbone(parent: Network, scope: Scope) -> nn.Module:
    """The CNN to train: a copy of the pretrained one, or one of the same architecture from random numbers.

    Raises:
        TrainingError: this scope makes no sense for the network.
    """
    if scope not in parent.spec.scopes:
        allowed = ", ".join(parent.spec.scopes)
        raise TrainingError(f"{parent.spec.title} can't be trained with the scope {scope}. Choose one of: {allowed}.")
    built = parent.architecture
    if scope == "scratch":
        backbone = (built.build_from_scratch or built.build)()
    else:
        backbone = built.build()
        with parent.exclusive() as module:
            backbone.load_state_dict(module.state_dict())
    return backbone.to(parent.device).to(memory_format=torch.channels_last)


def parameter_groups(backbone: nn.Module, settings: FitSettings) -> list[dict[str, object]]:
    """What is trained and how fast: AdamW's groups, from the output to the input. All else no longer takes gradients.

    A stage learns `layer_decay` times as fast as the one behind it (discriminative rates, Howard and Ruder 2018).
    """
    parts = stages(backbone)
    first = {"head": len(parts), "last": len(parts) * 2 // 3, "all": 0, "scratch": 0}[settings.scope]
    decay = 1.0 if settings.scope == "scratch" else settings.layer_decay
    for number, stage in enumerate(parts):
        stage.requires_grad_(number >= first)
    return [
        {"params": list(stage.parameters()), "lr": settings.learning_rate * decay**depth}
        for depth, stage in enumerate(reversed(parts[first:]))
    ]


@contextmanager
def training_mode(backbone: nn.Module, scope: Scope) -> Iterator[None]:
    """Training mode, and evaluation mode again afterwards.

    A pretrained batch norm keeps its statistics: those of a few faces would be worse, and a frozen layer must not drift.
    """
    with train_mode(backbone):
        if scope != "scratch":
            for module in backbone.modules():
                if isinstance(module, nn.modules.batchnorm._BatchNorm):  # torch has no public name for all of them
                    module.eval()
        yield
