"""Makes the README's pictures: `python -m docs.make_pictures`. Needs requirements-dev.txt and Chromium.

The faces are in the public domain: Eileen Collins (NASA, from scikit-image) and Grace Hopper (US Navy, from matplotlib).
"""

import shutil
import tempfile
from pathlib import Path

import numpy as np
from matplotlib.cbook import get_sample_data
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, sync_playwright
from skimage import data

from recognition.pictures import encode_jpeg
from tests.browsing import PLAIN, ROOT, CameraPage, StreamlitServer, camera_flags, wait_until
from tests.faces import face_picture, scene

HERE = Path(__file__).parent


def film(target: Path, *faces: tuple[NDArray[np.uint8], int]) -> Path:
    """A second of heads that sway a little, at x."""
    with target.open("wb") as out:
        for step in range(60):
            sway = round(8 * np.sin(step / 60 * 2 * np.pi))
            out.write(encode_jpeg(scene(*((face, x + sway, 90) for face, x in faces)), quality=95))
    return target


def main() -> None:
    """Enroll one of two, then take the pictures."""
    collins = face_picture(data.astronaut(), (105, 0, 345, 240), 300)
    with get_sample_data("grace_hopper.jpg", asfileobj=True) as file:
        hopper = face_picture(np.asarray(Image.open(file).convert("RGB")), (70, 0, 440, 370), 300)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as driver:
        folder = Path(name)
        photos = []
        for gain in (0.9, 1.0, 1.1):
            photo = folder / f"{gain}.jpg"
            photo.write_bytes(encode_jpeg(np.clip(data.astronaut() * gain, 0, 255).astype(np.uint8)))
            photos.append(photo)
        server = StreamlitServer(
            ROOT / "app.py",
            folder / "log.txt",
            FAMILIAR_STORAGE=f"{folder}/data",
            FAMILIAR_SETTINGS_FILE=f"{folder}/settings.json",
        )
        server.start()
        try:

            def shoot(picture: str, path: str, camera: Path, act: object) -> None:
                browser = driver.chromium.launch(
                    executable_path=shutil.which("chromium"), args=[*PLAIN, *camera_flags(camera)]
                )
                page = browser.new_page(viewport={"width": 1180, "height": 760}, color_scheme="light")
                page.goto(f"{server.url}/{path}")
                page.locator("h1").wait_for()
                act(page)  # type: ignore[operator]
                page.wait_for_timeout(1500)
                page.screenshot(path=HERE / f"{picture}.png")
                browser.close()

            def upload(page: Page) -> None:
                page.get_by_text("Files", exact=True).click()
                page.locator("input[type=file]").set_input_files(photos)
                page.get_by_label("Name of the person").fill("Eileen Collins")
                page.get_by_label("Name of the person").press("Enter")
                page.get_by_text("Everybody in these photos agrees").click()
                page.get_by_test_id("stBaseButton-primary").click()
                page.get_by_text("photos of 1 person enrolled").wait_for()

            def guided(page: Page) -> None:
                page.get_by_label("Name").fill("Grace Hopper")
                page.get_by_label("Name").press("Enter")
                page.get_by_text("This person agrees").click()
                camera = CameraPage(page).start()
                wait_until(lambda: camera.number("photos") >= 3, seconds=60)

            def live(page: Page) -> None:
                CameraPage(page).start()
                page.get_by_test_id("stDataFrame").wait_for()

            both = film(folder / "both.mjpeg", (collins, 10), (hopper, 330))
            alone = film(folder / "alone.mjpeg", (hopper, 170))
            shoot("enroll-files", "enroll", both, upload)
            shoot("live", "live", both, live)
            shoot("enroll", "enroll", alone, guided)
            shoot("people", "people", both, lambda page: None)
            shoot("home", "", both, lambda page: None)
            shoot("feature-maps", "feature_maps", both, lambda page: page.wait_for_timeout(3000))
            shoot("convolution-lab", "convolution_lab", both, lambda page: page.wait_for_timeout(2000))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
