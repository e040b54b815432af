"""One compression, as data: what is compressed, and how."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from recognition.networks import BUILT_IN
from training.compression.errors import CompressionError
from training.compression.steps import Choices, Method, check_order, name_of


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExperimentSubject(_Data):
    """An experiment's network. experiment: its id."""

    kind: Literal["experiment"] = "experiment"
    experiment: str = Field(pattern=r"^[0-9a-f]{12}$")


class FaceSubject(_Data):
    """A face network, pretrained or tuned. network: its key."""

    kind: Literal["faces"] = "faces"
    network: str = BUILT_IN.key


Subject = Annotated[ExperimentSubject | FaceSubject, Field(discriminator="kind")]

EXPERIMENT_METHODS = ("onnx", "weights", "channels", "distil", "student", "static", "channels+static")
FACE_METHODS = ("onnx", "static")
"""What is tried when nobody says what."""


class CompressionSettings(_Data):
    """What is compressed and how; each method makes one row."""

    subject: Subject
    methods: Annotated[tuple[Method, ...], Field(min_length=1, max_length=20)] = tuple(
        map(Choices().method, EXPERIMENT_METHODS)
    )
    seed: int = Field(0, ge=0, le=2**31 - 1, title="Seed")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        for method in self.methods:
            try:
                check_order(method)
            except CompressionError as error:
                raise ValueError(str(error)) from error
        names = [name_of(method) for method in self.methods]
        if len(set(names)) < len(names):
            raise ValueError("each method can be tried once")
        return self
