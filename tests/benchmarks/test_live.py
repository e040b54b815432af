"""The short version of `python -m benchmarks.live`: ratios measured in this very run, with wide margins."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.live import agreement, cameras, film, rounds
from recognition.recognizer import Recognizer
from tests.faces import scene

Picture = NDArray[np.uint8]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory, collins: Picture, hopper: Picture) -> Path:
    """Two seconds with one face, one with two."""
    path = tmp_path_factory.mktemp("clip") / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30, (640, 480))
    for step in range(90):
        x = 60 + round(30 * np.sin(step / 10))
        faces = [(collins, x, 140)] + ([(hopper, 380, 140)] if step >= 60 else [])
        writer.write(cv2.cvtColor(scene(*faces), cv2.COLOR_RGB2BGR))
    writer.release()
    return path


def test_many_times_as_fast_as_the_plain_loop_and_of_the_same_mind(clip: Path, recognizer: Recognizer) -> None:
    frames, rate = film(clip, 10)
    timings = rounds(frames, rate, recognizer, repeat=1)
    product = float(np.mean(timings.pop("product").frames))
    assert float(np.mean(timings["facenet_loop"].frames)) > 2 * product
    if "face_recognition_loop" in timings:
        assert float(np.mean(timings["face_recognition_loop"].frames)) > 3 * product
    compared = agreement(frames, rate, recognizer)
    assert compared.faces >= 100
    assert compared.same >= 0.95 * compared.faces
    assert compared.wrong == 0


def test_cameras_are_served_alike(clip: Path, recognizer: Recognizer) -> None:
    frames, _ = film(clip, 10)
    shares = cameras(frames, 4, recognizer, seconds=3.0)
    assert float(str(shares["slowest_to_mean"])) > 0.5
