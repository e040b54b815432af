"""The parts of a network, from the input to the output."""

from collections.abc import Iterator

from torch import nn


def stages(backbone: nn.Module) -> list[nn.Module]:
    """The parts of a CNN from the input to the output that have parameters; sequences are opened."""

    def opened(module: nn.Module) -> Iterator[nn.Module]:
        if isinstance(module, nn.Sequential):
            for child in module:
                yield from opened(child)
        else:
            yield module

    return [stage for child in backbone.children() for stage in opened(child) if any(True for _ in stage.parameters())]
