"""What can be done to a network to make it smaller, as data. A method is a chain of such steps: `channels+static`."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from training.compression.errors import CompressionError
from training.compression.magnitude import Across
from training.compression.quantization import How
from training.compression.schedules import PolynomialDecay, Schedule

Epochs = Annotated[int, Field(ge=1, le=200)]
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
    """Whole channels disappear, this share of each layer's, in rounds; after each the network learns to answer as before."""

    kind: Literal["channels"] = "channels"
    share: SmallShare = 0.5
    rounds: int = Field(2, ge=1, le=20)
    epochs: Epochs = 2

    @property
    def title(self) -> str:
        return f"{self.share:.0%} of the channels pruned"


class Distil(_Step):
    """A student with this share of channels fewer learns from random numbers: from its teacher's answers as much as the weight
    says, from labels else."""

    kind: Literal["distil"] = "distil"
    share: SmallShare = 0.5
    temperature: float = Field(4.0, ge=1.0, le=100.0)
    weight: float = Field(0.9, ge=0.0, le=1.0)
    epochs: Epochs = 6

    @property
    def title(self) -> str:
        size = f"student with {1 - self.share:.0%} of the channels"
        return f"{size}, taught" if self.weight else f"{size}, untaught"


class Quantize(_Step):
    """Whole numbers of 8 bits instead of 32-bit ones; epochs: of quantization-aware fine-tuning."""

    kind: Literal["int8"] = "int8"
    how: How = "static"
    per_channel: bool = True
    epochs: Epochs = 1

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

STEPS: Final = ("onnx", "weights", "channels", "distil", "student", "dynamic", "static", "aware")
"""Names of the steps, in the order they are explained."""


class Choices(BaseModel):
    """Everything that can be chosen, for all steps together.

    Attributes:
        schedule, across: of pruned weights.
        share: of the channels that are pruned, or that a student has fewer.
        rounds: in which channels are pruned.
        epochs: of a fine-tuning, or of each round.
        student_epochs: of a student, which begins with random numbers.
        temperature, weight: of the teacher.
        per_channel: whether int8 weights have a scale for each channel.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schedule: Schedule = PolynomialDecay()
    across: Across = "network"
    share: SmallShare = 0.5
    rounds: int = Field(2, ge=1, le=20)
    epochs: Epochs = 2
    student_epochs: Epochs = 6
    temperature: float = Field(4.0, ge=1.0, le=100.0)
    weight: float = Field(0.9, gt=0.0, le=1.0)
    per_channel: bool = True

    def step(self, name: str) -> Step:
        """The step of this name.

        Raises:
            CompressionError: there is none.
        """
        match name:
            case "onnx":
                return Export()
            case "weights":
                return PruneWeights(schedule=self.schedule, across=self.across, epochs=self.epochs)
            case "channels":
                return PruneChannels(share=self.share, rounds=self.rounds, epochs=self.epochs)
            case "distil" | "student":
                weight = self.weight if name == "distil" else 0.0
                return Distil(share=self.share, temperature=self.temperature, weight=weight, epochs=self.student_epochs)
            case "dynamic" | "static" | "aware":
                return Quantize(how=name, per_channel=self.per_channel, epochs=self.epochs)
        known = ", ".join(STEPS)
        raise CompressionError(f"There is no method {name!r}. There are {known}, and chains such as channels+static.")

    def method(self, name: str) -> tuple[Step, ...]:
        """The method of a name such as `channels+static`.

        Raises:
            CompressionError: there is no such step, or they can't follow each other.
        """
        found = tuple(self.step(part.strip()) for part in name.split("+"))
        check_order(found)
        return found


def name_of(method: tuple[Step, ...]) -> str:
    """A method's name: its steps' names, joined by `+`."""
    return "+".join(_name(step) for step in method)


def title_of(method: tuple[Step, ...]) -> str:
    """A method in words."""
    text = ", then ".join(step.title for step in method)
    return text[0].upper() + text[1:] if not text.startswith("int8") else text


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
