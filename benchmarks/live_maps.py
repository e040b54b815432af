"""Frames a second of the live feature maps, as a person sees them: the whole app in a real Chromium whose camera plays a clip.

    python -m benchmarks.live_maps --clip ../shared/video/person_a.mp4

Chromium, the camera's encoding, the server, detection, naming, the network and the drawing share one machine, so that the
number is what a laptop shows. Counted is how often everything on the screen was drawn anew.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

import typer
from playwright.sync_api import Page, sync_playwright

from recognition.inspection.views import PER_PAGE
from tests.browser.conftest import film_of_clip
from tests.browsing import PLAIN, ROOT, CameraPage, StreamlitServer, camera_flags

PARTS = ("Stem", "Block 4", "Block 10")
"""Early, in the middle, late: of each the last layer, with the numbers that its cells are made of."""


@dataclass(frozen=True)
class Row:
    """A part: pictures a second on the screen, and frames a second that the camera got answers to meanwhile."""

    part: str
    pictures: float
    answers: float


@contextmanager
def opened(clip: Path, folder: Path) -> Iterator[Page]:
    """The page with its camera on, in front of a fresh app with an empty gallery."""
    server = StreamlitServer(
        ROOT / "app.py",
        folder / "log.txt",
        FAMILIAR_STORAGE=str(folder / "data"),
        FAMILIAR_SETTINGS_FILE=str(folder / "settings.json"),
    )
    server.start()
    try:
        with sync_playwright() as driver:
            flags = [*PLAIN, *camera_flags(film_of_clip(clip, folder / "film.mjpeg"))]
            browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(f"{server.url}/feature_maps?{urlencode({'source': 'Camera', 'look': 'Maps'})}")
            page.locator("section.camera").wait_for(timeout=60_000)
            CameraPage(page).start()
            yield page
            browser.close()
    finally:
        server.stop()


def measure(clip: Path, seconds: float) -> list[Row]:
    """One row a part."""
    with tempfile.TemporaryDirectory() as folder, opened(clip, Path(folder)) as page:
        camera, touch = CameraPage(page), page.locator(".touch")
        page.locator(".touch .map canvas").wait_for(timeout=60_000)
        rows = []
        for part in PARTS:
            page.locator(".touch .parts button", has=page.get_by_text(part, exact=True)).click()
            page.wait_for_timeout(3_000)
            frames, pictures = camera.number("seq"), int(touch.get_attribute("data-shown") or 0)
            page.wait_for_timeout(seconds * 1000)
            shown = int(touch.get_attribute("data-shown") or 0) - pictures
            rows.append(Row(part, shown / seconds, (camera.number("seq") - frames) / seconds))
    return rows


def main(
    clip: Annotated[Path, typer.Option()],
    seconds: float = 10.0,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Print the table."""
    rows = measure(clip, seconds)
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in rows], indent=2))
        return
    typer.echo(f"{os.cpu_count()} cores, {clip.name}, built-in network, {PER_PAGE} channels beside the one that is touched")
    for row in rows:
        typer.echo(f"{row.part:<16} {row.pictures:5.1f} pictures a second, {row.answers:5.1f} camera frames answered")


if __name__ == "__main__":
    typer.run(main)
