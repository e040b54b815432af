"""The folder of models: `models/<number>/` in the storage folder, which `recognition.networks.tuned` reads."""

import hashlib
import re
import secrets
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pydantic import ValidationError
from safetensors.torch import save as to_bytes

from recognition.errors import NetworkError
from recognition.names import clean_name, name_key, numbered
from recognition.networks import BACKBONES, BUILT_IN, NETWORKS, tuned
from recognition.networks.tuned import Key, Manifest
from recognition.whole_files import write_whole
from training.errors import CheckpointError, TrainingError
from training.faces.result import Trained
from training.folders import Folders, Publish
from training.models.record import Training, TunedModel

TRAINING: Final = "training.json"


def save_model(
    storage: Path,
    name: str,
    trained: Trained,
    licence: str,
    *,
    gallery: str | None = None,
    publish: Publish = nullcontext,
) -> Manifest:
    """Keep the result of a training.

    Args:
        storage: the storage folder.
        name: what to call it; a number is added if it is taken, for a training must not be lost over a name.
        trained: what `training.faces.fine_tuning.fit` returned.
        licence: of the network it was tuned from.
        gallery: whose photos it learned from (`Gallery.identity`). Without it the data were a folder, and its keys, which
            are names, are not kept.
        publish: see `Publish`.

    Raises:
        InvalidNameError: nothing can have such a name.
        StorageError: it can't be written; nothing is left behind.
    """
    weights = to_bytes({key: value.detach().cpu().contiguous() for key, value in trained.module.state_dict().items()})
    manifest = Manifest(
        id=secrets.token_hex(6),
        name=clean_name(name),
        parent=trained.parent,
        created_at=datetime.now(UTC),
        dimension=BACKBONES[trained.parent].dimension,
        licence=licence,
        sha256=hashlib.sha256(weights).hexdigest(),
        threshold=trained.calibration.threshold,
        slope=trained.calibration.slope,
        spread=trained.calibration.spread,
    )
    return add_model(storage, TunedModel(manifest, Training.of(trained, gallery)), weights, publish)


def add_model(storage: Path, model: TunedModel, weights: bytes, publish: Publish = nullcontext) -> Manifest:
    """Put a model into the store, under a name that nobody else has.

    Raises:
        StorageError: it can't be written; nothing is left behind.
    """
    models = model_folders(storage)
    with models.changing():
        manifest = model.manifest.model_copy(update={"name": _unique(storage, model.manifest.name)})
        with models.adding(manifest.id, publish) as folder:
            write_whole(folder / manifest.weights_file, weights)
            write_whole(folder / TRAINING, model.training.model_dump_json().encode())
            write_whole(folder / tuned.MANIFEST, manifest.model_dump_json(indent=2).encode())
        return manifest


def list_models(storage: Path) -> list[TunedModel]:
    """All models that can be read, newest first."""
    models = []
    for manifest in tuned.list_manifests(storage):
        try:
            models.append(TunedModel(manifest, _read_training(storage, manifest.key)))
        except CheckpointError:
            continue
    return models


def damaged_models(storage: Path) -> list[Key]:
    """Models that `list_models` leaves out because a file of theirs is missing or damaged. They can be deleted."""
    good = {model.manifest.id for model in list_models(storage)}
    folders = (storage / tuned.FOLDER).glob("[0-9a-f]" * 12)
    return sorted(f"{tuned.PREFIX}{folder.name}" for folder in folders if folder.name not in good)


def read_model(storage: Path, key: Key) -> TunedModel:
    """One model.

    Raises:
        NetworkError: there is none with this key, or its manifest is damaged.
        CheckpointError: the account of its training is missing or damaged.
    """
    return TunedModel(tuned.read_manifest(storage, key), _read_training(storage, key))


