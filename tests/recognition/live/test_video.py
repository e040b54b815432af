import os
import tempfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from recognition.errors import CancelledError, PictureError
from recognition.live.video import VideoProgress, recognise_video
from recognition.recognizer import Recognizer
from tests.faces import scene

Picture = NDArray[np.uint8]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory, collins: Picture, hopper: Picture) -> Path:
    """Two seconds of Collins, then two of Hopper, at 15 frames a second."""
    path = tmp_path_factory.mktemp("film") / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 15, (640, 480))
    for face in (collins, hopper):
        for step in range(30):
            writer.write(cv2.cvtColor(scene((face, 200 + step, 100)), cv2.COLOR_RGB2BGR))
    writer.release()
    return path


def test_a_video_says_who_was_in_it_and_when(film: Path, recognizer: Recognizer) -> None:
    seen: list[VideoProgress] = []
    report = recognise_video(film, lambda: recognizer, 0.5, seen.append)
    assert report.frames == 60
    stranger, known = report.appearances
    assert (known.name, stranger.name) == ("Eileen Collins", None)
    assert 0 <= known.first_seen.timestamp() < 0.5
    assert 2.0 <= stranger.first_seen.timestamp() < 2.6
    assert seen[-1].fraction == pytest.approx(1.0)
    assert any(progress.preview is not None for progress in seen)


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="only Linux has files in memory")
def test_a_video_in_memory_never_touches_the_disk(
    film: Path, recognizer: Recognizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    files: set[Path] = set()
    report = recognise_video(film.read_bytes(), lambda: recognizer, 0.5, lambda _: files.update(tmp_path.rglob("*")))
    assert report.frames == 60 and [row.name for row in report.appearances] == [None, "Eileen Collins"]
    assert not files


def test_it_can_be_stopped(film: Path, recognizer: Recognizer) -> None:
    def stop(progress: VideoProgress) -> None:
        raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        recognise_video(film, lambda: recognizer, 0.5, stop)


@pytest.mark.parametrize("content", [b"", b"not a video" * 100])
def test_content_that_is_not_a_video_is_refused(recognizer: Recognizer, content: bytes) -> None:
    with pytest.raises(PictureError, match="This file is not a video"):
        recognise_video(content, lambda: recognizer, 0.5)


@pytest.mark.parametrize("content", [b"", b"not a video" * 100])
def test_what_is_not_a_video_is_refused(tmp_path: Path, recognizer: Recognizer, content: bytes) -> None:
    path = tmp_path / "holiday.mp4"
    path.write_bytes(content)
    with pytest.raises(PictureError, match=r"holiday\.mp4"):
        recognise_video(path, lambda: recognizer, 0.5)
