"""From browser to browser: start-up, frames a second, and how soon a face that appears has its name on the screen.

    python -m benchmarks.browser

Starts the app with an empty gallery, enrolls one face from a file, and plays Chromium's fake camera a film in which that
face comes and goes. A white square in the film's corner says when; a script in the page notes when the square is shown
and when the name is drawn, both by the page's own clock.
"""

import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from playwright.sync_api import sync_playwright
from skimage import data

from recognition.pictures import encode_jpeg

ROOT = Path(__file__).resolve().parents[1]
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
PERIOD = 60
"""Frames of the film with the face, and then as many without, at 30 a second."""

WATCH = """
() => {
  const root = [...document.querySelectorAll('*')].map(e => e.shadowRoot).find(r => r && r.querySelector('video'));
  const video = root.querySelector('video'), section = root.querySelector('section.camera');
  const canvas = new OffscreenCanvas(1, 1), pen = canvas.getContext('2d', {willReadFrequently: true});
  window.delays = []; window.shownAt = null; let there = null;
  const look = () => {
    pen.drawImage(video, 0, 0, 20, 20, 0, 0, 1, 1);
    const now = pen.getImageData(0, 0, 1, 1).data[0] > 128;
    if (there === false && now) window.shownAt = performance.now();
    there = now;
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
  new MutationObserver(() => {
    const names = section.dataset.names;
    if (window.shownAt !== null && names && names !== '?') {
      window.delays.push(performance.now() - window.shownAt); window.shownAt = null;
    }
  }).observe(section, {attributes: true, attributeFilter: ['data-names']});
}
"""


def film(target: Path) -> None:
    """640×480 JPEG pictures one after another: the astronaut for PERIOD frames, then an empty room."""
    face = data.astronaut()[:480]
    with target.open("wb") as out:
        for number in range(2 * PERIOD):
            frame = np.full((480, 640, 3), 90, np.uint8)
            if number < PERIOD:
                frame[:, 64:576] = np.roll(face, round(6 * np.sin(number / 5)), axis=1)
                frame[:20, :20] = 255
            out.write(encode_jpeg(frame, quality=90))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main(
    seconds: Annotated[float, typer.Option(help="How long to watch the live page.")] = 60.0,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Print the measurements."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        photo = Path(folder) / "people" / "Eileen" / "1.jpg"
        photo.parent.mkdir(parents=True)
        photo.write_bytes(encode_jpeg(data.astronaut()))
        film(Path(folder) / "film.mjpeg")
        environment = os.environ | {
            "FAMILIAR_STORAGE": f"{folder}/data",
            "FAMILIAR_SETTINGS_FILE": f"{folder}/settings.json",
        }
        enroll = [sys.executable, "-m", "recognition", "enroll", str(photo.parents[1]), "--consent"]
        subprocess.run(enroll, cwd=ROOT, env=environment, check=True, capture_output=True)
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=[*FLAGS, f"--use-file-for-fake-video-capture={folder}/film.mjpeg"],
        )
        page = browser.new_page()
        port = free_port()
        began = time.perf_counter()
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.headless", "true"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            while True:
                try:
                    page.goto(f"http://localhost:{port}/live")
                    break
                except Exception:  # noqa: BLE001  # refused until the server listens
                    time.sleep(0.02)
            page.get_by_role("heading", name="Live").wait_for()
            first_page = time.perf_counter() - began
            page.get_by_role("button", name="Start camera").click()
            pressed = time.perf_counter()
            section = page.locator("section.camera")
            while not int(section.get_attribute("data-seq") or 0):
                time.sleep(0.01)
            first_answer = time.perf_counter() - pressed
            page.evaluate(WATCH)
            rates = []
            for _ in range(round(seconds)):
                page.wait_for_timeout(1000)
                rates.append(float(section.get_attribute("data-fps") or 0))
            delays = sorted(page.evaluate("window.delays"))
        finally:
            server.kill()
            browser.close()
    result = {
        "first_page_s": round(first_page, 2),
        "first_answer_s": round(first_answer, 2),
        "fps_median": statistics.median(rates),
        "name_shown_ms": {
            "median": round(statistics.median(delays), 1),
            "p95": round(float(np.percentile(delays, 95)), 1),
            "times": len(delays),
        },
    }
    if as_json:
        typer.echo(json.dumps(result, indent=2))
        return
    typer.echo(f"process start to first page: {result['first_page_s']} s")
    typer.echo(f"start pressed to first answer: {result['first_answer_s']} s")
    typer.echo(f"frames a second in the browser: {result['fps_median']}")
    typer.echo(f"a face appears, its name is drawn: {result['name_shown_ms']}")


if __name__ == "__main__":
    typer.run(main)
