"""An experiment as data: everything that decides what comes out. Equal recipes give equal numbers on one machine."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from training.course.data.augmentation import Changes
from training.course.data.balance import Balance
from training.course.data.choice import DataChoice
from training.course.data.pictures import SplitSettings
from training.course.stack import Stack

Optimiser = Literal["sgd", "momentum", "adam", "adamw"]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StackNetwork(_Data):
    """A network of plain layers. Its input and its last layer are fitted to the data.

    Attributes:
        preset: key in `training.course.presets.PRESETS` that it was made from, for its title.
    """

    kind: Literal["stack"] = "stack"
    stack: Stack
    preset: str | None = None


class PerceptronNetwork(_Data):
    """Rosenblatt's perceptron on raw pixels, one for each class, learning by its own rule."""

    kind: Literal["perceptron"] = "perceptron"


class TransferNetwork(_Data):
    """A pretrained network with a new last layer.

    Attributes:
        backbone: key in `recognition.networks`, pretrained or tuned.
        scope: what is trained: the new layer on frozen features, the last blocks too, everything, or everything from random
            numbers.
        side: height and width that pictures are resized to for it, in pixels; None takes what it was pretrained on.
    """

    kind: Literal["transfer"] = "transfer"
    backbone: str
    scope: Literal["head", "last", "all", "scratch"] = "head"
    side: int | None = Field(None, ge=32, le=512, title="Side", description="Smaller is faster")


class ExperimentNetwork(_Data):
    """The network of an earlier experiment, with a new last layer where the classes differ.

    Attributes:
        experiment: its id.
    """

    kind: Literal["experiment"] = "experiment"
    experiment: str = Field(pattern=r"^[0-9a-f]{12}$")
    scope: Literal["head", "last", "all"] = "all"


NetworkChoice = Annotated[StackNetwork | PerceptronNetwork | TransferNetwork | ExperimentNetwork, Field(discriminator="kind")]


class TrainingChoice(_Data):
    """How a network is trained."""

    optimiser: Optimiser = Field("adam", title="Optimiser")
    rate: float = Field(1e-3, gt=0.0, le=10.0, title="Learning rate")
    schedule: Literal["constant", "cosine"] = Field(
        "cosine", title="Schedule", description="The same rate throughout, or a short rise and a long fall"
    )
    batch: int = Field(64, ge=1, le=4096, title="Pictures a step")
    epochs: int = Field(10, ge=1, le=1000, title="Epochs")
    weight_decay: float = Field(0.0, ge=0.0, le=1.0, title="Weight decay")
    smoothing: float = Field(0.0, ge=0.0, lt=1.0, title="Label smoothing")
    patience: int | None = Field(None, ge=1, title="Early stopping", description="After so many epochs without progress")
    balance: Balance = Field("none", title="Balance")
    changes: Changes = Field(Changes(), title="Augmentation")
    seed: int = Field(0, ge=0, le=2**31 - 1, title="Seed")


class Recipe(_Data):
    """One experiment."""

    data: DataChoice = DataChoice()
    split: SplitSettings = SplitSettings()
    network: NetworkChoice
    training: TrainingChoice = TrainingChoice()
