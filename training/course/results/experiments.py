"""The course's experiments as recipes: pictures, network, training. See docs/decisions.md, "The course's recipes"."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from training.course.data.augmentation import Changes
from training.course.data.choice import DataChoice, Source
from training.course.experiments.recipe import ExperimentNetwork, NetworkChoice, Recipe, StackNetwork, TrainingChoice
from training.course.presets import PRESETS

Data = Literal["mnist", "cifar10"]

CATS_AND_DOGS = ("cat", "dog")
OTHERS = ("airplane", "automobile", "bird", "deer", "frog", "horse", "ship", "truck")

_MOVED = Changes(flip=True, shift=0.125)


@dataclass(frozen=True)
class CourseExperiment:
    """One line of the course's table.

    Attributes:
        key: its name on the command line.
        title: what it is.
        course: what the course reports, training / test; a dash where it reports nothing.
        data: which pictures.
        network: key in `PRESETS`, or the key of the course experiment whose network it starts from.
        training: how.
        classes: only these.
        limit: training pictures a class at most.
        shift: of the test pictures, in pixels.
        seeds: how often it is run; its numbers are means.
        listed: whether it is a line of the table, or only the beginning of another one.
    """

    key: str
    title: str
    course: str
    data: Data
    network: str
    training: TrainingChoice
    classes: tuple[str, ...] | None = None
    limit: int | None = None
    shift: int = 0
    seeds: int = 1
    listed: bool = field(default=True)

    @property
    def before(self) -> str | None:
        """Key of the course experiment whose network it starts from."""
        return None if self.network in PRESETS else self.network

    def recipe(self, source: Source, seed: int, before: str | None = None) -> Recipe:
        """The recipe of one run.

        Args:
            source: of the pictures.
            seed: of the training, from 0; the split is the same in all runs.
            before: id of the experiment that `self.before` became.
        """
        network: NetworkChoice
        if before is None:
            network = StackNetwork(stack=PRESETS[self.network].stack, preset=self.network)
        else:
            network = ExperimentNetwork(experiment=before)
        data = DataChoice(source=source, classes=self.classes, limit=self.limit, shift=self.shift)
        return Recipe(data=data, network=network, training=self.training.model_copy(update={"seed": seed}))


def _by_key(*experiments: CourseExperiment) -> Mapping[str, CourseExperiment]:
    return MappingProxyType({experiment.key: experiment for experiment in experiments})


_SMALL = TrainingChoice(optimiser="adamw", rate=2e-3, batch=64, epochs=20, weight_decay=0.05)

COURSE = _by_key(
    CourseExperiment(
        "mnist-softmax",
        "MNIST, raw pixels, softmax regression",
        "0.93 / 0.93",
        "mnist",
        "softmax-regression",
        TrainingChoice(rate=2e-3, batch=64, epochs=12),
    ),
    CourseExperiment(
        "mnist-one-conv",
        "MNIST, one convolution of 64 filters",
        "1.00 / 0.98",
        "mnist",
        "one-convolution-digits",
        TrainingChoice(optimiser="adamw", rate=2e-3, batch=128, epochs=8, weight_decay=0.05, changes=Changes(shift=0.04)),
    ),
    CourseExperiment(
        "mnist-stack",
        "MNIST, three convolutions with dropout",
        "–",
        "mnist",
        "mnist",
        TrainingChoice(optimiser="adamw", rate=2e-3, batch=128, epochs=8, weight_decay=0.02),
    ),
    CourseExperiment(
        "cifar10-conv-pool",
        "CIFAR-10, convolution and pooling",
        "0.78 / 0.65",
        "cifar10",
        "one-convolution-pool",
        TrainingChoice(optimiser="adamw", rate=1e-3, batch=64, epochs=12, weight_decay=0.1),
    ),
    CourseExperiment(
        "cifar10-two-conv-pool",
        "CIFAR-10, two padded convolutions and poolings",
        "– / 0.70",
        "cifar10",
        "two-convolutions",
        TrainingChoice(optimiser="adamw", rate=1e-3, batch=64, epochs=10, weight_decay=0.2, smoothing=0.1),
    ),
    CourseExperiment(
        "cifar10-two-conv-pool-augmented",
        "The same with batch normalisation and augmentation",
        "–",
        "cifar10",
        "batch-normalised",
        TrainingChoice(optimiser="adamw", rate=3e-3, batch=128, epochs=14, weight_decay=0.05, changes=_MOVED),
    ),
    CourseExperiment(
        "cats-dogs-scratch",
        "Cats and dogs of CIFAR-10, from random numbers",
        "–",
        "cifar10",
        "batch-normalised",
        _SMALL,
        classes=CATS_AND_DOGS,
        limit=1000,
        seeds=3,
    ),
    CourseExperiment(
        "cats-dogs-augmented",
        "The same with augmentation",
        "–",
        "cifar10",
        "batch-normalised",
        _SMALL.model_copy(update={"changes": _MOVED}),
        classes=CATS_AND_DOGS,
        limit=1000,
        seeds=3,
    ),
    CourseExperiment(
        "cifar10-other-eight",
        "CIFAR-10's eight other classes, for transfer learning",
        "–",
        "cifar10",
        "batch-normalised",
        TrainingChoice(optimiser="adamw", rate=3e-3, batch=128, epochs=10, weight_decay=0.05, changes=_MOVED),
        classes=OTHERS,
        listed=False,
    ),
    CourseExperiment(
        "cats-dogs-transfer",
        "The same from a network trained on the eight other classes",
        "–",
        "cifar10",
        "cifar10-other-eight",
        _SMALL.model_copy(update={"changes": _MOVED}),
        classes=CATS_AND_DOGS,
        limit=1000,
        seeds=3,
    ),
    CourseExperiment(
        "shifted-dense",
        "MNIST shifted by up to 3 pixels, dense network",
        "–",
        "mnist",
        "dense-digits",
        TrainingChoice(optimiser="adamw", rate=2e-3, batch=128, epochs=6, weight_decay=0.02),
        shift=3,
    ),
    CourseExperiment(
        "shifted-cnn",
        "MNIST shifted by up to 3 pixels, CNN",
        "–",
        "mnist",
        "mnist",
        TrainingChoice(optimiser="adamw", rate=2e-3, batch=128, epochs=4, weight_decay=0.02),
        shift=3,
    ),
)
"""By key, in the order of the course."""
