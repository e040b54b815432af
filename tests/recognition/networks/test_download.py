"""Downloads of weights against a real HTTP server on this machine, with small files."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from recognition.downloads import CHUNK
from recognition.errors import CancelledError, DownloadError, StorageError, WeightsCorruptError
from recognition.networks.base import Weights
from recognition.networks.weights import download

CONTENT = bytes(range(256)) * 1024 * 2  # 512 kB, several chunks


class Server(ThreadingHTTPServer):
    """Serves CONTENT; a test sets how it behaves."""

    resumes = True
    breaks_off_after: int | None = None
    status = 200
    content = CONTENT

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.ranges: list[str | None] = []

    def weights(self, sha256: str | None = hashlib.sha256(CONTENT).hexdigest(), size: int | None = len(CONTENT)) -> Weights:
        return Weights(f"http://127.0.0.1:{self.server_port}/w.pt", "w.pt", sha256, size)


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.server.ranges.append(asked)
        if self.server.status != 200:
            self.send_error(self.server.status)
            return
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.server.resumes else 0
        body = self.server.content[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(self.server.content) - 1}/{len(self.server.content)}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: self.server.breaks_off_after])

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "weights" / "w.pt"


def test_a_download_arrives_with_progress(server: Server, target: Path) -> None:
    seen: list[tuple[int, int]] = []
    download(server.weights(), target, lambda here, total: seen.append((here, total)))
    assert target.read_bytes() == CONTENT
    assert [here for here, _ in seen] == sorted(here for here, _ in seen)
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert list(target.parent.iterdir()) == [target]


def test_what_has_arrived_is_continued(server: Server, target: Path) -> None:
    server.breaks_off_after = 3 * CHUNK
    with pytest.raises(DownloadError, match="again"):
        download(server.weights(), target)
    assert not target.exists()
    server.breaks_off_after = None
    download(server.weights(), target)
    assert target.read_bytes() == CONTENT
    assert server.ranges == [None, f"bytes={3 * CHUNK}-"]


def test_a_server_that_can_t_resume_sends_all_again(server: Server, target: Path) -> None:
    server.breaks_off_after = CHUNK
    with pytest.raises(DownloadError):
        download(server.weights(), target)
    server.breaks_off_after, server.resumes = None, False
    assert download(server.weights(), target).read_bytes() == CONTENT


def test_a_cancelled_download_keeps_what_it_has(server: Server, target: Path) -> None:
    def stop_midway(here: int, total: int) -> None:
        if here > total // 2:
            raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        download(server.weights(), target, stop_midway)
    assert not target.exists()
    download(server.weights(), target)
    assert server.ranges[-1] is not None
    assert target.read_bytes() == CONTENT


def test_a_wrong_checksum_is_never_kept(server: Server, target: Path) -> None:
    with pytest.raises(WeightsCorruptError, match="checksum"):
        download(server.weights(sha256="0" * 64), target)
    assert list(target.parent.iterdir()) == []


def test_without_a_known_size_the_servers_word_counts(server: Server, target: Path) -> None:
    assert download(server.weights(sha256=None, size=None), target).read_bytes() == CONTENT


def test_a_wrong_size_is_refused_before_it_is_fetched(server: Server, target: Path) -> None:
    with pytest.raises(DownloadError, match="offers"):
        download(server.weights(size=1000), target)
    assert not target.exists()


def test_an_error_answer_is_told(server: Server, target: Path) -> None:
    server.status = 404
    with pytest.raises(DownloadError, match="404"):
        download(server.weights(), target)


def test_no_connection_is_told(server: Server, target: Path) -> None:
    weights = server.weights()
    server.shutdown()
    server.server_close()
    with pytest.raises(DownloadError, match="no connection"):
        download(weights, target)


def test_a_web_page_instead_of_the_file_is_refused(server: Server, target: Path) -> None:
    server.content = b"<!doctype html><title>Sign in to the hotel's network</title>"
    with pytest.raises(DownloadError, match=r"offers 60 bytes; w\.pt has 524,288"):
        download(server.weights(), target)
    # As long as the file is: then its checksum tells.
    server.content = server.content.ljust(len(CONTENT))
    with pytest.raises(WeightsCorruptError, match="checksum"):
        download(server.weights(), target)
    assert list(target.parent.iterdir()) == []


def test_a_full_disk_is_told_and_the_download_goes_on_when_there_is_room(
    server: Server, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, *args: object, **options: object) -> object:
        return opened(Path("/dev/full") if path.suffix == ".part" else path, *args, **options)  # type: ignore[arg-type]

    opened = Path.open
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", full)
        with pytest.raises(DownloadError, match="No space left on device"):
            download(server.weights(), target)
    assert not target.exists()
    assert download(server.weights(), target).read_bytes() == CONTENT


def test_a_folder_that_can_t_be_made_is_told(server: Server, target: Path) -> None:
    target.parent.write_text("a file where the folder should be")
    with pytest.raises(StorageError, match=r"w\.pt can't be kept in"):
        download(server.weights(), target)
