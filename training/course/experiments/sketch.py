"""What an experiment will be, before anything is trained: its layers, and about how long it takes."""

from dataclasses import dataclass
from math import ceil
from pathlib import Path

import torch

from recognition.inspection.layers import summarise
from training.course.experiments.catalogue import SOFTMAX
from training.course.experiments.initial import resolve
from training.course.experiments.networks import Shape, rebuild
from training.course.experiments.recipe import (
    NetworkChoice,
    PerceptronNetwork,
    StackNetwork,
    TrainingChoice,
    TransferNetwork,
)
from training.course.experiments.task import learning_parts
from training.course.stack import describe

MULTIPLY_ADDS_A_SECOND = 25e9
STEP_SECONDS = 0.002
# See docs/decisions.md, "How long an experiment will take", for both.


@dataclass(frozen=True)
class SketchedLayer:
    """One line of the table of layers.

    Attributes:
        title: in words.
        output: height × width × channels, or the number of values.
        parameters: weights and biases.
    """

    title: str
    output: str
    parameters: int


@dataclass(frozen=True)
class Sketch:
    """A network for pictures of one size, not built yet.

    Attributes:
        layers: first to last; of plain stacks and perceptrons the input too.
        parameters: of all; trained: of those that training changes.
        multiply_adds: for one picture.
        warnings: sentences on pixels that no window ever sees.
    """

    layers: tuple[SketchedLayer, ...]
    parameters: int
    trained: int
    multiply_adds: int
    warnings: tuple[str, ...] = ()


def sketch(network: NetworkChoice, shape: Shape, classes: int, storage: Path) -> Sketch:
    """Count without memory: on torch's `meta` device, which knows shapes and holds no numbers.

    Raises:
        FitError: a layer that can't follow the one before it, for pictures of this size; says which.
        TrainingError: it can't tell these classes apart, or the earlier experiment is gone.
        NetworkError: a pretrained network that this app doesn't know.
    """
    resolved = resolve(network, shape, classes, storage)
    height, width, channels = shape
    with torch.device("meta"):
        module = rebuild(resolved, shape, classes)
        summary = summarise(module, torch.zeros(1, channels, height, width))
    warnings: tuple[str, ...] = ()
    layers = tuple(SketchedLayer(layer.title, layer.output, layer.parameters) for layer in summary.layers)
    if isinstance(resolved, StackNetwork):
        rows = describe(resolved.stack).rows
        layers = tuple(SketchedLayer(row.title, row.output, row.parameters) for row in rows)
        warnings = tuple(f"{row.title}: {row.warning}" for row in rows if row.warning)
    parts = learning_parts(module, getattr(network, "scope", "all"))
    trained = sum(parameter.numel() for part in parts for parameter in part.parameters())
    return Sketch(layers, summary.parameters, trained, summary.multiply_adds, warnings)


def suggested(network: NetworkChoice, pictures: int) -> TrainingChoice:
    """A training that suits most networks of this kind on so many training pictures, within minutes on two cores."""
    epochs, batch = (15, 32) if pictures < 5_000 else (10, 64) if pictures < 30_000 else (5, 64)
    if isinstance(network, PerceptronNetwork):
        return TrainingChoice(optimiser="sgd", rate=0.1, batch=8, epochs=epochs)
    if isinstance(network, StackNetwork) and network.preset == SOFTMAX:
        return TrainingChoice(rate=1e-2, batch=batch, epochs=epochs)
    if isinstance(network, TransferNetwork) and network.scope in ("last", "all"):
        return TrainingChoice(rate=1e-4, batch=batch, epochs=5)
    return TrainingChoice(batch=batch, epochs=epochs)


def seconds(found: Sketch, network: NetworkChoice, training: TrainingChoice, pictures: int) -> float:
    """About how long it takes on two cores, from multiply-adds and steps."""
    once = isinstance(network, TransferNetwork) and network.scope == "head" and not training.changes.any
    # Backwards costs about twice as much as forwards (Kaplan et al. 2020); frozen features go forwards once.
    passes = 1 if once else 3 * training.epochs
    steps = training.epochs * ceil(pictures / training.batch)
    return passes * pictures * found.multiply_adds / MULTIPLY_ADDS_A_SECOND + steps * STEP_SECONDS
