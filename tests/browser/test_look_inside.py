"""Look inside: a network to be touched, still and live, and a window that slides in the browser."""

import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Locator, expect

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


def number(touch: Locator, name: str) -> float:
    return float(touch.get_attribute(f"data-{name}") or "nan")


def test_the_network_follows_the_camera_until_it_is_held(
    launch: LaunchBrowser, server: StreamlitServer, collins: Picture, tmp_path: Path
) -> None:
    clip = ROOT.parent / "shared" / "video" / "person_a.mp4"
    film = tmp_path / "film.mjpeg"
    film = film_of_clip(clip, film, seconds=4) if clip.exists() else film_of_face(collins, film)
    browser = launch(*camera_flags(film))
    with opened(browser, f"{server.url}/feature_maps?source=Camera&look=Maps&layer=blocks.0.conv1") as page:
        CameraPage(page).start()
        touch = page.locator(".touch")
        values: set[str | None] = set()

        def moving() -> bool:
            values.add(touch.get_attribute("data-value"))
            return len(values) > 3

        expect(page.get_by_text(re.compile("of Layer 5: Convolution, block 1"))).to_be_visible()
        page.locator(".touch .map .frame").click(position={"x": 40, "y": 40})
        wait_until(moving, seconds=60)
        assert number(touch, "total") == pytest.approx(number(touch, "value"), abs=1e-3)
        page.locator(".touch .wall button").nth(9).click()
        expect(page.get_by_text("Channel 9 of Layer 5")).to_be_visible()
        ARTIFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTIFACTS / "feature-maps-live.png")
        page.get_by_role("tab", name="Why this name?").click()
        expect(page.locator('img[src*="/api/maps"]')).to_be_visible()
        page.get_by_role("tab", name="Before and after").click()
        expect(page.get_by_text("Frozen: this is the face of")).to_be_visible()
        page.get_by_role("tab", name="Maps").click()
        page.get_by_text("Hold this face").click()
        expect(page.get_by_text("Frozen: this is the face of")).to_be_visible()
        page.get_by_role("button", name="Stop").click()
    browser.close()


def test_the_network_of_an_experiment_opens_from_its_link(launch: LaunchBrowser, server: StreamlitServer) -> None:
    storage = storage_of(server)
    recipe = RECIPE.model_copy(update={"training": TrainingChoice(epochs=1)})
    split = load_split(recipe.data, recipe.split, storage)
    record = keep_outcome(storage, recipe, split, run_experiment(recipe, split, storage), name="Mine")
    browser = launch()
    with opened(browser, f"{server.url}/feature_maps?net=experiment:{record.id}") as page:
        expect(page.locator(".touch .answer li")).to_have_count(3)
        page.locator(".touch .parts button").nth(1).click()
        expect(page).to_have_url(re.compile("layer=1"))
        expect(page.get_by_role("combobox", name="Layer")).to_have_value("Layer 2: ReLU")
        page.get_by_role("tab", name="Why this class?").click()
        expect(page.get_by_text("LayerCAM at Layer 3: Max-pooling")).to_be_visible()
        page.get_by_role("combobox", name="Network").click()
        page.get_by_role("option", name="Familiar face ResNet").click()
        expect(page.get_by_text(re.compile("of Layer 1: Convolution, stem"))).to_be_visible()
        expect(page).to_have_url(re.compile("net=familiar"))
    browser.close()


def test_tiles_cells_and_pixels_can_be_touched(launch: LaunchBrowser, server: StreamlitServer) -> None:
    browser = launch()
    with opened(browser, f"{server.url}/feature_maps") as page:
        touch = page.locator(".touch")
        expect(page.get_by_text(re.compile("of Layer 1: Convolution, stem"))).to_be_visible()
        frame, face = page.locator(".touch .map .frame"), page.locator(".touch .face .frame")
        side = frame.bounding_box() or pytest.fail("the map is not there")
        twin = face.bounding_box() or pytest.fail("the face is not there")
        assert abs(side["width"] - side["height"]) < 1 and abs(side["width"] - twin["width"]) < 1 and side["y"] == twin["y"]
        # Pointing alone shows a cell's window and its sum: the page is not asked.
        frame.hover(position={"x": side["width"] * 0.51, "y": side["height"] * 0.26})
        expect(touch).to_have_attribute("data-row", "18")
        expect(touch).to_have_attribute("data-column", "36")
        assert number(touch, "total") == pytest.approx(number(touch, "value"), abs=1e-3)
        expect(page.get_by_text("It sees 7×7 of 150×150 pixels")).to_be_visible()
        expect(page.locator(".touch .sum .term")).to_have_count(3)
        expect(page.locator(".touch .face .cell")).to_have_attribute("x", "72")
        face.hover(position={"x": side["width"] * 0.5, "y": side["height"] * 0.5})
        expect(touch).to_have_attribute("data-row", "36")
        frame.click(position={"x": 5, "y": 5})
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowDown")
        expect(page).to_have_url(re.compile("row=2"))
        expect(page).to_have_url(re.compile("col=2"))
        page.locator(".touch .parts button").nth(4).click()
        expect(page.get_by_text(re.compile("of Layer 32: ReLU, block 4"))).to_be_visible()
        expect(page.get_by_text("past it, the shortcut")).to_be_visible()
        page.locator(".touch .layers button").nth(3).click()
        expect(page).to_have_url(re.compile("layer=blocks.3.conv2"))
        expect(page.get_by_text(re.compile("of Layer 29: Convolution, block 4"))).to_be_visible()
        assert number(touch, "total") == pytest.approx(number(touch, "value"), abs=1e-3)
        page.locator(".touch .wall button").nth(7).press("ArrowRight")
        expect(page.get_by_text("Channel 8 of Layer 29")).to_be_visible()
        page.screenshot(path=ARTIFACTS / "feature-maps.png")
    with opened(browser, f"{server.url}/convolution_lab?panel=Step+by+step&position=2") as page:
        stepper = page.locator(".stepper")
        expect(stepper).to_have_attribute("data-position", "1")
        expect(page.get_by_text("Cell (0, 1): 1 + 0 + 0 + 0 + 1 + 0 + 0 + 0 + 1 = 3")).to_be_visible()
        page.get_by_role("slider", name="Steps a second").fill("4")
        page.get_by_role("button", name="Play").click()
        expect(stepper).to_have_attribute("data-position", "8")
        expect(stepper).to_have_attribute("data-playing", "false")
        expect(page).to_have_url(re.compile("position=9"))
        page.locator(".stepper .output button").nth(3).click()
        expect(stepper).to_have_attribute("data-total", "2")
    browser.close()
