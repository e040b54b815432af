"""The folder of compressions: `compressions/<id>/` in the storage folder. A row is there as soon as its method is done."""

from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from recognition.errors import StorageError
from recognition.networks.onnx_network import unpack
from recognition.whole_files import write_whole
from training.compression.errors import CompressionError
from training.compression.record import Compression, Row
from training.errors import CheckpointError
from training.folders import Folders, Publish

RECORD: Final = "compression.json"
NETWORK: Final = "network.onnx.z"
WEIGHTS: Final = "weights.safetensors"
PREDICTIONS: Final = "test.safetensors"


def folders(storage: Path) -> Folders:
    """Where compressions are."""
    return Folders(storage / "compressions", "compressions")


def begin(storage: Path, compression: Compression) -> None:
    """Make its folder.

    Raises:
        StorageError: it can't be written; nothing is left behind.
    """
    where = folders(storage)
    with where.changing(), where.adding(compression.id) as folder:
        _write_record(folder, compression)


def write_row(
    storage: Path, compression: Compression, row: Row, files: Mapping[str, bytes], publish: Publish = nullcontext
) -> Compression:
    """Add a row and its files; the compression as it is then.

    Raises:
        CompressionError: the compression was deleted meanwhile.
        StorageError: it can't be written; the rows before are kept.
    """
    with folders(storage).changing():
        folder = _folder(storage, compression.id)
        written = compression.model_copy(update={"rows": (*compression.rows, row)})
        for name, content in files.items():
            write_whole(folder / f"{row.name}.{name}", content)
        with publish():
            _write_record(folder, written)
        return written


def rewrite(storage: Path, compression: Compression) -> None:
    """Replace what is said of a compression; its files stay.

    Raises:
        CompressionError: it was deleted meanwhile.
        StorageError: it can't be written; what was said before stays.
    """
    with folders(storage).changing():
        _write_record(_folder(storage, compression.id), compression)


def list_compressions(storage: Path) -> list[Compression]:
    """All that can be read, newest first."""
    found = []
    for name in folders(storage).ids():
        try:
            found.append(read_compression(storage, name))
        except (CompressionError, CheckpointError):
            continue
    return sorted(found, key=lambda one: one.created_at, reverse=True)


def read_compression(storage: Path, compression: str) -> Compression:
    """One compression.

    Raises:
        CompressionError: there is none with this id.
        CheckpointError: its record is damaged, or of another version of the app.
    """
    path = _folder(storage, compression) / RECORD
    try:
        return Compression.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise CheckpointError(
            f"{RECORD} of the compression {compression} is damaged, or of another version of the app. Compress again."
        ) from error


def read_file(storage: Path, compression: str, row: Row, name: str) -> bytes:
    """A file of a row: `NETWORK`, `WEIGHTS` or `PREDICTIONS`.

    Raises:
        CompressionError: there is no such compression.
        StorageError: the file can't be read.
    """
    path = _folder(storage, compression) / f"{row.name}.{name}"
    try:
        return path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path} can't be read ({error.strerror or error}). Compress again.") from error


def read_onnx(storage: Path, compression: str, row: Row) -> bytes:
    """A row's network as an ONNX file.

    Raises:
        CompressionError: there is no such compression.
        StorageError, WeightsCorruptError: the file can't be read, or is damaged.
    """
    return unpack(read_file(storage, compression, row, NETWORK))


def delete_compression(storage: Path, compression: str) -> None:
    """Remove a compression with its files. What was put to use stays.

    Raises:
        CompressionError: there is none with this id.
        StorageError: it can't be removed.
    """
    where = folders(storage)
    with where.changing():
        where.remove(_folder(storage, compression).name)


def _folder(storage: Path, compression: str) -> Path:
    """CompressionError where there is none: ids come from addresses that people edit."""
    if compression not in folders(storage).ids():
        raise CompressionError("This compression is not here. It may have been deleted.")
    return folders(storage).root / compression


def _write_record(folder: Path, compression: Compression) -> None:
    write_whole(folder / RECORD, compression.model_dump_json(indent=1).encode())
