"""Well-known data sets, downloaded when a person asks for one."""

import gzip
import hashlib
import shutil
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from torchvision.datasets import CIFAR10, MNIST, FashionMNIST
from torchvision.datasets.mnist import read_image_file, read_label_file

from recognition.downloads import Progress, fetch
from recognition.errors import DownloadError, StorageError
from training.course.data.library import Added, add
from training.course.data.pictures import Pictures, PictureSet
from training.course.data.report import examine
from training.errors import DataError

CIFAR10_BINARY: Final = "cifar-10-binary.tar.gz"
"""The version of CIFAR-10 that torchvision reads is a pickle, which can run any code. This one is plain bytes: see
docs/decisions.md, "CIFAR-10's binary version"."""

_MB = 1_000_000


@dataclass(frozen=True)
class RemoteFile:
    """A file to download.

    Attributes:
        urls: where it can be had, the first choice first.
        name: of the file.
        md5: its published checksum.
    """

    urls: tuple[str, ...]
    name: str
    md5: str


@dataclass(frozen=True)
class Published:
    """A data set that others publish.

    Attributes:
        key, title: what the command line and the page call it.
        about: a sentence on what it shows.
        megabytes: to download, roughly.
        files: all of them.
        read: makes the data set of the folder in which the files lie.
    """

    key: str
    title: str
    about: str
    megabytes: int
    files: tuple[RemoteFile, ...]
    read: Callable[[Path], PictureSet]


def download(storage: Path, published: Published, progress: Progress = lambda here, total: None) -> Added:
    """Fetch a data set, check every file against its published checksum, and keep it decoded.

    Args:
        storage: the storage folder.
        published: what to fetch.
        progress: called with bytes here and, roughly, in all. It may raise to stop; the next call goes on from there.

    Raises:
        DownloadError: no connection, or a wrong answer. The next call resumes.
        DataError: a file fails its checksum; it is removed.
        StorageError: the storage folder can't be written to.
    """
    folder = storage / "downloads" / published.key
    total, before = published.megabytes * _MB, 0
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file in published.files:
            path = folder / file.name
            if not path.exists():
                _fetch(file, path, _onwards(progress, before, total))
            before += path.stat().st_size
        data = published.read(folder)
    except OSError as error:
        raise StorageError(f"{folder} can't be written ({error.strerror or error}). Is there free space?") from error
    added = add(storage, examine(data), published.files[0].urls[0], published.key)
    shutil.rmtree(folder, ignore_errors=True)
    return added


def _onwards(progress: Progress, before: int, total: int) -> Progress:
    """For one file of several: counts on from the files before it."""
    return lambda here, _: progress(min(before + here, total), total)


def _fetch(file: RemoteFile, path: Path, progress: Progress) -> None:
    part = path.with_name(f"{file.name}.part")
    for url in file.urls:
        try:
            fetch(url, part, progress, name=file.name)
            break
        except DownloadError as error:
            failure = error
    else:
        raise failure
    with part.open("rb") as stream:
        found = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    if found != file.md5:
        part.unlink()
        raise DataError(
            f"{file.name} fails its checksum (MD5 {found[:12]}…, expected {file.md5[:12]}…): it is damaged, or the server has "
            "another file. It was removed; start the download again."
        )
    part.replace(path)


def read_idx(folder: Path, title: str, classes: tuple[str, ...]) -> PictureSet:
    """MNIST's format: four gzipped files of pictures and labels, read by torchvision."""

    def part(prefix: str) -> Pictures:
        images, labels = (_unpacked(folder / f"{prefix}-{kind}-ubyte.gz") for kind in ("images-idx3", "labels-idx1"))
        return Pictures(read_image_file(str(images)).numpy()[..., None], read_label_file(str(labels)).numpy())

    return PictureSet(title, classes, part("train"), part("t10k"))


def read_cifar10(folder: Path) -> PictureSet:
    """CIFAR-10's binary version: records of a label's byte, then 1,024 bytes each of red, green and blue, row by row.

    Source: Krizhevsky, https://www.cs.toronto.edu/~kriz/cifar.html
    """
    files = {}
    with tarfile.open(folder / CIFAR10_BINARY, "r|gz") as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is not None:
                files[member.name.rpartition("/")[2]] = content.read()

    def part(*names: str) -> Pictures:
        records = np.frombuffer(b"".join(files[name] for name in names), np.uint8).reshape(-1, 1 + 3 * 32 * 32)
        images = records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        return Pictures(np.ascontiguousarray(images), records[:, 0].astype(np.int64))

    classes = tuple(files["batches.meta.txt"].decode().split())
    train = part(*(f"data_batch_{number}.bin" for number in range(1, 6)))
    return PictureSet("CIFAR-10", classes, train, part("test_batch.bin"))


def _unpacked(path: Path) -> Path:
    target = path.with_suffix("")
    with gzip.open(path) as packed, target.open("wb") as plain:
        shutil.copyfileobj(packed, plain)
    return target


def _files(source: type[MNIST]) -> tuple[RemoteFile, ...]:
    return tuple(RemoteFile(tuple(mirror + name for mirror in source.mirrors), name, md5) for name, md5 in source.resources)


def _mnist(folder: Path) -> PictureSet:
    return read_idx(folder, "MNIST", tuple(map(str, range(10))))


def _fashion(folder: Path) -> PictureSet:
    return read_idx(folder, "Fashion-MNIST", tuple(FashionMNIST.classes))


PUBLISHED: Final[Mapping[str, Published]] = {
    one.key: one
    for one in (
        Published("mnist", "MNIST", "70,000 handwritten digits, 28×28, grey.", 12, _files(MNIST), _mnist),
        Published(
            "fashion-mnist", "Fashion-MNIST", "70,000 pieces of clothing, 28×28, grey.", 31, _files(FashionMNIST), _fashion
        ),
        Published(
            "cifar10",
            "CIFAR-10",
            "60,000 photos of animals and vehicles, 32×32, in colour.",
            170,
            (
                RemoteFile(
                    (CIFAR10.url.replace(CIFAR10.filename, CIFAR10_BINARY),), CIFAR10_BINARY, "c32a1d4ab5d03f1284b67883e8d87530"
                ),
            ),
            read_cifar10,
        ),
    )
}
"""By key. Addresses and checksums are torchvision's; that of CIFAR-10's binary version is its author's."""
