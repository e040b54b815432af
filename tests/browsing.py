"""Driving a real Streamlit server with a real Chromium whose camera plays a film."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, expect

from tests.waiting import wait_until

ROOT = Path(__file__).parents[1]

expect.set_options(timeout=20_000)

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


LaunchBrowser = Callable[..., Browser]
"""Starts a Chromium with further flags."""


def camera_flags(film: Path) -> tuple[str, ...]:
    """Flags that make Chromium's camera play a film (.mjpeg: JPEG pictures one after another) and permit it."""
    return (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    )


class StreamlitServer:
    """`streamlit run` of an app, on a port of its own that stays the same over restarts.

    Args:
        app: the file to run. log: where its output goes.
        environment: variables to add.
    """

    def __init__(self, app: Path, log: Path, **environment: str) -> None:
        self._app = app
        self._environment = environment
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"http://localhost:{self.port}"
        self.log = log
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
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", str(self._app), *flags],
                cwd=ROOT,
                env=os.environ | {"PYTHONPATH": str(ROOT)} | self._environment,
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
            assert self._process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def sockets(self) -> int:
        return int(httpx.get(f"{self.url}/api/health").json()["sockets"])


@contextmanager
def opened(browser: Browser, url: str) -> Iterator[Page]:
    """A page in a context of its own; any uncaught error of its scripts fails the test."""
    context = browser.new_context(viewport={"width": 1000, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        page.goto(url)
        page.locator("h1, section.camera").first.wait_for(timeout=30_000)
        yield page
        assert errors == []
    finally:
        context.close()


class CameraPage:
    """What a test does with the camera and reads from its data attributes."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = page.locator("section.camera")
        self.video = page.locator("section.camera video")

    def start(self) -> "CameraPage":
        self.page.get_by_role("button", name="Start camera").click()
        return self.expect("state", "live")

    def expect(self, name: str, value: str | re.Pattern[str]) -> "CameraPage":
        expect(self.root).to_have_attribute(f"data-{name}", value)
        return self

    def number(self, name: str) -> float:
        return float(self.root.get_attribute(f"data-{name}") or 0)

    def expect_growth(self, name: str, by: float = 5) -> None:
        before = self.number(name)
        wait_until(lambda: self.number(name) >= before + by)

    @property
    def played(self) -> float:
        """Seconds the video has played since its camera started."""
        return float(self.video.evaluate("video => video.currentTime"))
