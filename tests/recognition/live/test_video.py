import os
import tempfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from recognition.errors import CancelledError, PictureError
from recognition.live.films import read_film, rewrite_film
from recognition.live.video import VideoProgress, WatchedVideo, annotate_video, watch_video
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


@pytest.fixture(scope="module")
def watched(film: Path, recognizer: Recognizer) -> WatchedVideo:
    return watch_video(film, lambda: recognizer, 0.5)


def test_a_video_says_who_was_in_it_and_when(film: Path, recognizer: Recognizer) -> None:
    seen: list[VideoProgress] = []
    report = watch_video(film, lambda: recognizer, 0.5, seen.append).named(0.5)
    assert len(report.faces) == len(report.positions) == 60
    known, stranger = report.people
    assert (known.name, stranger.name) == ("Eileen Collins", None)
    ((begin, end),) = known.stays
    assert 0 <= begin < 0.5 and 1.7 < end < 2.2
    assert 2.0 <= stranger.stays[0][0] < 2.6
    assert report.length.total_seconds() == pytest.approx(4.0, abs=0.1)
    assert seen[-1].fraction == pytest.approx(1.0)
    assert any(progress.preview is not None for progress in seen)


def test_names_are_decided_anew_from_what_was_seen(watched: WatchedVideo) -> None:
    assert [person.name for person in watched.named(0.5).people] == ["Eileen Collins", None]
    strict = watched.named(1.0)
    assert [person.name for person in strict.people] == [None, None]
    assert {face.name for frame in strict.faces for face in frame} == {None}
    assert [person.name for person in watched.named(0.5).people] == ["Eileen Collins", None]


def test_every_stay_is_a_line_of_the_table(watched: WatchedVideo) -> None:
    head, known, stranger = watched.named(0.5).table().splitlines()
    assert head == "name,from_seconds,to_seconds,highest_confidence"
    assert known.startswith("Eileen Collins,0.") and known.rsplit(",", 1)[1].startswith("0.9")
    assert stranger.startswith("Unknown 1,2.") and stranger.endswith(",")


def test_the_video_can_be_saved_with_its_boxes(film: Path, watched: WatchedVideo) -> None:
    before = [one.picture for one in read_film(film)]
    after = [one.picture for one in read_film(annotate_video(film, watched.named(0.5)))]
    assert len(after) == len(before)
    assert all(one.shape == (480, 640, 3) for one in after)
    # The box is green where there was a grey wall or a face.
    greener = np.int16(after[10][..., 1]) - after[10][..., 0] > 60
    assert greener.sum() > 500 and not (np.int16(before[10][..., 1]) - before[10][..., 0] > 60).any()


def test_a_film_of_odd_size_becomes_one_that_browsers_play(tmp_path: Path) -> None:
    path = tmp_path / "odd.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (101, 75))
    for shade in range(0, 250, 25):
        writer.write(np.full((75, 101, 3), shade, np.uint8))
    writer.release()
    film = rewrite_film(path, lambda one: one.picture)
    assert film[:4] == b"\x1aE\xdf\xa3", "Matroska, of which WebM is a part"
    assert [one.picture.shape for one in read_film(film)] == [(74, 100, 3)] * 10


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="only Linux has files in memory")
def test_a_video_in_memory_never_touches_the_disk(
    film: Path, recognizer: Recognizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    files: set[Path] = set()
    content = film.read_bytes()
    look = lambda _: files.update(path for path in tmp_path.rglob("*") if path.is_file() and not path.is_symlink())  # noqa: E731
    watched = watch_video(content, lambda: recognizer, 0.5, look)
    assert [person.name for person in watched.named(0.5).people] == ["Eileen Collins", None]
    annotate_video(content, watched.named(0.5), look)
    assert not files


def test_it_can_be_stopped(film: Path, recognizer: Recognizer) -> None:
    def stop(progress: VideoProgress) -> None:
        raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        watch_video(film, lambda: recognizer, 0.5, stop)


@pytest.mark.parametrize("content", [b"", b"not a video" * 100])
def test_content_that_is_not_a_video_is_refused(recognizer: Recognizer, content: bytes) -> None:
    with pytest.raises(PictureError, match="This file is not a video"):
        watch_video(content, lambda: recognizer, 0.5)


@pytest.mark.parametrize("content", [b"", b"not a video" * 100])
def test_what_is_not_a_video_is_refused(tmp_path: Path, recognizer: Recognizer, content: bytes) -> None:
    path = tmp_path / "holiday.mp4"
    path.write_bytes(content)
    with pytest.raises(PictureError, match=r"holiday\.mp4"):
        watch_video(path, lambda: recognizer, 0.5)
