"""What is kept of an experiment beside its weights: `experiment.json`."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from training.course.experiments.networks import Resolved
from training.course.experiments.recipe import Recipe
from training.loop.observer import EpochRecord

Id = Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
Share = Annotated[float, Field(ge=0.0, le=1.0)]


class Record(BaseModel):
    """One experiment: what was asked for, what came out, and what to build its network from.

    Attributes:
        id: its folder's name.
        made_by: how the network came about: "trained", or the compression it went through.
        parent: the experiment it was made from, where it was compressed or distilled.
        recipe: repeats it.
        data: the data set's title. data_digest: SHA-256 of the three parts, to know whether another had the same pictures.
        network: what it is built from, without any other experiment.
        classes: in the order of the logits. shape: height, width and channels. mean, scale: see `Classifier`.
        parameters: weights and biases. multiply_adds: for one picture. weight_bytes: of the weights' file.
        history: one record an epoch. best_epoch: whose weights it has.
        train_accuracy, validation_accuracy, test_accuracy: of those weights, on pictures that are not changed at random.
        train, validation, test: pictures in each part.
        seconds: that training took.
        photos: numbers of the gallery's photos that it learned from; gallery: whose numbers (`Gallery.identity`).
        sha256: of the weights' file.
    """

    # A loss without data to compute it from is NaN, which JSON has no word for.
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants", hide_input_in_errors=True)

    version: Literal[1] = 1
    id: Id
    name: str
    created_at: datetime
    made_by: str = "trained"
    parent: Id | None = None
    recipe: Recipe
    data: str
    data_digest: str
    network: Annotated[Resolved, Field(discriminator="kind")]
    classes: tuple[str, ...] = Field(min_length=2)
    shape: tuple[int, int, int]
    mean: tuple[FiniteFloat, ...]
    scale: tuple[FiniteFloat, ...]
    parameters: int
    multiply_adds: int
    weight_bytes: int
    history: list[EpochRecord]
    best_epoch: int
    train_accuracy: Share
    validation_accuracy: Share
    test_accuracy: Share
    train: int
    validation: int
    test: int
    seconds: float
    photos: tuple[str, ...] = ()
    gallery: str | None = None
    sha256: str
