"""Learning rates over a training."""

import math

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

LAST_SHARE = 0.01
"""Share of its peak at which a learning rate ends."""


def warmup_cosine(optimizer: Optimizer, steps: int, warmup: float) -> LambdaLR:
    """Linear warm-up to each group's rate, then half a cosine down to `LAST_SHARE` of it (Loshchilov and Hutter 2017).

    Args:
        optimizer: its groups' rates are the peaks.
        steps: of the whole training; `step()` is called after each.
        warmup: share of the steps in which the rates rise, 0 to 1.
    """
    rising = max(1, round(warmup * steps))

    def share(step: int) -> float:
        if step < rising:
            return (step + 1) / rising
        done = min(1.0, (step - rising) / max(1, steps - rising))
        return LAST_SHARE + (1.0 - LAST_SHARE) * 0.5 * (1.0 + math.cos(math.pi * done))

    return LambdaLR(optimizer, share)
