"""The scratch app in a real Streamlit server, and a Chromium whose camera plays a film."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser

from tests.browsing import LaunchBrowser, StreamlitServer, camera_flags

APP = Path(__file__).parent / "scratch" / "app.py"


@pytest.fixture(scope="session")
def scratch_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StreamlitServer]:
    server = StreamlitServer(APP, tmp_path_factory.mktemp("server") / "log.txt")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A .mjpeg file is JPEG pictures one after another: here a bright disk that moves."""
    path = tmp_path_factory.mktemp("film") / "camera.mjpeg"
    with path.open("wb") as out:
        for i in range(30):
            picture = Image.new("RGB", (640, 360), (60, 80, 100))
            ImageDraw.Draw(picture).ellipse((200 + 5 * i, 100, 320 + 5 * i, 260), fill=(230, 180, 150))
            picture.save(out, "JPEG")
    return path


@pytest.fixture(scope="session")
def browser(launch: LaunchBrowser, film: Path) -> Browser:
    """A Chromium that plays the film as its camera and permits it without asking."""
    return launch(*camera_flags(film))
