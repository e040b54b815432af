"""Where a student starts."""

from copy import deepcopy

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from recognition.networks import Network
from training.distillation.unlabelled import UnlabelledFaces
from training.errors import TrainingError
from training.faces.whitening import final_dense

RIDGE = 1e-3
"""Share of the features' mean square that is added to their covariance."""

_FACES = 8192
"""Faces to solve it on: many times as many as features."""

_STATISTICS = 1024
"""Faces whose means and variances batch normalisation starts with."""

_BATCH = 64


def from_random_numbers(student: Network, seed: int) -> nn.Module:
    """The student's architecture as it is trained from scratch."""
    architecture = student.architecture
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return (architecture.build_from_scratch or architecture.build)().to(student.device)


def pretrained(student: Network, faces: UnlabelledFaces, rows: NDArray[np.int64], targets: Tensor) -> nn.Module:
    """The student's own weights, with the last layer solved for the teacher and batch normalisation put back."""
    solved_module = solved(student, faces, rows, targets)
    sample = rows[:_STATISTICS]
    batches = (student.preprocess(faces.crops(sample[start : start + _BATCH])) for start in range(0, len(sample), _BATCH))
    return student.architecture.unfold(solved_module, batches)


def solved(student: Network, faces: UnlabelledFaces, rows: NDArray[np.int64], targets: Tensor) -> nn.Module:
    """The student's CNN with its last dense layer solved for the teacher's embeddings by ridge regression on clear faces.

    Args:
        rows: (N,) int64, faces to learn from.
        targets: (len(faces), D) float32 unit, the teacher's embeddings.

    Raises:
        TrainingError: it doesn't end in a dense layer of the teacher's size.
    """
    module = deepcopy(student.module)
    dense = final_dense(module)
    if dense is None or dense.out_features != targets.shape[1]:
        raise TrainingError(
            f"{student.spec.title} doesn't end in a dense layer of {targets.shape[1]} numbers, which the teacher's embeddings "
            "have. Start it from random numbers."
        )
    features: list[Tensor] = []
    hook = dense.register_forward_pre_hook(lambda _, inputs: features.append(inputs[0].double().cpu()))
    used = rows[:_FACES]
    with hook, torch.inference_mode():
        for start in range(0, len(used), _BATCH):
            module(student.preprocess(faces.crops(used[start : start + _BATCH])))
    inputs = torch.cat(features)
    wanted = targets[torch.from_numpy(used)].double()
    covariance = inputs.T @ inputs
    covariance += RIDGE * covariance.diagonal().mean() * torch.eye(len(covariance), dtype=torch.double)
    with torch.no_grad():
        dense.weight.copy_(torch.linalg.solve(covariance, inputs.T @ wanted).T)
        if dense.bias is not None:
            dense.bias.zero_()
    return module
