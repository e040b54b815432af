"""Closed eyes are told from open ones."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from recognition.detection import FineDetector
from recognition.eyes import CLOSED, closedness
from recognition.pictures import Picture


@pytest.fixture(scope="module")
def detector() -> FineDetector:
    return FineDetector()


def test_open_eyes_are_not_taken_for_closed_ones(detector: FineDetector, astronaut: Picture, hopper: Picture) -> None:
    for picture in (astronaut, hopper, (astronaut * 0.5).astype(np.uint8), np.ascontiguousarray(astronaut[:, ::-1])):
        (face, *_) = detector.detect(picture)
        assert closedness(picture, face.landmarks) < CLOSED


def test_it_does_not_matter_where_and_how_large_a_face_is(detector: FineDetector, astronaut: Picture) -> None:
    (face, *_) = detector.detect(astronaut)
    here = closedness(astronaut, face.landmarks)
    larger = cv2.resize(astronaut, None, fx=1.5, fy=1.5)
    moved = np.roll(larger, 40, axis=1)
    there = closedness(moved, (face.landmarks * 1.5 + np.array([40, 0])).astype(np.float32))
    assert there == pytest.approx(here, abs=0.4)


def test_landmarks_in_one_point_are_refused(astronaut: Picture) -> None:
    with pytest.raises(ValueError, match="one point"):
        closedness(astronaut, np.full((5, 2), 50, np.float32))


@pytest.mark.parametrize(("clip", "frame"), [("a", 236), ("b", 470), ("c", 80)])
def test_closed_eyes_of_real_films(detector: FineDetector, shared: Path, clip: str, frame: int) -> None:
    film = cv2.VideoCapture(str(shared / "video" / f"person_{clip}.mp4"))
    film.set(cv2.CAP_PROP_POS_FRAMES, frame)
    read, picture = film.read()
    assert read
    scale = 640 / max(picture.shape[:2])
    picture = cv2.cvtColor(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2RGB)
    (face, *_) = detector.detect(picture)
    assert closedness(picture, face.landmarks) > CLOSED
