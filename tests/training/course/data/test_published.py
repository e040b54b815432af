"""Downloads of data sets against a real HTTP server on this machine, with small files in the published formats."""

import gzip
import hashlib
import io
import tarfile
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from recognition.downloads import CHUNK
from recognition.errors import CancelledError, DownloadError, StorageError
from training.course.data.library import list_data_sets, open_pictures
from training.course.data.pictures import PictureSet
from training.course.data.published import CIFAR10_BINARY, PUBLISHED, Published, RemoteFile, download, read_cifar10, read_idx
from training.errors import DataError

RANDOM = np.random.default_rng(0)
DIGITS = RANDOM.integers(0, 256, (40, 28, 28), np.uint8)
LABELS = np.arange(40, dtype=np.uint8) % 10
PHOTOS = RANDOM.integers(0, 256, (60, 32, 32, 3), np.uint8)


def idx(array: np.ndarray) -> bytes:  # type: ignore[type-arg]
    """MNIST's format: type and dimensions, big-endian, then the bytes; gzipped."""
    head = bytes([0, 0, 8, array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
    return gzip.compress(head + array.tobytes())


def records(photos: np.ndarray, labels: np.ndarray) -> bytes:  # type: ignore[type-arg]
    """CIFAR's binary format."""
    return b"".join(bytes([label]) + photo.transpose(2, 0, 1).tobytes() for photo, label in zip(photos, labels, strict=True))


def cifar() -> bytes:
    labels = np.arange(60, dtype=np.uint8) % 10
    files = {f"data_batch_{part + 1}.bin": slice(10 * part, 10 * part + 10) for part in range(5)} | {
        "test_batch.bin": slice(50, 60)
    }
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("cifar-10-batches-bin"))
        contents = {name: records(PHOTOS[part], labels[part]) for name, part in files.items()}
        for name, content in (contents | {"batches.meta.txt": b"\n".join(b"class%d" % n for n in range(10)) + b"\n\n"}).items():
            info = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


MNIST_FILES = {
    "train-images-idx3-ubyte.gz": idx(DIGITS[:30]),
    "train-labels-idx1-ubyte.gz": idx(LABELS[:30]),
    "t10k-images-idx3-ubyte.gz": idx(DIGITS[30:]),
    "t10k-labels-idx1-ubyte.gz": idx(LABELS[30:]),
}


class Server(ThreadingHTTPServer):
    """Serves files by name; a test sets how it behaves."""

    breaks_off_after: int | None = None

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = dict(files)
        self.asked: list[str] = []

    def published(self, read: Callable[[Path], PictureSet], *before: str) -> Published:
        """What is on it, to be had at other addresses before."""
        files = tuple(
            RemoteFile(
                (*(f"{place}/{name}" for place in before), f"http://127.0.0.1:{self.server_port}/{name}"),
                name,
                hashlib.md5(content).hexdigest(),
            )
            for name, content in self.files.items()
        )
        return Published("small", "Small", "A few pictures.", 1, files, read)


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        name, start = self.path[1:], int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        self.server.asked.append(f"{name} from {start}")
        content = self.server.files[name]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self.wfile.write(content[start:][: self.server.breaks_off_after])

    def log_message(self, *args: object) -> None:
        pass


def serving(files: Mapping[str, bytes]) -> Iterator[Server]:
    with Server(files) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def mnist() -> Iterator[Server]:
    yield from serving(MNIST_FILES)


@pytest.fixture
def cifar10() -> Iterator[Server]:
    yield from serving({CIFAR10_BINARY: cifar()})


def small(folder: Path) -> PictureSet:
    return read_idx(folder, "Small", tuple("0123456789"))


def test_mnist_arrives_pixel_by_pixel(mnist: Server, storage: Path) -> None:
    seen: list[tuple[int, int]] = []
    added = download(storage, mnist.published(small), lambda here, total: seen.append((here, total)))
    data = open_pictures(storage, added.data_set.key)
    assert data.test is not None and data.classes == tuple("0123456789")
    assert np.array_equal(data.train.images[..., 0], DIGITS[:30]) and np.array_equal(data.test.images[..., 0], DIGITS[30:])
    assert np.array_equal(data.train.labels, LABELS[:30])
    assert seen == sorted(seen) and seen[-1] == (sum(map(len, MNIST_FILES.values())), 1_000_000)
    assert added.data_set.source.startswith("http://127.0.0.1") and not (storage / "downloads" / "small").exists()


def test_cifar10_arrives_pixel_by_pixel(cifar10: Server, storage: Path) -> None:
    added = download(storage, cifar10.published(read_cifar10))
    data = open_pictures(storage, added.data_set.key)
    assert (added.data_set.title, added.data_set.key) == ("CIFAR-10", "small")
    assert data.classes == tuple(f"class{number}" for number in range(10))
    assert data.test is not None
    assert np.array_equal(data.train.images, PHOTOS[:50]) and np.array_equal(data.test.images, PHOTOS[50:])


def test_a_download_that_breaks_off_is_continued(cifar10: Server, storage: Path) -> None:
    published = cifar10.published(read_cifar10)
    cifar10.breaks_off_after = CHUNK
    with pytest.raises(DownloadError, match="again to continue"):
        download(storage, published)
    assert list_data_sets(storage) == []
    cifar10.breaks_off_after = None
    download(storage, published)
    assert cifar10.asked == [f"{CIFAR10_BINARY} from 0", f"{CIFAR10_BINARY} from {CHUNK}"]


def test_a_download_can_be_stopped_and_what_is_whole_is_kept(mnist: Server, storage: Path) -> None:
    def stop(here: int, total: int) -> None:
        if here > len(MNIST_FILES["train-images-idx3-ubyte.gz"]):
            raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        download(storage, mnist.published(small), stop)
    assert list_data_sets(storage) == []
    download(storage, mnist.published(small))
    assert sum(asked.startswith("train-images") for asked in mnist.asked) == 1


def test_a_file_that_fails_its_checksum_is_removed(mnist: Server, storage: Path) -> None:
    published = mnist.published(small)
    right = mnist.files["t10k-labels-idx1-ubyte.gz"]
    mnist.files["t10k-labels-idx1-ubyte.gz"] = idx(LABELS[:10][::-1].copy())
    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte\.gz fails its checksum"):
        download(storage, published)
    assert list_data_sets(storage) == []
    mnist.files["t10k-labels-idx1-ubyte.gz"] = right
    assert download(storage, published).data_set.title == "Small"


def test_the_next_mirror_is_tried(mnist: Server, storage: Path) -> None:
    assert not download(storage, mnist.published(small, "http://127.0.0.1:9")).already_here


def test_offline_it_says_so(storage: Path) -> None:
    published = Published("x", "X", "", 1, (RemoteFile(("http://127.0.0.1:9/x",), "x.gz", ""),), small)
    with pytest.raises(DownloadError, match=r"x\.gz could not be fetched: no connection"):
        download(storage, published)


def test_a_storage_that_can_t_be_written_to(mnist: Server, storage: Path) -> None:
    storage.mkdir()
    (storage / "downloads").write_text("a file where the folder should be")
    with pytest.raises(StorageError, match="can't be written"):
        download(storage, mnist.published(small))


def test_what_is_offered_comes_with_addresses_and_checksums() -> None:
    assert list(PUBLISHED) == ["mnist", "fashion-mnist", "cifar10"]
    for published in PUBLISHED.values():
        assert all(file.urls and len(file.md5) == 32 and file.name in file.urls[0] for file in published.files)
