"""What a compression needs to know of whatever it makes smaller."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from torch import Tensor, nn

from recognition.names import MAX_NAME
from training.compression.record import StoredModel
from training.course.experiments.record import Record
from training.loop.objective import Batches, Objective
from training.loop.observer import EpochRecord
from training.loop.train import Validation

BatchT = TypeVar("BatchT")

Shape = tuple[int, int, int]
"""Channels, height and width of a network's input."""


@dataclass(frozen=True)
class Teaching:
    """How much a teacher's answers count against labels, 0 to 1, and at which temperature they are compared."""

    temperature: float = 4.0
    weight: float = 0.9


NO_TEACHER = Teaching(weight=0.0)


@dataclass(frozen=True, eq=False)
class Candidate:
    """A network that a method made.

    Attributes:
        method: its name. title: in words.
        module: in PyTorch, float32.
        history: of its fine-tunings.
        float32: its ONNX file in float32.
        onnx: its ONNX file. int8: whether that has int8 numbers, which `module` hasn't.
        runs: (N, C, H, W) to what it gives, by ONNX Runtime.
        exported: whether it is to be used by ONNX Runtime.
    """

    method: str
    title: str
    module: nn.Module
    history: list[EpochRecord]
    float32: bytes
    onnx: bytes
    int8: bool
    runs: nn.Module
    exported: bool

    def named(self, original: str) -> str:
        """What it is called when it is put to use: the original's name, shortened if need be, and the method."""
        return f"{original[: max(MAX_NAME - len(self.title) - 2, 0)]}, {self.title}"[:MAX_NAME].strip(" ,")


@dataclass(frozen=True, eq=False)
class Judged:
    """How good a candidate is, and what it becomes when it is put to use.

    Attributes:
        accuracy: 0 to 1.
        files: that are kept for it, by name.
        experiment, model: one of them, or neither.
    """

    accuracy: float
    files: Mapping[str, bytes] = field(default_factory=dict)
    experiment: Record | None = None
    model: StoredModel | None = None


class Subject(Protocol[BatchT]):
    """A network to compress, with its data.

    Attributes:
        title: what it is called.
        score: what is measured, in words.
        module: the network, in evaluation mode; never changed.
        shape: of its input.
        rate: the learning rate of fine-tunings.
    """

    @property
    def title(self) -> str: ...

    @property
    def score(self) -> str: ...

    @property
    def module(self) -> nn.Module: ...

    @property
    def shape(self) -> Shape: ...

    @property
    def rate(self) -> float: ...

    def calibration(self) -> Tensor:
        """(N, C, H, W) float32, preprocessed: inputs such as the network will see."""
        ...

    def batches(self, seed: int) -> Batches[BatchT]:
        """What fine-tunings learn from."""
        ...

    def objective(self, teaching: Teaching) -> Objective[BatchT]:
        """What fine-tunings minimise."""
        ...

    def validate(self, module: nn.Module) -> Validation:
        """A look at a network between two epochs. Its quality is not used: the last epoch counts."""
        ...

    def judge(self, candidate: Candidate, original: Candidate) -> Judged:
        """Measure it, after the network as it is, with which it is compared."""
        ...
