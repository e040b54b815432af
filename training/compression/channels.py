"""Pruning of whole channels by magnitude (Li et al. 2017): they disappear with everything that depends on them.

torch-pruning finds what belongs together (Fang et al. 2023, "DepGraph").
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch_pruning as tp
from torch import nn

from recognition.errors import WeightsCorruptError
from recognition.networks.dlib_resnet import Affine, Block
from recognition.networks.variants import Channels, Pruned, with_fewer_channels
from training.compression.errors import CompressionError
from training.compression.magnitude import weight_layers

log = logging.getLogger(__name__)


class _AffinePruner(tp.BasePruningFunc):  # type: ignore[misc]  # untyped library
    """Tells torch-pruning how dlib's scale-and-shift layers lose channels."""

    def prune_out_channels(self, layer: Affine, idxs: list[int]) -> Affine:
        keep = sorted(set(range(len(layer.gamma))) - set(idxs))
        layer.gamma, layer.beta = (nn.Parameter(values.detach()[keep]) for values in (layer.gamma, layer.beta))
        return layer

    prune_in_channels = prune_out_channels

    def get_out_channels(self, layer: Affine) -> int:
        return len(layer.gamma)

    get_in_channels = get_out_channels


class ChannelPruner:
    """Removes the channels with the smallest weights, the same share of every layer's. The last layer keeps its outputs.

    Args:
        module: changed in place; in evaluation mode.
        shape: channels, height and width of its input.
        share: of the channels that goes in the end, 0 to 1.
        rounds: in which it goes, the same number in each.

    Raises:
        CompressionError: nothing can be removed.
    """

    def __init__(self, module: nn.Module, shape: tuple[int, int, int], share: float, rounds: int = 1) -> None:
        self._module, self._share = module.requires_grad_(True), share
        self._picture = torch.zeros(1, *shape)
        self._given = self._shape()
        self._before = _size(module)
        with _refusing():
            self._pruner = tp.pruner.BasePruner(
                module,
                self._picture,
                tp.importance.GroupMagnitudeImportance(p=2),
                pruning_ratio=share,
                iterative_steps=rounds,
                ignored_layers=_kept(module),
                customized_pruners={Affine: _AffinePruner()},
            )
        self._left = rounds

    def remove(self) -> None:
        """The next round.

        Raises:
            CompressionError: what is left doesn't fit together, or nothing was removed in all rounds.
        """
        with _refusing():
            self._pruner.step()
            given = self._shape()
        self._left -= 1
        if given != self._given:
            raise CompressionError("Pruning changed what the network gives: its last layer can't be told from the others.")
        if not self._left and _size(self._module) == self._before:
            raise CompressionError(
                f"No channel was removed: {self._share:.0%} of this network's layers is less than one channel, or only its "
                "last layer has any."
            )

    def _shape(self) -> torch.Size:
        with torch.inference_mode():
            shape: torch.Size = self._module(self._picture).shape
        return shape


@contextmanager
def _refusing() -> Iterator[None]:
    """torch-pruning's errors as a sentence."""
    try:
        yield
    except (RuntimeError, ValueError, KeyError, AttributeError, NotImplementedError, AssertionError) as error:
        log.warning("torch-pruning failed", exc_info=True)
        raise CompressionError("The layers of this network don't fit together without some of their channels.") from error


def _size(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def fresh(module: nn.Module, seed: int) -> None:
    """Random weights for every layer, as torch draws them for new ones."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for layer in module.modules():
            reset = getattr(layer, "reset_parameters", None)
            if callable(reset):
                reset()


def description(before: nn.Module, after: nn.Module) -> Pruned | None:
    """How the layers of a pruned network differ from the original's, as its file says; None where it can't be said."""
    layers = {}
    for name, layer in after.named_modules():
        old, new = _channels(before.get_submodule(name)), _channels(layer)
        if old is not None and new is not None and old != new:
            layers[name] = Channels(inputs=new[0], outputs=new[1])
    if not layers:
        return None
    return Pruned(layers=layers)


def same_shapes(one: nn.Module, other: nn.Module) -> bool:
    """Whether two networks have parameters of the same names and shapes."""
    return _shapes(one) == _shapes(other)


def rebuildable(before: nn.Module, after: nn.Module, description: Pruned) -> bool:
    """Whether the original with fewer channels is the pruned network. `before` is changed."""
    try:
        return same_shapes(with_fewer_channels(before, description.layers), after)
    except WeightsCorruptError:
        return False


def _shapes(module: nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in module.state_dict().items()}


def _kept(module: nn.Module) -> list[nn.Module]:
    """The last layer, whose outputs are the answer; and in dlib's network, whose shortcuts are padded to fit, what runs
    through all blocks: there only the channels inside a block can go."""
    _, last = weight_layers(module)[-1]
    blocks = [layer for layer in module.modules() if isinstance(layer, Block)]
    if not blocks:
        return [last]
    inside = {id(block.conv1) for block in blocks}
    return [layer for _, layer in weight_layers(module) if id(layer) not in inside]


def _channels(layer: nn.Module) -> tuple[int, int] | None:
    match layer:
        case nn.Conv2d():
            return layer.in_channels, layer.out_channels
        case nn.Linear():
            return layer.in_features, layer.out_features
        case nn.BatchNorm1d() | nn.BatchNorm2d():
            return layer.num_features, layer.num_features
        case nn.PReLU():
            return layer.num_parameters, layer.num_parameters
        case Affine():
            return len(layer.gamma), len(layer.gamma)
    return None


def student_of(module: nn.Module, shape: tuple[int, int, int], share: float, seed: int) -> nn.Module:
    """A network of the same layers with fewer channels, its weights random numbers. `module` is changed into it.

    Raises:
        CompressionError: it can't have fewer.
    """
    ChannelPruner(module, shape, share).remove()
    fresh(module, seed)
    return module
