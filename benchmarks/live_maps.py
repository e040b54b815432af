"""Frames a second of the live feature maps, as a person sees them: the whole app in a real Chromium whose camera plays a clip.

    python -m benchmarks.live_maps --clip ../shared/video/person_a.mp4

Chromium, the camera's encoding, the server, detection, naming, the network and the drawing share one machine, so that the
number is what a laptop shows. Counted are pictures that differ from the one before on the screen.
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

VIEWS = ("All channels", "One channel", "First to last")
"""Without "Why this name", which needs people in the gallery."""

COUNT = """async seconds => {
  const image = document.querySelector('img[src*="/api/maps"]');
  const canvas = new OffscreenCanvas(32, 16);
  const pen = canvas.getContext('2d', {willReadFrequently: true});
  let last = '', pictures = 0;
  const start = performance.now();
  while (performance.now() - start < seconds * 1000) {
    await new Promise(requestAnimationFrame);
    pen.drawImage(image, 0, 0, 32, 16);
    const now = pen.getImageData(0, 0, 32, 16).data.join();
    if (now !== last) pictures += 1;
    last = now;
  }
  return pictures * 1000 / (performance.now() - start);
}"""


@dataclass(frozen=True)
class Row:
    """A view: pictures a second on the screen, and frames a second that the camera got answers to meanwhile."""

    view: str
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
            page.goto(f"{server.url}/feature_maps?{urlencode({'source': 'Camera', 'look': 'Kernels'})}")
            page.locator("section.camera").wait_for(timeout=60_000)
            CameraPage(page).start()
            yield page
            browser.close()
    finally:
        server.stop()


def measure(clip: Path, seconds: float) -> list[Row]:
    """One row a view."""
    with tempfile.TemporaryDirectory() as folder, opened(clip, Path(folder)) as page:
        camera = CameraPage(page)
        rows = []
        for view in VIEWS:
            page.get_by_text(view, exact=True).first.click()
            page.wait_for_timeout(3_000)
            before = camera.number("seq")
            pictures = page.evaluate(COUNT, seconds)
            rows.append(Row(view, pictures, (camera.number("seq") - before) / seconds))
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
    typer.echo(f"{os.cpu_count()} cores, {clip.name}, built-in network, {PER_PAGE} channels in the grid")
    for row in rows:
        typer.echo(f"{row.view:<16} {row.pictures:5.1f} pictures a second, {row.answers:5.1f} camera frames answered")


if __name__ == "__main__":
    typer.run(main)
