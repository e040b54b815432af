"""A model as one file, to be sent to somebody: a zip of the files in its folder. What is received is not trusted."""

import hashlib
import io
import secrets
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

import torch
from pydantic import BaseModel, ValidationError
from torch import nn

from recognition.errors import ArchiveError, InvalidNameError, StorageError, WeightsCorruptError
from recognition.gallery import zip_beside
from recognition.names import clean_name
from recognition.networks import BACKBONES, tuned, tuned_architecture
from recognition.networks.onnx_network import check_received, unpack
from recognition.networks.tuned import Key, Manifest
from recognition.networks.variants import Exported, output_dimension
from recognition.safe_zip import MIB, SafeZip, ZipLimits, open_archive
from recognition.zip_contents import Contents, expect, exported_files
from training.models.record import Training, TunedModel
from training.models.store import TRAINING, add_model, read_model

LIMITS = ZipLimits(entries=16, entry_bytes=512 * MIB, total_bytes=640 * MIB)
"""Three files, and what systems put beside them when a folder is packed. The largest backbone known has 110 MiB of weights."""

_TEXT_BYTES = 64 * MIB

_Text = TypeVar("_Text", bound=BaseModel)


@dataclass(frozen=True)
class ImportedModel:
    """A model that was received. `already_here`: these very weights were in the store before; nothing was added."""

    manifest: Manifest
    already_here: bool


def export_model(storage: Path, key: Key, path: Path) -> None:
    """Write a model to one file, which appears under its name only once it is whole.

    It holds no name of anybody and no picture, but numbers of people and photos, and what the network learned from them.

    Raises:
        NetworkError: there is no such model.
        WeightsCorruptError, CheckpointError: it is damaged.
        StorageError: the file can't be written.
    """
    files = _files(storage, key)
    with zip_beside(path) as archive:
        _write(archive, files)


def export_to_memory(storage: Path, key: Key) -> bytes:
    """The same file as bytes, for a download: no copy is left on the disk.

    Raises:
        NetworkError: there is no such model.
        WeightsCorruptError, CheckpointError: it is damaged.
        StorageError: it can't be read.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        _write(archive, _files(storage, key))
    return buffer.getvalue()


def _files(storage: Path, key: Key) -> dict[str, bytes]:
    """A model's files by name, checked."""
    manifest = read_model(storage, key).manifest
    folder = tuned.folder(storage, key)
    try:
        files = {name: (folder / name).read_bytes() for name in (tuned.MANIFEST, TRAINING, manifest.weights_file)}
    except OSError as error:
        raise StorageError(f"The model {manifest.name} can't be read ({error.strerror or error}).") from error
    if hashlib.sha256(files[manifest.weights_file]).hexdigest() != manifest.sha256:
        raise WeightsCorruptError(f"The weights of {manifest.name} fail their checksum: the file is damaged.")
    return files


def _write(archive: zipfile.ZipFile, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        archive.writestr(name, content, zipfile.ZIP_DEFLATED)


def import_model(storage: Path, source: Path | BinaryIO) -> ImportedModel:
    """Add a model that `export_model` wrote, here or elsewhere. Importing twice adds nothing.

    Its weights are loaded into their network before anything is kept, and nothing is ever unpickled.

    Args:
        storage: the storage folder.
        source: the file, or its content as a stream that can seek.

    Raises:
        ArchiveError: not an exported model, damaged, too large, or of a network that this app doesn't know.
        StorageError: it can't be read or written; nothing is left behind.
    """
    try:
        # Opened here, because a path that can't be opened is no damaged zip.
        stream = source.open("rb") if isinstance(source, Path) else source
    except OSError as error:
        raise StorageError(f"{source} can't be read ({error.strerror or error}).") from error
    with stream:
        expect(stream, Contents.MODEL)
        with open_archive(stream, LIMITS) as archive:
            model, weights = _read(archive)
    for manifest in tuned.list_manifests(storage):
        if manifest.sha256 == model.manifest.sha256:
            return ImportedModel(manifest, already_here=True)
    if tuned.folder(storage, model.manifest.key).exists():
        model = TunedModel(model.manifest.model_copy(update={"id": secrets.token_hex(6)}), model.training)
    return ImportedModel(add_model(storage, model, weights), already_here=False)


def _read(archive: SafeZip) -> tuple[TunedModel, bytes]:
    entries = exported_files(archive, tuned.MANIFEST)
    if not {tuned.MANIFEST, TRAINING} < set(entries):
        raise ArchiveError("This zip is not an exported model.")
    manifest = _parse(Manifest, tuned.MANIFEST, archive.read(entries[tuned.MANIFEST], _TEXT_BYTES))
    if set(entries) != {tuned.MANIFEST, TRAINING, manifest.weights_file}:
        raise ArchiveError("This zip is not an exported model.")
    training = _parse(Training, TRAINING, archive.read(entries[TRAINING], _TEXT_BYTES))
    if manifest.parent not in BACKBONES:
        raise ArchiveError("This model was made from a network that this app doesn't know. Update the app, then try again.")
    weights = archive.read(entries[manifest.weights_file])
    if hashlib.sha256(weights).hexdigest() != manifest.sha256:
        raise ArchiveError("The weights in this zip were changed or damaged: they don't fit their checksum.")
    _try_out(manifest, weights)
    try:
        name = clean_name(manifest.name)
    except InvalidNameError as error:
        raise ArchiveError(f"The model in this zip can't keep its name. {error}") from error
    return TunedModel(manifest.model_copy(update={"name": name}), training), weights


def _parse(kind: type[_Text], name: str, text: bytes) -> _Text:
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise ArchiveError(
            f"{name} in this zip is damaged in {error.error_count()} places, or from another version of the app."
        ) from error


def _try_out(manifest: Manifest, weights: bytes) -> None:
    """Load the weights into their network."""
    try:
        architecture = tuned_architecture(manifest)
        exported = isinstance(manifest.architecture, Exported)
        if exported:
            check_received(unpack(weights))
            dimension = _dimension(tuned.read_weights(manifest, weights, architecture), architecture.input_size)
        else:
            # Without its weights: a description may ask for more memory than there is.
            dimension = output_dimension(architecture)
        if dimension != manifest.dimension:
            raise ArchiveError("The model in this zip gives embeddings of another size than it says.")
        if not exported:
            tuned.read_weights(manifest, weights, architecture)
    except WeightsCorruptError as error:
        raise ArchiveError(f"The model in this zip can't be used. {error}") from error


def _dimension(network: nn.Module, side: int) -> int:
    """The length of the embeddings of an exported network, which only running it tells."""
    output = network(torch.zeros(2, 3, side, side))
    if output.ndim != 2 or len(output) != 2:
        raise WeightsCorruptError("The network doesn't give one vector a picture.")
    return int(output.shape[1])
