"""Makes the README's pictures: `python -m docs.make_pictures [--people DIR]`. Needs requirements-dev.txt and Chromium.

The faces are in the public domain: Eileen Collins (NASA, from scikit-image) and Grace Hopper (US Navy, from matplotlib).
With a folder of people (one folder each), the pages that need many faces are shown too: only curves and tables of them.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from matplotlib.cbook import get_sample_data
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, Playwright, sync_playwright
from skimage import data

from recognition.enrollment import enroll_pictures
from recognition.gallery import iter_folder_pictures
from recognition.pictures import encode_jpeg
from recognition.services import Services
from recognition.settings import Settings
from tests.browsing import PLAIN, ROOT, CameraPage, StreamlitServer, camera_flags
from tests.faces import face_picture, scene
from tests.waiting import wait_until
from training.course.data.loading import load_split
from training.course.experiments.keeping import keep_outcome
from training.course.experiments.recipe import Recipe, StackNetwork, TrainingChoice
from training.course.experiments.training import run_experiment
from training.course.presets import PRESETS

HERE = Path(__file__).parent


def film(target: Path, *faces: tuple[NDArray[np.uint8], int]) -> Path:
    """A second of heads that sway a little, at x."""
    with target.open("wb") as out:
        for step in range(60):
            sway = round(8 * np.sin(step / 60 * 2 * np.pi))
            out.write(encode_jpeg(scene(*((face, x + sway, 90) for face, x in faces)), quality=95))
    return target


@contextmanager
def running(folder: Path) -> Iterator[StreamlitServer]:
    """The app with a storage folder of its own."""
    server = StreamlitServer(
        ROOT / "app.py",
        folder / "log.txt",
        FAMILIAR_STORAGE=f"{folder}/data",
        FAMILIAR_SETTINGS_FILE=f"{folder}/settings.json",
    )
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def visited(driver: Playwright, address: str, *flags: str, height: int = 760) -> Iterator[Page]:
    """A page of the app in a browser of its own."""
    browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=[*PLAIN, *flags])
    page = browser.new_page(viewport={"width": 1180, "height": height}, color_scheme="light")
    page.goto(address)
    page.locator("h1").wait_for()
    yield page
    browser.close()


def shoot(page: Page, name: str) -> None:
    # Away from the charts, whose tools would cover their titles.
    page.mouse.move(5, 5)
    page.wait_for_timeout(1500)
    page.screenshot(path=HERE / f"{name}.png")


def faces(driver: Playwright, folder: Path) -> None:
    """Enroll one of two, then take the pictures."""
    collins = face_picture(data.astronaut(), (105, 0, 345, 240), 300)
    photograph = Image.open(get_sample_data("grace_hopper.jpg", asfileobj=False))
    hopper = face_picture(np.asarray(photograph.convert("RGB")), (70, 0, 440, 370), 300)
    photos = []
    for gain in (0.9, 1.0, 1.1):
        photo = folder / f"{gain}.jpg"
        photo.write_bytes(encode_jpeg(np.clip(data.astronaut() * gain, 0, 255).astype(np.uint8)))
        photos.append(photo)

    def upload(page: Page) -> None:
        page.get_by_text("Files", exact=True).click()
        page.locator("input[type=file]").set_input_files(photos)
        page.get_by_label("Whose photos are these?").fill("Eileen Collins")
        page.get_by_text("Everyone in these photos agreed").click()
        page.get_by_test_id("stBaseButton-primary").click()
        page.get_by_text("photos of 1 person saved").wait_for()

    def guided(page: Page) -> None:
        page.get_by_label("Whose photos are these?").fill("Grace Hopper")
        page.get_by_text("They agreed to their face").click()
        camera = CameraPage(page).start()
        wait_until(lambda: camera.number("photos") >= 3, seconds=60)

    def live(page: Page) -> None:
        CameraPage(page).start()
        page.get_by_role("list", name="In view now").get_by_role("button").nth(1).wait_for()

    both = film(folder / "both.mjpeg", (collins, 10), (hopper, 330))
    alone = film(folder / "alone.mjpeg", (hopper, 170))
    pictures: list[tuple[str, str, Path, Callable[[Page], object]]] = [
        ("enroll-files", "enroll", both, upload),
        ("live", "live", both, live),
        ("enroll", "enroll", alone, guided),
        ("people", "people", both, lambda page: None),
        ("home", "", both, lambda page: None),
        ("feature-maps", "feature_maps", both, lambda page: page.wait_for_timeout(3000)),
        ("convolution-lab", "convolution_lab", both, lambda page: page.wait_for_timeout(2000)),
    ]
    with running(folder) as server:
        for name, path, camera, act in pictures:
            with visited(driver, f"{server.url}/{path}", *camera_flags(camera)) as page:
                act(page)
                shoot(page, name)


def training(driver: Playwright, folder: Path, people: Path) -> None:
    """Enroll everybody of a folder, train, and take pictures of the curves and the result."""
    services = Services(Settings(storage=folder / "data"))
    with services.gallery as gallery:
        enroll_pictures(iter_folder_pictures(people), gallery, services.recognizer(), source="command line", consented=True)
    with running(folder) as server:
        with visited(driver, f"{server.url}/train", height=900) as page:
            page.get_by_text("Fast", exact=True).click()
            page.get_by_role("button", name="Train", exact=True).click()
            page.get_by_text("Epoch 4 of").wait_for(timeout=600_000)
            shoot(page, "train")
            page.get_by_role("button", name="Use for the live camera").wait_for(timeout=600_000)
            shoot(page, "train-result")
        with visited(driver, f"{server.url}/evaluate", height=900) as page:
            page.get_by_role("tab", name="Curves").click()
            shoot(page, "evaluate")


def course(driver: Playwright, folder: Path) -> None:
    """Train on digits, search and compress, and take pictures of what came out."""
    storage = folder / "data"
    recipe = Recipe(
        network=StackNetwork(stack=PRESETS["two-convolutions"].stack, preset="two-convolutions"),
        training=TrainingChoice(epochs=12, batch=32),
    )
    split = load_split(recipe.data, recipe.split, storage)
    record = keep_outcome(storage, recipe, split, run_experiment(recipe, split, storage), name="Digits: two convolutions")
    with running(folder) as server:
        with visited(driver, f"{server.url}/playground?tab=Dense+network", height=800) as page:
            page.wait_for_timeout(8000)
            shoot(page, "playground")
        with visited(driver, f"{server.url}/experiments?tab=Result&experiment={record.id}", height=900) as page:
            page.get_by_text("Test accuracy").wait_for()
            shoot(page, "experiments")
        with visited(driver, f"{server.url}/compression?experiment={record.id}", height=900) as page:
            page.get_by_role("button", name="Compress", exact=True).click()
            page.get_by_role("tab", name="Result", selected=True).wait_for(timeout=600_000)
            page.get_by_test_id("stDataFrame").locator("visible=true").first.wait_for()
            shoot(page, "compression")
        with visited(driver, f"{server.url}/search", height=1000) as page:
            page.get_by_role("button", name="Start", exact=True).click()
            page.get_by_role("button", name="Train the best").wait_for(timeout=600_000)
            shoot(page, "search")


def main(people: Annotated[Path | None, typer.Option(help="One folder a person, to train on.")] = None) -> None:
    """Take all pictures."""
    with sync_playwright() as driver:
        for pictures in (faces, course):
            with tempfile.TemporaryDirectory() as name:
                pictures(driver, Path(name))
        if people is not None:
            with tempfile.TemporaryDirectory() as name:
                training(driver, Path(name), people)


if __name__ == "__main__":
    typer.run(main)
