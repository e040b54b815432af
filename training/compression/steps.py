"""What can be done to a network to make it smaller, as data. A method is a chain of such steps: `channels+static`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from training.compression.errors import CompressionError
from training.compression.magnitude import Across
from training.compression.quantization import How
from training.compression.schedules import PolynomialDecay, Schedule

Epochs = Annotated[int, Field(ge=1, le=200, title="Epochs")]
SmallShare = Annotated[float, Field(gt=0.0, lt=1.0)]


class _Step(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PruneWeights(_Step):
    """The smallest weights become 0, by a schedule, while the network is fine-tuned."""

    kind: Literal["weights"] = "weights"
    schedule: Schedule = PolynomialDecay()
    across: Across = "network"
    epochs: Epochs = 2

    @property
    def title(self) -> str:
        return f"{self.schedule.final:.0%} of the weights pruned"


class PruneChannels(_Step):
    """Whole channels disappear, a part in each round; after each the network learns to answer as before."""

    kind: Literal["channels"] = "channels"
    share: SmallShare = Field(0.5, title="Channels removed", description="Share of each layer's")
    rounds: int = Field(2, ge=1, le=20, title="Rounds")
    epochs: Epochs = Field(2, description="After each round")

    @property
    def title(self) -> str:
        return f"{self.share:.0%} of the channels pruned"


class Distil(_Step):
    """A student with fewer channels learns from random numbers, from a teacher's answers or, at weight 0, from labels alone."""

    kind: Literal["distil"] = "distil"
    share: SmallShare = Field(
        0.5, title="Channels left out", description="Share of each layer's that the student has fewer than its teacher"
    )
    temperature: float = Field(4.0, ge=1.0, le=100.0, title="Temperature")
    weight: float = Field(0.9, ge=0.0, le=1.0, title="Weight of the teacher")
    epochs: Epochs = 6

    @property
    def title(self) -> str:
        size = f"student with {1 - self.share:.0%} of the channels"
        return f"{size}, taught" if self.weight else f"{size}, untaught"


class Quantize(_Step):
    """Whole numbers of 8 bits instead of 32-bit ones."""

    kind: Literal["int8"] = "int8"
    how: How = "static"
    per_channel: bool = Field(True, title="A scale for each channel")
    epochs: Epochs = Field(1, description="Of quantization-aware fine-tuning")

    @property
    def title(self) -> str:
        return f"int8, {'quantization-aware' if self.how == 'aware' else self.how}"


class Export(_Step):
    """The same numbers, run by ONNX Runtime."""

    kind: Literal["onnx"] = "onnx"

    @property
    def title(self) -> str:
        return "float32 in ONNX Runtime"


Step = Annotated[PruneWeights | PruneChannels | Distil | Quantize | Export, Field(discriminator="kind")]
Method = Annotated[tuple[Step, ...], Field(min_length=1, max_length=4)]

ORIGINAL: Final = "original"
"""Name of the row of the network as it is."""

STEPS: Mapping[str, Step] = MappingProxyType(
    {
        "onnx": Export(),
        "weights": PruneWeights(),
        "channels": PruneChannels(),
        "distil": Distil(),
        "student": Distil(weight=0.0),
        "dynamic": Quantize(how="dynamic"),
        "static": Quantize(how="static"),
        "aware": Quantize(how="aware"),
    }
)
"""Every step with its usual settings, by the name it has in methods."""


def name_of(method: tuple[Step, ...]) -> str:
    """A method's name: its steps' names, joined by `+`."""
    return "+".join(_name(step) for step in method)


def title_of(method: tuple[Step, ...]) -> str:
    """A method in words."""
    text = ", then ".join(step.title for step in method)
    return text[0].upper() + text[1:] if not text.startswith("int8") else text


def method_named(text: str, steps: Mapping[str, Step] = STEPS) -> tuple[Step, ...]:
    """The method of a name.

    Args:
        text: such as `channels+static`.
        steps: with what settings.

    Raises:
        CompressionError: there is no such step, or they can't follow each other.
    """
    names = [part.strip() for part in text.split("+")]
    if unknown := [name for name in names if name not in steps]:
        raise CompressionError(
            f"There is no method {unknown[0]!r}. There are {', '.join(steps)}, and chains such as channels+static."
        )
    method = tuple(steps[name] for name in names)
    check_order(method)
    return method


def check_order(method: tuple[Step, ...]) -> None:
    """A student comes first, what ONNX Runtime runs comes last, and nothing is trained once single weights are pruned.

    Raises:
        CompressionError: the steps can't follow each other.
    """
    if any(isinstance(step, Distil) for step in method[1:]):
        raise CompressionError("A student begins with random numbers: distil comes first in a chain.")
    if any(isinstance(step, Quantize | Export) for step in method[:-1]):
        raise CompressionError("int8 and ONNX come last in a chain: what ONNX Runtime runs can't be pruned any more.")
    pruned = next((number for number, step in enumerate(method) if isinstance(step, PruneWeights)), len(method))
    if any(_learns(step) for step in method[pruned + 1 :]):
        raise CompressionError("Nothing that learns can follow weights in a chain: it would fill the zeros again.")


def _learns(step: Step) -> bool:
    return not isinstance(step, Export) and not (isinstance(step, Quantize) and step.how != "aware")


def _name(step: Step) -> str:
    match step:
        case Quantize(how=how):
            return how
        case Distil(weight=0.0):
            return "student"
    return step.kind
