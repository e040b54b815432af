"""What is known of a trial: one configuration and how its training went."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Literal

from training.search.space import Values

State = Literal["waiting", "running", "complete", "stopped", "cut", "failed", "interrupted"]
"""`stopped`: early, because others were better; `cut`: by the end of the budget; `failed`: its training could not go on;
`interrupted`: its process was ended, and its settings are tried again."""


@dataclass(frozen=True)
class Trial:
    """One configuration and how it went.

    Attributes:
        number: from 0, in the order of their beginnings.
        values: the settings that are searched; those not yet drawn are missing.
        curve: quality after each epoch, from the first; NaN where it could not be measured.
        result: of a complete one, 0 to 1.
        seconds: that it ran, until now if it still does.
        reason: why it failed, in words.
        process: that trains it, or did.
    """

    number: int
    state: State
    values: Values
    curve: tuple[float, ...]
    result: float | None
    seconds: float
    reason: str | None
    process: int | None

    @property
    def epochs(self) -> int:
        """That it was trained for."""
        return len(self.curve)

    @property
    def quality(self) -> float | None:
        """The best that was seen of it; None before its first epoch."""
        seen = [value for value in (*self.curve, self.result) if value is not None and isfinite(value)]
        return self.result if self.result is not None else max(seen, default=None)

    @property
    def ended(self) -> bool:
        """It was trained, and takes its part of the budget."""
        return self.state in ("complete", "stopped", "cut", "failed")


def best_of(trials: Sequence[Trial]) -> Trial | None:
    """The best of the complete trials, the first of equals; None while there is none."""
    complete = [trial for trial in trials if trial.state == "complete"]
    return max(complete, key=lambda trial: (trial.result or 0.0, -trial.number), default=None)
