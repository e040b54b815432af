"""What a search may choose from: a range or a list of values for each setting, as data."""

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Annotated, Literal

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, model_validator

from training.errors import SearchError

Value = bool | int | float | str
"""Of one setting in one trial."""

Values = Mapping[str, Value]
"""Of all settings that are searched, by key."""

MAX_GRID = 1000
"""Combinations of a grid at most. See docs/decisions.md, "Search: the grid is queued"."""


class _Dimension(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Range(_Dimension):
    """Numbers from `low` to `high`, both included; `log`: each order of magnitude is as likely as another."""

    low: float
    high: float
    log: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> "_Range":
        if self.low > self.high:
            raise ValueError(f"the range goes from {self.low:g} down to {self.high:g}; the smaller number comes first")
        if self.log and self.low <= 0:
            raise ValueError(f"a logarithmic range can't begin at {self.low:g}: there is no logarithm of it")
        return self


class RealRange(_Range):
    """Any number of a range."""

    kind: Literal["real"] = "real"
    low: FiniteFloat
    high: FiniteFloat

    def distribution(self) -> FloatDistribution:
        """The same for Optuna."""
        return FloatDistribution(self.low, self.high, log=self.log)

    def points(self, count: int) -> list[Value]:
        """So many, evenly spaced."""
        spaced = np.geomspace if self.log else np.linspace
        # Rounding must not leave the range at its ends.
        between = (min(max(float(f"{value:.6g}"), self.low), self.high) for value in spaced(self.low, self.high, count))
        return list(dict.fromkeys(between))


class WholeRange(_Range):
    """Any whole number of a range."""

    kind: Literal["whole"] = "whole"
    low: int
    high: int

    def distribution(self) -> IntDistribution:
        """The same for Optuna."""
        return IntDistribution(self.low, self.high, log=self.log)

    def points(self, count: int) -> list[Value]:
        """So many, evenly spaced; fewer where the range has fewer."""
        spaced = np.geomspace if self.log else np.linspace
        return list(dict.fromkeys(round(float(value)) for value in spaced(self.low, self.high, count)))


class Choice(_Dimension):
    """One of some values."""

    kind: Literal["choice"] = "choice"
    values: tuple[Value, ...]

    @model_validator(mode="after")
    def _some(self) -> "Choice":
        if not self.values:
            raise ValueError("the list of values is empty")
        if len(set(map(repr, self.values))) < len(self.values):
            raise ValueError("a value is in the list twice")
        return self

    def distribution(self) -> CategoricalDistribution:
        """The same for Optuna."""
        return CategoricalDistribution(self.values)

    def points(self, count: int) -> list[Value]:  # noqa: ARG002  # there is nothing between two of them
        """All of them."""
        return list(self.values)


Dimension = Annotated[RealRange | WholeRange | Choice, Field(discriminator="kind")]


class Space(BaseModel):
    """What is searched, by the key of the setting."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dimensions: dict[str, Dimension]

    @model_validator(mode="after")
    def _some(self) -> "Space":
        if not self.dimensions:
            raise ValueError("nothing is searched: choose at least one setting")
        return self

    def distributions(self) -> dict[str, BaseDistribution]:
        """The same for Optuna."""
        return {key: dimension.distribution() for key, dimension in self.dimensions.items()}

    def grid_size(self, points: int) -> int:
        """How many combinations `grid` has."""
        return prod(len(dimension.points(points)) for dimension in self.dimensions.values())

    def grid(self, points: int) -> list[dict[str, Value]]:
        """Every combination of the values of a list and of so many points of a range.

        Raises:
            SearchError: more than `MAX_GRID`.
        """
        size = self.grid_size(points)
        if size > MAX_GRID:
            raise SearchError(
                f"This grid has {size:,} combinations; at most {MAX_GRID:,} are tried. Search fewer settings, or take fewer "
                "points of each range."
            )
        lists: Sequence[Sequence[Value]] = [dimension.points(points) for dimension in self.dimensions.values()]
        return [dict(zip(self.dimensions, combination, strict=True)) for combination in product(*lists)]


def explain(error: ValidationError, titles: Mapping[str, str]) -> SearchError:
    """A sentence for what is wrong with settings of a search.

    Args:
        error: from validating them.
        titles: names of settings, by key.
    """
    first = error.errors()[0]
    text = first["msg"].removeprefix("Value error, ")
    title = next((titles[str(part)] for part in first["loc"] if str(part) in titles), None)
    return SearchError(f"{title}: {text}." if title else f"{text[0].upper()}{text[1:]}.")
