"""The scratch app in a real Streamlit server, and a Chromium whose camera plays a film."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

ROOT = Path(__file__).parents[2]
APP = Path(__file__).parent / "scratch" / "app.py"

PLAIN = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # For the page that isn't secure: a name that leads here but isn't localhost.
    "--host-resolver-rules=MAP plain.test 127.0.0.1",
)


class ScratchServer:
    """`streamlit run` of the scratch app, on a port of its own that stays the same over restarts."""

    def __init__(self, log: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"http://localhost:{self.port}"
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = {
            "server.port": self.port,
            "server.address": "localhost",
            "server.headless": "true",
            "server.fileWatcherType": "none",
            "browser.gatherUsageStats": "false",
        }
        flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", str(APP), *flags],
                cwd=ROOT,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + 60
        while True:
            try:
                if httpx.get(f"{self.url}/api/health", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < deadline, self._log.read_text()
            time.sleep(0.1)

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def sockets(self) -> int:
        return int(httpx.get(f"{self.url}/api/health").json()["sockets"])


@pytest.fixture(scope="session")
def scratch_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScratchServer]:
    server = ScratchServer(tmp_path_factory.mktemp("server") / "log.txt")
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
def playwright() -> Iterator[Playwright]:
    if shutil.which("chromium") is None:
        pytest.skip("no `chromium` on this machine")
    with sync_playwright() as driver:
        yield driver


LaunchBrowser = Callable[..., Browser]


@pytest.fixture(scope="session")
def launch(playwright: Playwright) -> Iterator[LaunchBrowser]:
    """Starts a Chromium with further flags; closes it at the end."""
    browsers: list[Browser] = []

    def start(*flags: str) -> Browser:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*PLAIN, *flags])
        browsers.append(browser)
        return browser

    yield start
    for browser in browsers:
        browser.close()


@pytest.fixture(scope="session")
def browser(launch: LaunchBrowser, film: Path) -> Browser:
    """A Chromium that plays the film as its camera and permits it without asking."""
    return launch(
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    )


@contextmanager
def opened(browser: Browser, url: str) -> Iterator[Page]:
    """A page in a context of its own; any uncaught error of its scripts fails the test."""
    context = browser.new_context(viewport={"width": 1000, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        page.goto(url)
        page.locator("section.camera").wait_for(timeout=30_000)
        yield page
        assert errors == []
    finally:
        context.close()
