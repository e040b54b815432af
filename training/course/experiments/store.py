"""The folder of experiments: `experiments/<id>/` in the storage folder."""

import hashlib
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as to_bytes
from torch import nn

from recognition.errors import StorageError, WeightsCorruptError
from recognition.names import clean_name
from recognition.networks.weights import fill
from recognition.whole_files import write_whole
from training.course.experiments.classifier import Classifier, Probabilities
from training.course.experiments.networks import lay_out, rebuild
from training.course.experiments.record import Record
from training.errors import CheckpointError, TrainingError
from training.folders import Folders, Publish

RECORD: Final = "experiment.json"
WEIGHTS: Final = "weights.safetensors"
PREDICTIONS: Final = "test.safetensors"
NOTE: Final = "note.txt"

MAX_NOTE = 20_000
"""Characters."""


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a network said of the test pictures.

    Attributes:
        labels: (N,) int64, what they are.
        probabilities: (N, K) float32.
    """

    labels: NDArray[np.int64]
    probabilities: Probabilities


def folders(storage: Path) -> Folders:
    """Where experiments are."""
    return Folders(storage / "experiments", "experiments")


def weights_of(module: nn.Module) -> bytes:
    """A network's parameters and statistics as the content of a safetensors file."""
    return to_bytes({name: value.detach().cpu().contiguous() for name, value in module.state_dict().items()})


def save_experiment(
    storage: Path, record: Record, weights: bytes, predictions: Predictions, publish: Publish = nullcontext
) -> None:
    """Keep an experiment. Names need not be unique.

    Args:
        storage: the storage folder.
        record: with the weights' checksum.
        weights: from `weights_of`.
        predictions: of the test pictures.
        publish: entered around the moment it appears; an error from it leaves nothing behind.

    Raises:
        StorageError: it can't be written; nothing is left behind.
    """
    tensors = {"labels": torch.from_numpy(predictions.labels), "probabilities": torch.from_numpy(predictions.probabilities)}
    where = folders(storage)
    with where.changing(), where.adding(record.id, publish) as folder:
        write_whole(folder / WEIGHTS, weights)
        write_whole(folder / PREDICTIONS, to_bytes(tensors))
        write_whole(folder / RECORD, record.model_dump_json(indent=1).encode())


def list_experiments(storage: Path) -> list[Record]:
    """All experiments that can be read, newest first."""
    found = []
    for name in folders(storage).ids():
        try:
            found.append(read_experiment(storage, name))
        except TrainingError:
            continue
    return sorted(found, key=lambda record: record.created_at, reverse=True)


def read_experiment(storage: Path, experiment: str) -> Record:
    """One experiment.

    Raises:
        TrainingError: there is none with this id.
        CheckpointError: its record is damaged, or of another version of the app.
    """
    try:
        return Record.model_validate_json((_folder(storage, experiment) / RECORD).read_bytes())
    except OSError as error:
        raise CheckpointError(f"{RECORD} of the experiment {experiment} is missing. Delete the experiment.") from error
    except ValidationError as error:
        raise CheckpointError(
            f"{RECORD} of the experiment {experiment} is damaged, or of another version of the app. Delete the experiment."
        ) from error


def find_experiment(storage: Path, text: str) -> Record:
    """The experiment a person means: by its id, or the newest of its name without regard to case.

    Raises:
        TrainingError: there is none.
    """
    for record in list_experiments(storage):
        if text.strip().casefold() in (record.id, record.name.casefold()):
            return record
    raise TrainingError(f"There is no experiment called {text!r}.")


def load_classifier(storage: Path, experiment: str) -> Classifier:
    """An experiment's network, ready to be used.

    Raises:
        TrainingError: there is no such experiment.
        CheckpointError: its record or its weights are damaged.
        NetworkError: it stands on a network that this app doesn't know.
    """
    record = read_experiment(storage, experiment)
    data = _read(storage, experiment, WEIGHTS)
    if hashlib.sha256(data).hexdigest() != record.sha256:
        raise CheckpointError(f"The weights of {record.name} fail their checksum: the file is damaged. Train it again.")
    module = rebuild(record.network, record.shape, len(record.classes))
    try:
        fill(module, load_tensors(data))
    except (SafetensorError, WeightsCorruptError) as error:
        raise CheckpointError(f"The weights of {record.name} don't fit its network. Train it again.") from error
    return Classifier(lay_out(module.eval()), record.classes, record.shape, record.mean, record.scale)


def read_predictions(storage: Path, experiment: str) -> Predictions:
    """What an experiment's network said of its test pictures.

    Raises:
        TrainingError: there is no such experiment.
        CheckpointError: the file is missing or damaged.
    """
    try:
        tensors = load_tensors(_read(storage, experiment, PREDICTIONS))
        return Predictions(tensors["labels"].numpy(), tensors["probabilities"].numpy())
    except (SafetensorError, KeyError) as error:
        raise CheckpointError(f"{PREDICTIONS} of the experiment {experiment} is damaged. Train it again.") from error


def rename_experiment(storage: Path, experiment: str, name: str) -> Record:
    """Give an experiment another name.

    Raises:
        InvalidNameError: empty, too long or with control characters.
        TrainingError: there is no such experiment.
        StorageError: it can't be written; the old name stays.
    """
    with folders(storage).changing():
        record = read_experiment(storage, experiment).model_copy(update={"name": clean_name(name)})
        write_whole(_folder(storage, experiment) / RECORD, record.model_dump_json(indent=1).encode())
        return record


def read_note(storage: Path, experiment: str) -> str:
    """What a person wrote about an experiment; empty without.

    Raises:
        TrainingError: there is no such experiment.
    """
    try:
        return (_folder(storage, experiment) / NOTE).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""


def write_note(storage: Path, experiment: str, text: str) -> None:
    """Replace the note; characters after `MAX_NOTE` are cut off.

    Raises:
        TrainingError: there is no such experiment.
        StorageError: it can't be written; the old note stays.
    """
    with folders(storage).changing():
        write_whole(_folder(storage, experiment) / NOTE, text[:MAX_NOTE].encode())


def delete_experiment(storage: Path, experiment: str) -> None:
    """Remove an experiment, a damaged one too.

    Raises:
        TrainingError: there is no such experiment.
        StorageError: it can't be removed.
    """
    where = folders(storage)
    with where.changing():
        if not where.remove(_folder(storage, experiment).name):
            raise TrainingError("This experiment is not here. It may have been deleted.")


def _folder(storage: Path, experiment: str) -> Path:
    """TrainingError where there is none: ids come from addresses that people edit."""
    if experiment not in folders(storage).ids():
        raise TrainingError("This experiment is not here. It may have been deleted.")
    return folders(storage).root / experiment


def _read(storage: Path, experiment: str, name: str) -> bytes:
    path = _folder(storage, experiment) / name
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise CheckpointError(f"{name} of the experiment {experiment} is missing. Train it again.") from error
    except OSError as error:
        raise StorageError(f"{path} can't be read ({error.strerror or error}).") from error
