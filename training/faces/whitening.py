"""The last dense layer, solved instead of learned: what changes a face without changing the person counts less in it.

The embedding of a randomly changed face moves; the covariance of these moves says in which directions embeddings are
unreliable. Within-class covariance normalisation (Hatch, Kajarekar and Stolcke 2006) shortens those. It is linear, so it goes
into the weights of the layer: no parameter more, and no step of gradient descent.
"""

from copy import deepcopy

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from recognition.networks import Embeddings, Network
from training.faces.augmentation import Augmentation
from training.faces.training_set import FaceBatches, TrainingSet

_BATCH = 64


def final_dense(module: nn.Module) -> nn.Linear | nn.Conv2d | None:
    """The layer that a CNN ends in, if it is a dense one: a 1×1 convolution with a bias and a batch norm after it is, too."""
    last = _leaves(module)[-1]
    if isinstance(last, nn.Linear):
        return last
    convolution = _before_norm(module)
    return convolution[0] if convolution else None


def _leaves(module: nn.Module) -> list[nn.Module]:
    return [part for part in module.modules() if not any(part.children()) and not isinstance(part, nn.Flatten)]


def _before_norm(module: nn.Module) -> tuple[nn.Conv2d, nn.BatchNorm2d] | None:
    """The 1×1 convolution that a CNN ends in, and the batch norm after it."""
    match _leaves(module)[-2:]:
        case [nn.Conv2d() as convolution, nn.BatchNorm2d() as norm] if convolution.kernel_size == (1, 1):
            return (convolution, norm) if convolution.bias is not None and convolution.groups == 1 else None
    return None


def _absorb(convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
    """Move what a batch norm does in evaluation mode into the convolution before it; what is left does nothing."""
    assert convolution.bias is not None and norm.running_mean is not None and norm.running_var is not None
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    convolution.weight.mul_(scale[:, None, None, None])
    convolution.bias.copy_(scale * (convolution.bias - norm.running_mean) + norm.bias)
    norm.weight.fill_(1.0)
    norm.bias.zero_()
    norm.running_mean.zero_()
    norm.running_var.fill_(1.0 - norm.eps)


def whitened(
    network: Network, training_set: TrainingSet, augmentation: Augmentation, *, faces: int, floor: float, seed: int
) -> nn.Module:
    """The network's CNN with its last dense layer solved anew.

    Args:
        network: it is not changed.
        training_set: the faces, and the untuned network's embedding of each as it is.
        augmentation: what may happen to a face.
        faces: how many changed faces to measure it on.
        floor: see `projection`.
        seed: of what happens to them.

    Raises:
        ValueError: the CNN doesn't end in a dense layer.
    """
    module = deepcopy(network.module)
    dense = final_dense(module)
    if dense is None:
        raise ValueError(f"{network.spec.title} doesn't end in a dense layer")
    moves = _moves(network, FaceBatches(training_set.real(), network, augmentation, faces, _BATCH, seed))
    matrix = projection(moves, floor)
    with torch.no_grad():
        if convolution := _before_norm(module):
            _absorb(*convolution)
        for parameter in dense.parameters():  # a bias turns with the weights
            turned = torch.from_numpy(matrix).to(parameter) @ parameter.reshape(len(parameter), -1)
            parameter.copy_(turned.view_as(parameter))
    return module


def projection(moves: Embeddings, floor: float) -> NDArray[np.float64]:
    """The matrix that shortens what is unreliable.

    Args:
        moves: (N, D) how far each changed face is from where it belongs.
        floor: added to every direction's variance, in units of the mean one, so that a few faces stretch none far.

    Returns:
        (D, D) symmetric: the inverse square root of the covariance of the moves, with the floor.
    """
    dimension = moves.shape[1]
    covariance = moves.T.astype(np.float64) @ moves / len(moves)
    covariance /= np.maximum(np.trace(covariance) / dimension, 1e-12)
    variances, directions = np.linalg.eigh(covariance + floor * np.eye(dimension))
    matrix: NDArray[np.float64] = (directions / np.sqrt(variances)) @ directions.T
    return matrix


def _moves(network: Network, batches: FaceBatches) -> Embeddings:
    found = []
    with torch.inference_mode():
        for batch in batches.epoch(0):
            embeddings = nn.functional.normalize(network.module(batch.pictures), dim=1)
            found.append((embeddings - batch.targets).cpu().numpy())
    moves: Embeddings = np.concatenate(found)
    return moves
