"""What a training step asks of the computer: memory, threads, and which numbers it is computed in."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod

import torch

from recognition.inspection.layers import Summary
from training.errors import TrainingError
from training.loop.train import Precision, mixed_precision

SMALL = 50_000_000
"""Multiply-adds a step below which neither a second thread nor half precision is worth its cost. See docs/decisions.md, "Small
steps"."""


def check_memory(layers: Summary, batch: int) -> None:
    """Refuse a training whose activations can't fit, before the system ends the process for it.

    Raises:
        TrainingError: says how much it needs.
    """
    # Each activation and its gradient; each parameter, its gradient, two moments and the best epoch's copy.
    activations = sum(prod(layer.shape) for layer in layers.layers)
    needed = 4 * (2 * batch * activations + 5 * layers.parameters)
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if needed > there:
        raise TrainingError(
            f"Training this network with {batch} pictures a step takes about {needed / 1e9:.0f} GB of memory; this computer "
            f"has {there / 1e9:.0f} GB. Use fewer filters, smaller pictures or fewer pictures a step."
        )


def fitting_precision(work: int) -> Precision:
    """Half precision where the processor computes with it and the step is worth converting its numbers."""
    return mixed_precision(torch.device("cpu")) if work >= SMALL else "float32"


@contextmanager
def fitting_threads(work: int) -> Iterator[None]:
    """One thread where a step is so small that a second one would cost more than it gives."""
    before = torch.get_num_threads()
    if work < SMALL:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
