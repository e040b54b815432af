"""The folder of data sets: `datasets/<key>/` in the storage folder, decoded once and read again in an instant."""

import hashlib
import os
import re
import unicodedata
from collections.abc import Set
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from recognition.names import MAX_NAME, clean_name, name_key, numbered
from recognition.whole_files import write_whole
from training.course.data.folders import Progress, read_pictures
from training.course.data.pictures import Images, Labels, Pictures, PictureSet
from training.course.data.report import Examined, Report
from training.errors import DataError
from training.folders import Folders

MANIFEST: Final = "dataset.json"

_ALWAYS_HERE = frozenset({"digits", "faces"})
"""What the other sources are called, in addresses and on the command line: no folder's name."""

_UNSAFE = re.compile(r"[^0-9a-z]+")
_MAX_KEY = 48


class DataSet(BaseModel):
    """What is known of a stored data set without reading its pictures.

    Attributes:
        key: its folder's name.
        title: what to call it; no other has this title.
        classes: names, in the order of the labels.
        shape: height, width and channels of every picture.
        source: where it came from, for a person to read.
        sha256: of pictures, labels and classes.
        report: what was found when it was read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    title: str
    classes: tuple[str, ...]
    shape: tuple[int, int, int]
    source: str
    created_at: datetime
    sha256: str
    report: Report


@dataclass(frozen=True)
class Added:
    """A data set that was stored. `already_here`: these very pictures were stored before; nothing was added."""

    data_set: DataSet
    already_here: bool


def folders(storage: Path) -> Folders:
    """Where data sets are."""
    return Folders(storage / "datasets", "data sets")


def add_pictures(
    storage: Path,
    source: Path | BinaryIO,
    title: str,
    side: int | None = None,
    progress: Progress = lambda done, total: None,
) -> Added:
    """Read a folder or zip of pictures and keep it; arguments and errors as in `read_pictures`, and:

    Raises:
        InvalidNameError: nothing can have such a title.
        StorageError: it can't be written; nothing is left behind.
    """
    origin = str(source) if isinstance(source, Path) else "an uploaded zip"
    return add(storage, read_pictures(source, clean_name(title[:MAX_NAME]), side, progress), origin)


def add(storage: Path, examined: Examined, source: str, key: str | None = None) -> Added:
    """Keep a data set. The same pictures are kept once.

    Args:
        storage: the storage folder.
        examined: what to keep; its title gets a number where another data set has it.
        source: where it came from, for a person to read.
        key: what to call its folder, made of the title by default; it gets a number too.

    Raises:
        InvalidNameError: nothing can have such a title.
        StorageError: it can't be written; nothing is left behind.
    """
    data, title = examined.pictures, clean_name(examined.pictures.title)
    sha256 = fingerprint(data)
    where = folders(storage)
    with where.changing():
        here = list_data_sets(storage)
        for known in here:
            if known.sha256 == sha256:
                return Added(known, already_here=True)
        title = numbered(title, {name_key(known.title) for known in here})
        height, width, channels = data.train.images.shape[1:]
        data_set = DataSet(
            key=_free_key(key or title, _ALWAYS_HERE.union(where.ids())),
            title=title,
            classes=data.classes,
            shape=(height, width, channels),
            source=source,
            created_at=datetime.now(UTC),
            sha256=sha256,
            report=examined.report,
        )
        with where.adding(data_set.key) as folder:
            for name, array in _arrays(data).items():
                _write(folder / name, array)
            write_whole(folder / MANIFEST, data_set.model_dump_json(indent=1).encode())
    return Added(data_set, already_here=False)


def list_data_sets(storage: Path) -> list[DataSet]:
    """All that can be read, by title."""
    found = []
    for key in folders(storage).ids():
        try:
            found.append(read_data_set(storage, key))
        except DataError:
            continue
    return sorted(found, key=lambda data_set: name_key(data_set.title))


def damaged_data_sets(storage: Path) -> list[str]:
    """Keys of those that `list_data_sets` leaves out because their account is missing or damaged. They can be deleted."""
    good = {data_set.key for data_set in list_data_sets(storage)}
    return [key for key in folders(storage).ids() if key not in good]


def read_data_set(storage: Path, key: str) -> DataSet:
    """The account of one.

    Raises:
        DataError: there is none, or its account is missing or damaged.
    """
    try:
        return DataSet.model_validate_json((_folder(storage, key) / MANIFEST).read_bytes())
    except (OSError, ValidationError) as error:
        raise DataError(f"{MANIFEST} of the data set {key} is missing or damaged. Delete it and import it again.") from error


def open_pictures(storage: Path, key: str) -> PictureSet:
    """A stored data set without reading it: its pictures are mapped into memory, read-only, and read where they are used.

    Raises:
        DataError: there is none, or it is damaged.
    """
    data_set, folder = read_data_set(storage, key), _folder(storage, key)
    try:
        test = None if data_set.report.test is None else _part(folder, "test")
        return PictureSet(data_set.title, data_set.classes, _part(folder, "train"), test)
    except (OSError, ValueError, EOFError) as error:
        raise DataError(_damaged(data_set)) from error


def verify(data: PictureSet, data_set: DataSet) -> None:
    """Check pictures and labels, which reads all of them.

    Raises:
        DataError: they are not what was stored.
    """
    if fingerprint(data) != data_set.sha256:
        raise DataError(_damaged(data_set))


def rename_data_set(storage: Path, key: str, title: str) -> DataSet:
    """Give a data set another title; experiments know it by its key.

    Raises:
        InvalidNameError: empty, too long or with control characters.
        DataError: another one has it, or there is no such data set.
        StorageError: it can't be written; the old title stays.
    """
    title = clean_name(title)
    with folders(storage).changing():
        for known in list_data_sets(storage):
            if name_key(known.title) == name_key(title) and known.key != key:
                raise DataError(f"There is already a data set called {known.title}. Use another name.")
        data_set = read_data_set(storage, key).model_copy(update={"title": title})
        write_whole(_folder(storage, key) / MANIFEST, data_set.model_dump_json(indent=1).encode())
        return data_set


def delete_data_set(storage: Path, key: str) -> None:
    """Remove a data set, a damaged one too. Experiments that learned from it stay.

    Raises:
        DataError: there is no such data set.
        StorageError: it can't be removed.
    """
    where = folders(storage)
    with where.changing():
        where.remove(_folder(storage, key).name)


def fingerprint(data: PictureSet) -> str:
    """SHA-256 of classes, pictures and labels; the title doesn't count."""
    digest = hashlib.sha256("\0".join(data.classes).encode())
    for name, array in _arrays(data).items():
        digest.update(f"{name}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _arrays(data: PictureSet) -> dict[str, Images | Labels]:
    parts = {"train": data.train} | ({} if data.test is None else {"test": data.test})
    return {
        f"{part}-{what}.npy": array
        for part, pictures in parts.items()
        for what, array in (("images", pictures.images), ("labels", pictures.labels))
    }


def _write(path: Path, array: Images | Labels) -> None:
    with path.open("wb") as file:
        np.save(file, array, allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())


def _part(folder: Path, name: str) -> Pictures:
    images: Images = np.load(folder / f"{name}-images.npy", mmap_mode="r", allow_pickle=False)
    labels: Labels = np.load(folder / f"{name}-labels.npy", allow_pickle=False)
    return Pictures(images, labels)


def _folder(storage: Path, key: str) -> Path:
    """DataError where there is none: keys come from addresses that people edit."""
    where = folders(storage)
    if key not in where.ids():
        raise DataError(f"There is no data set {key!r} here. It may have been deleted, or was never imported on this computer.")
    return where.root / key


def _damaged(data_set: DataSet) -> str:
    return f"The data set {data_set.title} is damaged: a file of it is missing or changed. Delete it and import it again."


def _free_key(title: str, taken: Set[str]) -> str:
    """`cats-and-dogs` for `Cats & Dogs`; any name a file system takes, whatever the title's script."""
    latin = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    stem = _UNSAFE.sub("-", latin).strip("-")[:_MAX_KEY].strip("-") or "data"
    candidate, number = stem, 1
    while candidate in taken:
        number += 1
        candidate = f"{stem}-{number}"
    return candidate
