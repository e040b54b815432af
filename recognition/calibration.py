"""How a network's scores are read: the one rule that decides whether a face gets a name."""

import math
from dataclasses import dataclass
from statistics import NormalDist

STRANGERS_NAMED = 0.01
"""Share of strangers who get a name at the operating point (FPIR, ISO/IEC 19795-1)."""

OPERATING_CONFIDENCE = 0.5
"""The confidence at the operating point, and the default of the confidence threshold."""

_NORMAL_QUANTILE = 2.326
"""Standard deviations above its mean that a share of `STRANGERS_NAMED` of a normal distribution exceeds."""


@dataclass(frozen=True)
class Calibration:
    """The scores of one network. A score is the cosine similarity of a probe to the nearest person's mean template.

    Attributes:
        threshold: the operating point: the score that about 1 in 100 strangers reach.
        slope: how fast the confidence grows with the score around the threshold (Platt scaling); per unit of score.
        spread: standard deviation of the strangers' scores. Networks spread faces differently: what is a small step for one
            is a large one for another, so limits of similarity are given in spreads (`score_at`).
        source: where the numbers come from, for the Settings page.

    Raises:
        ValueError: a number outside of its range.
    """

    threshold: float
    slope: float
    spread: float
    source: str

    def __post_init__(self) -> None:
        if not -1.0 < self.threshold < 1.0:
            raise ValueError(f"a threshold is a cosine between -1 and 1, got {self.threshold}")
        if not 0.0 < self.slope < math.inf:
            raise ValueError(f"confidence must grow with the score: slope > 0, got {self.slope}")
        if not 0.0 < self.spread <= 1.0:
            raise ValueError(f"a spread of cosines is above 0 and at most 1, got {self.spread}")

    def confidence(self, score: float) -> float:
        """How sure a score is, 0 to 1: 0.5 at the threshold, where about 1 in 100 strangers gets a name."""
        # Written so that neither end overflows.
        return 0.5 * (1.0 + math.tanh(0.5 * self.slope * (score - self.threshold)))

    def required_score(self, min_confidence: float) -> float:
        """The score from which a face gets a name at a confidence threshold of 0 (always) to 1 (never)."""
        if not 0.0 <= min_confidence <= 1.0:
            raise ValueError(f"a confidence threshold is 0 to 1, got {min_confidence}")
        if min_confidence in (0.0, 1.0):
            return math.inf if min_confidence else -math.inf
        return self.threshold + math.log(min_confidence / (1.0 - min_confidence)) / self.slope

    def accepts(self, score: float, min_confidence: float) -> bool:
        """Whether a face with this score gets the name of the person it resembles most.

        The only place where that is decided: for the live picture, files, the command line, Evaluate and "Why this name?".
        """
        return score >= self.required_score(min_confidence)

    def score_at(self, spreads: float) -> float:
        """The score that lies this many spreads of the strangers' scores above the threshold, or below it."""
        return self.threshold + spreads * self.spread

    def strangers_named(self, min_confidence: float) -> float:
        """About which share of strangers gets a name at a confidence threshold of 0 to 1, as if their scores were normally
        distributed."""
        required = self.required_score(min_confidence)
        return 1.0 - NormalDist(self.stranger_mean, self.spread).cdf(required)

    @property
    def stranger_mean(self) -> float:
        """The mean of the strangers' scores if they were normally distributed with this threshold and spread."""
        return self.score_at(-_NORMAL_QUANTILE)
