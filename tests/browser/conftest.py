"""The whole app in a real Streamlit server, with a storage folder of its own, and films for Chromium's camera."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from recognition.pictures import encode_jpeg
from tests.browsing import ROOT, LaunchBrowser, StreamlitServer
from tests.faces import scene

STORAGE = "data"

ARTIFACTS = ROOT / "test-artifacts"
"""Where a person can look at what the tests saw."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, launch: LaunchBrowser) -> Iterator[StreamlitServer]:
    """A fresh app with an empty gallery. (Asks for the browser first, so that no server starts where there is none.)"""
    folder = tmp_path_factory.mktemp("app")
    server = StreamlitServer(
        ROOT / "app.py",
        folder / "log.txt",
        FAMILIAR_STORAGE=str(folder / STORAGE),
        FAMILIAR_SETTINGS_FILE=str(folder / "settings.json"),
    )
    server.start()
    yield server
    server.stop()
    ARTIFACTS.mkdir(exist_ok=True)
    shutil.copy(folder / "log.txt", ARTIFACTS / "server.log")


def storage_of(server: StreamlitServer) -> Path:
    """The storage folder of the running app; a second process may work in it too."""
    return server.log.parent / STORAGE


def film_of_clip(clip: Path, target: Path, seconds: float = 12.0) -> Path:
    """A clip as Chromium's camera wants it, its longer side 640 pixels."""
    video = cv2.VideoCapture(str(clip))
    with target.open("wb") as out:
        for _ in range(round(seconds * 30)):
            read, frame = video.read()
            if not read:
                break
            scale = 640 / max(frame.shape[:2])
            frame = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            out.write(cv2.imencode(".jpg", frame)[1].tobytes())
    return target


def film_of_face(face: NDArray[np.uint8], target: Path) -> Path:
    """A head that sways a little in front of grey."""
    with target.open("wb") as out:
        for step in range(60):
            x = 220 + round(25 * np.sin(step / 60 * 2 * np.pi))
            out.write(encode_jpeg(scene((face, x, 140))))
    return target


def film_file(face: NDArray[np.uint8], target: Path) -> Path:
    """A second of a head in front of grey, as a file to upload."""
    writer = cv2.VideoWriter(str(target), cv2.VideoWriter.fourcc(*"MJPG"), 10, (320, 240))
    for step in range(10):
        writer.write(cv2.cvtColor(scene((face, 50 + step, 20), size=(240, 320)), cv2.COLOR_RGB2BGR))
    writer.release()
    return target
