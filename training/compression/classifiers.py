"""An experiment's network as the subject of a compression."""

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from safetensors.torch import save as to_bytes
from torch import Tensor, from_numpy, nn

from training.compression.channels import same_shapes
from training.compression.distillation import Distillation
from training.compression.errors import CompressionError
from training.compression.measuring import multiply_adds
from training.compression.store import PREDICTIONS, WEIGHTS
from training.compression.subjects import Candidate, Judged, Shape, Teaching
from training.course.data.batches import Batch, PictureBatches, in_order
from training.course.data.loading import Enrolled, load_split
from training.course.data.pictures import Pictures, Split
from training.course.experiments.classifier import BATCH, Classifier
from training.course.experiments.networks import Resolved, rebuild
from training.course.experiments.recipe import PerceptronNetwork, StackNetwork, TransferNetwork
from training.course.experiments.record import Record
from training.course.experiments.store import Predictions, load_classifier, read_experiment, weights_of
from training.course.experiments.training import accuracy
from training.course.stack import Convolution, Dense, Network, Stack
from training.loop.objective import Classification, measure
from training.loop.train import Validation

CALIBRATION = 256
"""Training pictures that the scales of int8 activations come from."""

ADAM_RATE = 1e-3
PRETRAINED_RATE = 1e-4
"""Learning rates of fine-tunings."""


@dataclass(frozen=True, eq=False)
class ClassifierSubject:
    """A `Subject`.

    Attributes:
        record: of the experiment. classifier: its network. split: its pictures.
    """

    record: Record
    classifier: Classifier
    split: Split

    score = "Accuracy on the test pictures"

    @property
    def title(self) -> str:
        return self.record.name

    @property
    def rate(self) -> float:
        training = self.record.recipe.training
        usual = training.rate if training.optimiser in ("adam", "adamw") else ADAM_RATE
        # What was pretrained on more than these pictures forgets it at the rate of its last layer.
        return min(usual, PRETRAINED_RATE) if isinstance(self.record.network, TransferNetwork) else usual

    @property
    def module(self) -> nn.Module:
        return self.classifier.module

    @property
    def shape(self) -> Shape:
        height, width, channels = self.classifier.shape
        return channels, height, width

    def calibration(self) -> Tensor:
        pictures = self.split.train
        rows = np.random.default_rng(0).permutation(len(pictures))[:CALIBRATION]
        return self.classifier.prepare(pictures.images[rows])

    def batches(self, seed: int) -> PictureBatches:
        training = self.record.recipe.training
        mean, scale = self.classifier.mean, self.classifier.scale
        return PictureBatches(self.split.train, training.batch, mean, scale, training.changes, training.balance, seed)

    def objective(self, teaching: Teaching) -> Distillation:
        return Distillation(self.module, teaching.temperature, teaching.weight)

    def validate(self, module: nn.Module) -> Validation:
        def batches() -> Iterator[Batch]:
            return in_order(self.split.validation, BATCH, self.classifier.mean, self.classifier.scale)

        means = measure(module, Classification(), batches())
        return Validation(means.metrics["accuracy"], means.loss, means.metrics)

    def judge(self, candidate: Candidate, original: Candidate) -> Judged:
        classifier = replace(self.classifier, module=candidate.runs)
        test = _predictions(classifier, self.split.test)
        network = _resolved(self.record.network, candidate.module, self.record)
        if candidate is original or candidate.exported or network is None:
            return Judged(accuracy(test))
        weights = weights_of(candidate.module)
        record = self.record.model_copy(
            update={
                "id": secrets.token_hex(6),
                "name": candidate.named(self.record.name),
                "created_at": datetime.now(UTC),
                "made_by": candidate.title,
                "parent": self.record.id,
                "network": network,
                "parameters": sum(parameter.numel() for parameter in candidate.module.parameters()),
                "multiply_adds": multiply_adds(candidate.module, self.shape),
                "weight_bytes": len(weights),
                "history": candidate.history,
                "best_epoch": len(candidate.history),
                "train_accuracy": accuracy(_predictions(classifier, self.split.train)),
                "validation_accuracy": accuracy(_predictions(classifier, self.split.validation)),
                "test_accuracy": accuracy(test),
                "seconds": sum(epoch.seconds for epoch in candidate.history),
                "sha256": hashlib.sha256(weights).hexdigest(),
            }
        )
        tensors = {"labels": from_numpy(test.labels), "probabilities": from_numpy(test.probabilities)}
        return Judged(record.test_accuracy, {WEIGHTS: weights, PREDICTIONS: to_bytes(tensors)}, experiment=record)


def _predictions(classifier: Classifier, pictures: Pictures) -> Predictions:
    return Predictions(pictures.labels, classifier.probabilities(pictures.images))


def _resolved(before: Resolved, module: nn.Module, record: Record) -> Resolved | None:
    """What the network can be built again from; None where no experiment can say it."""
    if isinstance(before, StackNetwork) and isinstance(module, Network):
        return before.model_copy(update={"stack": stack_of(module)})
    like = rebuild(before, record.shape, len(record.classes))
    return before if same_shapes(like, module) else None


def stack_of(module: Network) -> Stack:
    """The stack of a network whose layers may have lost channels."""
    layers = list(module.stack.layers)
    for place, layer in enumerate(module):
        spec = layers[place]
        if isinstance(spec, Convolution) and isinstance(layer, nn.Conv2d):
            layers[place] = spec.model_copy(update={"filters": layer.out_channels})
        elif isinstance(spec, Dense) and isinstance(layer, nn.Linear):
            layers[place] = spec.model_copy(update={"units": layer.out_features})
    return module.stack.model_copy(update={"layers": tuple(layers)})


def load_subject(storage: Path, experiment: str, enrolled: Enrolled | None = None) -> ClassifierSubject:
    """An experiment with its pictures, read anew.

    Args:
        storage: the storage folder.
        experiment: its id.
        enrolled: gives the enrolled faces, for an experiment on them.

    Raises:
        TrainingError: there is no such experiment.
        CompressionError: it is a perceptron, or its pictures are not what they were.
        CheckpointError, DataError, ArchiveError: its network or its pictures can't be read.
    """
    record = read_experiment(storage, experiment)
    if isinstance(record.network, PerceptronNetwork):
        raise CompressionError(
            "Rosenblatt's perceptron learns by its own rule, so it can't be compressed. Choose another network."
        )
    parts = load_split(record.recipe.data, record.recipe.split, storage, enrolled)
    if parts.classes != record.classes or parts.shape != record.shape:
        raise CompressionError(f"The pictures of {record.name} have changed since it was trained. Train it again first.")
    return ClassifierSubject(record, load_classifier(storage, experiment), parts)
