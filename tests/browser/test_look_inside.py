"""Look inside: maps that follow the camera, and a network that can be clicked through."""

import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from tests.browser.conftest import ARTIFACTS, film_of_clip, film_of_face, storage_of
from tests.browsing import ROOT, CameraPage, LaunchBrowser, StreamlitServer, camera_flags, opened
from tests.training.course.conftest import RECIPE
from tests.waiting import wait_until
from training.course.data.loading import load_split
from training.course.experiments.keeping import keep_outcome
from training.course.experiments.recipe import TrainingChoice
from training.course.experiments.training import run_experiment

pytestmark = pytest.mark.browser

Picture = NDArray[np.uint8]

LOOK = """image => {
  const canvas = new OffscreenCanvas(32, 16);
  const pen = canvas.getContext('2d');
  pen.drawImage(image, 0, 0, 32, 16);
  return pen.getImageData(0, 0, 32, 16).data.join();
}"""


def pictures_seen(page: Page, wanted: int) -> None:
    """Wait until the live picture has changed so many times."""
    image = page.locator('img[src*="/api/maps"]')
    seen: set[str] = set()

    def enough() -> bool:
        seen.add(image.evaluate(LOOK))
        return len(seen) > wanted

    wait_until(enough, seconds=60)


def test_maps_follow_the_camera_in_every_view(
    launch: LaunchBrowser, server: StreamlitServer, collins: Picture, tmp_path: Path
) -> None:
    clip = ROOT.parent / "shared" / "video" / "person_a.mp4"
    film = tmp_path / "film.mjpeg"
    film = film_of_clip(clip, film, seconds=4) if clip.exists() else film_of_face(collins, film)
    browser = launch(*camera_flags(film))
    with opened(browser, f"{server.url}/feature_maps?source=Camera&look=Maps") as page:
        CameraPage(page).start()
        for view in ("All channels", "One channel", "First to last"):
            page.get_by_text(view, exact=True).first.click()
            pictures_seen(page, 5)
        expect(page.get_by_text("Channel 0, closely")).to_be_visible()
        page.get_by_text("All channels", exact=True).first.click()
        source = page.locator('img[src*="/api/maps"]').get_attribute("src")
        page.get_by_text("Strength", exact=True).click()
        expect(page.get_by_text("strongest first")).to_be_visible()
        # The stream goes on: another address would make the picture flicker.
        assert page.locator('img[src*="/api/maps"]').get_attribute("src") == source
        pictures_seen(page, 5)
        ARTIFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTIFACTS / "feature-maps-live.png")
        page.get_by_role("button", name="Stop").click()
    browser.close()


def test_the_network_of_an_experiment_opens_from_its_link(launch: LaunchBrowser, server: StreamlitServer) -> None:
    storage = storage_of(server)
    recipe = RECIPE.model_copy(update={"training": TrainingChoice(epochs=1)})
    split = load_split(recipe.data, recipe.split, storage)
    record = keep_outcome(storage, recipe, split, run_experiment(recipe, split, storage), name="Mine")
    browser = launch()
    with opened(browser, f"{server.url}/feature_maps?net=experiment:{record.id}") as page:
        expect(page.get_by_text("Taken for")).to_be_visible()
        layers = page.get_by_test_id("stVegaLiteChart").first
        wait_until(lambda: page.locator("canvas").count() >= 1 or page.locator(".marks").count() >= 1)
        box = layers.bounding_box()
        assert box is not None
        layers.click(position={"x": box["width"] * 0.05, "y": 60})
        expect(page).to_have_url(re.compile("layer=0"))
        expect(page.get_by_role("combobox", name="Layer")).to_have_value("Convolution 0")
        page.get_by_role("tab", name="Why this class?").click()
        expect(page.get_by_text("LayerCAM at Max-pooling 2")).to_be_visible()
        page.get_by_role("combobox", name="Network").click()
        page.get_by_role("option", name="dlib face ResNet").click()
        expect(page.get_by_text("NASA, public domain")).to_be_visible()
        expect(page).to_have_url(re.compile("net=dlib"))
    browser.close()


def test_blocks_layers_and_activations_can_be_clicked(launch: LaunchBrowser, server: StreamlitServer) -> None:
    browser = launch()
    with opened(browser, f"{server.url}/feature_maps?look=Network") as page:
        blocks = page.get_by_test_id("stVegaLiteChart").first
        expect(page.get_by_text("Layers of stem")).to_be_visible()
        box = blocks.bounding_box()
        assert box is not None
        wait_until(lambda: page.locator("canvas").count() >= 2 or page.locator(".marks").count() >= 2)
        blocks.click(position={"x": box["width"] * 0.52, "y": 65})
        expect(page.get_by_text("Layers of blocks.8")).to_be_visible()
        expect(page).to_have_url(re.compile("layer=blocks.8.conv1"))
        page.get_by_test_id("stVegaLiteChart").nth(1).click(position={"x": box["width"] * 0.95, "y": 60})
        expect(page).to_have_url(re.compile("layer=blocks.8.relu2"))
        blocks.click(position={"x": 15, "y": 65})
        expect(page.get_by_text("Layers of stem")).to_be_visible()
    with opened(browser, f"{server.url}/feature_maps?look=Receptive+field&layer=blocks.0.relu2") as page:
        expect(page.get_by_text("Activation (17, 17)")).to_be_visible()
        page.get_by_test_id("stVegaLiteChart").first.click(position={"x": 40, "y": 40})
        expect(page.get_by_text("Activation (4, 4)")).to_be_visible()
        page.get_by_test_id("stVegaLiteChart").first.click(position={"x": 200, "y": 40})
        expect(page.get_by_text(re.compile(r"Activation \(4, 2[0-9]\)"))).to_be_visible()
    browser.close()
