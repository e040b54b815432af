"""Putting a compressed network to use: an experiment becomes another experiment, a face network a model for the camera."""

from contextlib import nullcontext
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load as load_tensors

from recognition.networks.tuned import Manifest, list_manifests
from training.compression.errors import CompressionError
from training.compression.record import Compression, Row
from training.compression.store import NETWORK, PREDICTIONS, WEIGHTS, read_file
from training.course.experiments.record import Record
from training.course.experiments.store import Predictions, list_experiments, save_experiment
from training.errors import CheckpointError
from training.folders import Publish
from training.models import TunedModel, add_model


def row_named(compression: Compression, name: str) -> Row:
    """A compression's row.

    Raises:
        CompressionError: it has none of this name.
    """
    for row in compression.rows:
        if row.name == name:
            return row
    raise CompressionError(f"There is no row {name!r}. There are {', '.join(row.name for row in compression.rows)}.")


def keep_experiment(storage: Path, compression: Compression, row: Row, publish: Publish = nullcontext) -> Record:
    """Add a row to the experiments, to be tried and compared like any other. Once is enough: twice adds nothing.

    Raises:
        CompressionError: ONNX Runtime runs it, so that it is a file to download.
        StorageError, CheckpointError: its files can't be read, or the experiment not be written.
    """
    if row.experiment is None:
        raise CompressionError(f"{row.title} is no network in PyTorch, so it can't be an experiment. Download its ONNX file.")
    if row.experiment.id not in {record.id for record in list_experiments(storage)}:
        weights = read_file(storage, compression.id, row, WEIGHTS)
        try:
            tensors = load_tensors(read_file(storage, compression.id, row, PREDICTIONS))
            predictions = Predictions(tensors["labels"].numpy(), tensors["probabilities"].numpy())
        except (SafetensorError, KeyError) as error:
            raise CheckpointError(f"A file of {row.title} is damaged. Compress again.") from error
        save_experiment(storage, row.experiment, weights, predictions, publish)
    return row.experiment


def keep_model(storage: Path, compression: Compression, row: Row, publish: Publish = nullcontext) -> Manifest:
    """Add a row to the models, from where it goes into the camera like a tuned one. Twice adds nothing.

    Raises:
        CompressionError: it is the network as it is, or can't be described in a model's file.
        StorageError: its files can't be read, or the model not be written.
    """
    if row.model is None:
        raise CompressionError(f"{row.title} can't be used in the camera: it is the network as it is, or only a file.")
    for manifest in list_manifests(storage):
        if manifest.sha256 == row.model.manifest.sha256:
            return manifest
    stored = row.model
    data = read_file(storage, compression.id, row, NETWORK if row.runtime == "ONNX Runtime" else WEIGHTS)
    return add_model(storage, TunedModel(stored.manifest, stored.training), data, publish)
