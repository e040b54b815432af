"""Pruning of whole channels by magnitude (Li et al. 2017): they disappear with everything that depends on them.

torch-pruning finds what belongs together (Fang et al. 2023, "DepGraph").
"""

import logging

import torch
import torch_pruning as tp
from torch import Tensor, nn

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


def remove_channels(module: nn.Module, shape: tuple[int, int, int], share: float) -> None:
    """Remove this share of each layer's channels, those with the smallest weights. The last layer keeps its outputs.

    Args:
        module: changed in place; in evaluation mode.
        shape: channels, height and width of its input.
        share: 0 to 1.

    Raises:
        CompressionError: nothing can be removed, or what is left doesn't fit together.
    """
    before = sum(parameter.numel() for parameter in module.parameters())
    picture = torch.zeros(1, *shape)
    with torch.inference_mode():
        given = module(picture).shape
    module.requires_grad_(True)
    try:
        pruner = tp.pruner.BasePruner(
            module,
            picture,
            tp.importance.GroupMagnitudeImportance(p=2),
            pruning_ratio=share,
            ignored_layers=_kept(module),
            customized_pruners={Affine: _AffinePruner()},
        )
        pruner.step()
        with torch.inference_mode():
            left = module(picture).shape
    except (RuntimeError, ValueError, KeyError, AttributeError, NotImplementedError) as error:
        log.warning("torch-pruning failed", exc_info=True)
        raise CompressionError(
            "The layers of this network don't fit together any more without some of its channels."
        ) from error
    if left != given:
        raise CompressionError("Pruning changed what the network gives: its last layer can't be told from the others.")
    if sum(parameter.numel() for parameter in module.parameters()) == before:
        raise CompressionError(
            f"No channel was removed: {share:.0%} of this network's layers is less than one channel, or only its last layer "
            "has any."
        )


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
    """A network of the same layers with fewer channels, its weights random numbers. `module` is changed into it."""
    remove_channels(module, shape, share)
    fresh(module, seed)
    return module


def outputs(module: nn.Module, batch: Tensor) -> Tensor:
    """What the network gives, without gradients."""
    with torch.inference_mode():
        result: Tensor = module(batch)
    return result
