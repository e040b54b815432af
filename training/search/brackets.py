"""How many configurations get how many epochs: the plan of successive halving and of Hyperband."""

from dataclasses import dataclass
from math import ceil

from training.search.settings import Stopping


@dataclass(frozen=True)
class Rung:
    """A look at the trials of a bracket.

    Attributes:
        bracket: s, how many more looks its trials can be stopped at.
        number: i, from 0.
        configurations: n_i, that get here.
        epochs: r_i, that each has been trained for then.
    """

    bracket: int
    number: int
    configurations: int
    epochs: int


def last_bracket(stopping: Stopping, epochs: int) -> int:
    """s_max, the largest s with r·η^s ≤ R."""
    s = 0
    while stopping.first * stopping.factor ** (s + 1) <= epochs:
        s += 1
    return s


def plan(stopping: Stopping, epochs: int, configurations: int | None = None) -> list[Rung]:
    """The table of Li et al., "Hyperband" (2018), Algorithm 1: n = ⌈(s_max + 1) / (s + 1) · η^s⌉ configurations in bracket s,
    of which n_i = ⌊n · η^-i⌋ get r_i = r · η^(s_max - s + i) epochs. Successive halving is its first bracket alone.

    Optuna gives the brackets trials in these proportions, and decides of each trial as it arrives (Li et al., "ASHA", 2020):
    it waits for nobody, so the counts are what to expect and not what is sure.

    Args:
        stopping: its rule, r and η.
        epochs: R, of a whole training.
        configurations: how many successive halving begins with; by default as many as Hyperband's first bracket.
    """
    if stopping.rule == "none":
        return []
    first, factor = stopping.first, stopping.factor
    most = last_bracket(stopping, epochs)
    rungs = []
    for s in range(most, -1, -1):
        n = ceil((most + 1) * factor**s / (s + 1))
        if stopping.rule == "halving" and configurations is not None:
            n = configurations
        rungs += [
            Rung(s, i, max(n // factor**i, 1), epochs if i == s else first * factor ** (most - s + i)) for i in range(s + 1)
        ]
        if stopping.rule == "halving":
            break
    return rungs