def find_model(storage: Path, text: str) -> Key:
    """The key of the model a person means: by its key, its number or its name, without regard to case.

    A damaged one is found too, by key or number.

    Raises:
        NetworkError: there is none.
    """
    for manifest in tuned.list_manifests(storage):
        if name_key(manifest.name) == name_key(text.strip()):
            return manifest.key
    key = text if tuned.is_key(text) else f"{tuned.PREFIX}{text}"
    if not tuned.folder(storage, key).is_dir():
        raise NetworkError(f"There is no model called {text!r}.")
    return key


def find_by_weights(storage: Path, sha256: str) -> TunedModel | None:
    """The model with these very weights; None where there is none that can be read."""
    return next((model for model in list_models(storage) if model.manifest.sha256 == sha256), None)


def rename_model(storage: Path, key: Key, name: str) -> Manifest:
    """Give a model another name.

    Raises:
        InvalidNameError: empty, too long or with control characters.
        TrainingError: another model has it.
        NetworkError: there is no such model.
        StorageError: it can't be written; the old name stays.
    """
    with model_folders(storage).changing():
        manifest = tuned.read_manifest(storage, key)
        manifest = manifest.model_copy(update={"name": free_name(storage, name, but=key)})
        write_whole(tuned.folder(storage, key) / tuned.MANIFEST, manifest.model_dump_json(indent=2).encode())
        return manifest


def delete_model(storage: Path, key: Key) -> None:
    """Remove a model's folder, a damaged one too. Its templates in the gallery are `people.remove_model`'s.

    Raises:
        NetworkError: there is no such model.
        StorageError: it can't be removed.
    """
    models, number = model_folders(storage), tuned.folder(storage, key).name
    with models.changing():
        if not models.remove(number):
            raise NetworkError(f"The model {number} is not here. It may have been deleted.")


def remove_leftovers(storage: Path) -> None:
    """Remove what a writer that was killed left half written or half removed.

    Raises:
        StorageError: the folder can't be written to.
    """
    if (storage.expanduser() / tuned.FOLDER).exists():
        with model_folders(storage).changing():
            return


def free_name(storage: Path, name: str, but: Key | None = None) -> str:
    """A clean name that no model has, except perhaps the one with the key `but`.

    Raises:
        InvalidNameError: empty, too long or with control characters.
        TrainingError: another model has it.
    """
    name = clean_name(name)
    for manifest in tuned.list_manifests(storage):
        if name_key(manifest.name) == name_key(name) and manifest.key != but:
            raise TrainingError(f"There is already a model called {manifest.name}. Use another name.")
    return name


def default_name(parent: str, people: int) -> str:
    """What a model is called when nobody names it: `dlib face ResNet, tuned 21 November, 3 people`."""
    day = datetime.now().astimezone()
    return f"{BACKBONES[parent].title}, tuned {day.day} {day:%B}, {people} people"


def is_default_name(name: str) -> bool:
    """Whether `default_name` gave a model its name, so that another one should not get it."""
    return re.search(r", tuned \d+ \w+, \d+ people( \(\d+\))?$", name) is not None


def network_before(storage: Path, key: Key) -> str:
    """Key of the network to go back to from a model: the one it was tuned from, or the built-in one."""
    try:
        parent = tuned.read_manifest(storage, key).parent
    except NetworkError:
        # Gone or damaged: the built-in network is always there.
        return BUILT_IN.key
    # A network pretrained on ImageNet recognises nobody.
    return parent if parent in NETWORKS else BUILT_IN.key


def model_folders(storage: Path) -> Folders:
    """The folders of the models."""
    return Folders(storage / tuned.FOLDER, "models")


def _unique(storage: Path, name: str) -> str:
    taken = {name_key(manifest.name) for manifest in tuned.list_manifests(storage)}
    return numbered(name, taken)


def _read_training(storage: Path, key: Key) -> Training:
    path = tuned.folder(storage, key) / TRAINING
    try:
        return Training.model_validate_json(path.read_bytes())
    except OSError as error:
        raise CheckpointError(f"{TRAINING} of the model {path.parent.name} is missing. Delete the model.") from error
    except ValidationError as error:
        raise CheckpointError(f"{TRAINING} of the model {path.parent.name} is damaged. Delete the model.") from error
