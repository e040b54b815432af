"""One experiment, from its recipe and its pictures to a network that is measured."""

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import JsonValue

from recognition.inspection.layers import Summary, summarise
from training.course.data.pictures import Pictures, Split
from training.course.experiments.classifier import Classifier
from training.course.experiments.initial import make_start
from training.course.experiments.networks import Resolved, lay_out
from training.course.experiments.recipe import PerceptronNetwork, Recipe, TransferNetwork
from training.course.experiments.resources import check_memory, fitting_precision, fitting_threads
from training.course.experiments.store import Predictions
from training.course.experiments.task import make_task
from training.errors import TrainingError
from training.loop.observer import EpochRecord, NullObserver, Observer
from training.loop.train import Checkpoints, LoopSettings, train


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came out of an experiment.

    Attributes:
        classifier: the network with the weights of the best epoch.
        network: what it can be built again from.
        multiply_adds: for one picture.
        history, best_epoch: of the training.
        train_accuracy, validation_accuracy: 0 to 1, of the best epoch's weights, on pictures that are not changed at random.
        test: what it said of the test pictures.
        seconds: that training took, epochs before a resume included; neither reading pictures nor the last measurements.
    """

    classifier: Classifier
    network: Resolved
    multiply_adds: int
    history: list[EpochRecord]
    best_epoch: int
    train_accuracy: float
    validation_accuracy: float
    test: Predictions
    seconds: float

    @property
    def test_accuracy(self) -> float:
        """0 to 1."""
        return accuracy(self.test)


def accuracy(predictions: Predictions) -> float:
    """Share of pictures whose most probable class is the right one, 0 to 1."""
    return float((predictions.probabilities.argmax(axis=1) == predictions.labels).mean())


def run_experiment(
    recipe: Recipe,
    split: Split,
    storage: Path,
    *,
    folder: Path | None = None,
    observer: Observer = NullObserver(),  # noqa: B008  # it has no state
) -> Outcome:
    """Train a network and measure it.

    Args:
        recipe: what to do.
        split: its pictures.
        storage: where pretrained networks and earlier experiments are.
        folder: where a checkpoint is written each epoch; one of this very experiment that is there is gone on from.
        observer: follows every step; its epochs have the metrics `train_accuracy` and `validation_accuracy`.

    Raises:
        FitError: a layer that can't follow the one before it; says which.
        TrainingError: too large for the memory, or the loss is not a number any more.
        NetworkError, WeightsMissingError, WeightsCorruptError: a pretrained network that can't be used.
        CheckpointError: a checkpoint can't be read or written.
        CancelledError: the observer stopped it.
    """
    built = make_start(recipe, split.shape, len(split.classes), storage)
    mean, scale = _preprocessing(built.resolved, split.train)
    module = lay_out(built.module)
    classifier = Classifier(module, split.classes, split.shape, mean, scale)
    layers = _layers(classifier, split.train)
    check_memory(layers, recipe.training.batch)
    task = make_task(recipe, split, classifier, observer)
    began = time.monotonic()
    work = layers.multiply_adds * recipe.training.batch
    with fitting_threads(work):
        learned = train(
            task,
            LoopSettings(
                epochs=recipe.training.epochs,
                patience=recipe.training.patience,
                precision=fitting_precision(work),
                seed=recipe.training.seed,
            ),
            None if folder is None else Checkpoints(folder, _context(recipe, split), resume=True),
            observer,
        )
    seconds = learned.seconds_before + time.monotonic() - began
    module.eval()
    observer.log("Measuring the best epoch's network.")
    train_accuracy, validation_accuracy, test = (
        _predictions(classifier, part) for part in (split.train, split.validation, split.test)
    )
    return Outcome(
        classifier=classifier,
        network=built.resolved,
        multiply_adds=layers.multiply_adds,
        history=learned.history,
        best_epoch=learned.best_epoch,
        train_accuracy=accuracy(train_accuracy),
        validation_accuracy=accuracy(validation_accuracy),
        test=test,
        seconds=seconds,
    )


def digest(split: Split) -> str:
    """SHA-256 of the pictures and labels of all three parts."""
    found = hashlib.sha256("\0".join(split.classes).encode())
    for part in (split.train, split.validation, split.test):
        found.update(np.ascontiguousarray(part.images).data)
        found.update(part.labels.data)
    return found.hexdigest()


def _context(recipe: Recipe, split: Split) -> dict[str, JsonValue]:
    return {"recipe": recipe.model_dump(mode="json"), "data": digest(split)}


def _predictions(classifier: Classifier, part: Pictures) -> Predictions:
    return Predictions(part.labels, classifier.probabilities(part.images))


def _preprocessing(network: Resolved, pictures: Pictures) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and deviation of each channel of the training pictures; a network with its own preprocessing gets plain pixels."""
    channels = pictures.images.shape[3]
    if isinstance(network, TransferNetwork):
        return (0.0,) * channels, (1.0,) * channels
    if isinstance(network, PerceptronNetwork):
        return (0.0,) * channels, (255.0,) * channels
    sample = pictures.images[:: max(1, len(pictures) // 5000)].reshape(-1, channels).astype(np.float64)
    mean, deviation = sample.mean(axis=0), np.maximum(sample.std(axis=0), 1.0)
    return tuple(round(float(value), 4) for value in mean), tuple(round(float(value), 4) for value in deviation)


def _layers(classifier: Classifier, pictures: Pictures) -> Summary:
    """The network's layers on its own pictures.

    Raises:
        TrainingError: the pictures are too small for it.
    """
    try:
        return summarise(classifier.module, classifier.prepare(pictures.images[:1]))
    except RuntimeError as error:
        raise TrainingError(
            "The pictures are too small for this network: on the way through its layers nothing is left of them. "
            "Choose a larger side."
        ) from error
