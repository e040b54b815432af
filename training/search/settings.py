"""Everything that decides how a search goes, as data."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from training.course.experiments.recipe import Recipe
from training.faces.settings import FitSettings
from training.search.space import Space

Proposals = Literal["random", "tpe", "grid"]
"""How settings to try are proposed: drawn at random, drawn where good ones were found, or every combination."""

Rule = Literal["none", "halving", "hyperband"]
"""Which trials are stopped early: none, all but the best of each rung, or that with several beginnings side by side."""


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExperimentBase(_Data):
    """An experiment of the course, whose settings are searched."""

    kind: Literal["experiment"] = "experiment"
    recipe: Recipe

    @property
    def epochs(self) -> int:
        """Of a whole training."""
        return self.recipe.training.epochs


class FacesBase(_Data):
    """A fine-tuning on everybody enrolled, whose settings are searched."""

    kind: Literal["faces"] = "faces"
    settings: FitSettings

    @property
    def epochs(self) -> int:
        """Of a whole training."""
        return self.settings.epochs


Base = Annotated[ExperimentBase | FacesBase, Field(discriminator="kind")]


class Stopping(_Data):
    """When a trial is stopped before its last epoch."""

    rule: Rule = Field("hyperband", title="Stop early")
    first: int = Field(1, ge=1, le=1000, title="First look", description="Epochs after which trials are compared at first (r)")
    factor: int = Field(3, ge=2, le=10, title="Keep one in", description="Of so many trials one goes on at each look (η)")


class Budget(_Data):
    """When the search ends: at whichever comes first. What is None doesn't end it.

    Attributes:
        trials: finished, stopped or failed ones.
        minutes: of training, by all workers together divided by their number.
        epochs: trained in all trials together.
    """

    trials: int | None = Field(None, ge=1, le=100_000, title="Trials")
    minutes: float | None = Field(None, gt=0, le=100_000, title="Minutes")
    epochs: int | None = Field(None, ge=1, le=10_000_000, title="Epochs in total")

    @model_validator(mode="after")
    def _some(self) -> "Budget":
        if self.trials is None and self.minutes is None and self.epochs is None:
            raise ValueError("there is no budget: say how many trials, minutes or epochs")
        return self


class StudySettings(_Data):
    """One search.

    Attributes:
        base: what is trained, with the value of every setting that isn't searched.
        points: of each range, for a grid.
        workers: trials that run at a time, each in a process of its own.
        seed: of the proposals; each trial's own seed is the base's.
    """

    base: Base
    space: Space
    proposals: Proposals = Field("random", title="Proposals")
    points: int = Field(3, ge=2, le=50, title="Points of a range", description="For a grid")
    stopping: Stopping = Stopping()
    budget: Budget = Budget(trials=20)
    workers: int = Field(1, ge=1, le=16, title="Workers")
    seed: int = Field(0, ge=0, le=2**31 - 1, title="Seed")
