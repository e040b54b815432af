"""The app with pictures that every machine has: enroll from files, be named live, look at every page."""

import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect

from recognition.pictures import encode_jpeg
from tests.browser.conftest import ARTIFACTS, film_file, film_of_face
from tests.browsing import CameraPage, LaunchBrowser, StreamlitServer, camera_flags, opened
from tests.waiting import wait_until

pytestmark = pytest.mark.browser

Picture = NDArray[np.uint8]

PAGES = ("", "enroll", "live", "people", "train", "evaluate", "feature_maps", "convolution_lab", "settings")


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory, astronaut: Picture) -> list[Path]:
    """Three photos of Collins that differ in light, and one of nobody."""
    folder = tmp_path_factory.mktemp("photos")
    shades = {f"{gain}.jpg": np.clip(astronaut * gain, 0, 255).astype(np.uint8) for gain in (0.85, 1.0, 1.1)}
    for name, picture in (shades | {"nobody.jpg": np.zeros_like(astronaut)}).items():
        (folder / name).write_bytes(encode_jpeg(picture))
    return sorted(folder.iterdir())


def test_enroll_from_files_then_be_named_live(
    launch: LaunchBrowser,
    server: StreamlitServer,
    photos: list[Path],
    collins: Picture,
    hopper: Picture,
    tmp_path: Path,
) -> None:
    browser = launch(*camera_flags(film_of_face(collins, tmp_path / "collins.mjpeg")))
    with opened(browser, f"{server.url}/enroll") as page:
        page.get_by_text("Files", exact=True).click()
        page.locator("input[type=file]").set_input_files(photos)
        page.get_by_label("Whose photos are these?").fill("Eileen *Collins*")
        page.get_by_text("Everyone in these photos agreed").click()
        page.get_by_test_id("stBaseButton-primary").click()
        expect(page.get_by_text("3 photos of 1 person saved.")).to_be_visible()
        expect(page.get_by_text("1 photo refused")).to_be_visible()
        page.screenshot(path=ARTIFACTS / "enroll-files.png")
    with opened(browser, f"{server.url}/live") as page:
        CameraPage(page).start().expect("names", "Eileen *Collins*")
    with opened(browser, f"{server.url}/live") as page:
        page.get_by_text("Picture", exact=True).click()
        page.locator("input[type=file]").set_input_files(photos[0])
        expect(page.get_by_text("1 face: 1 known, 0 unknown.")).to_be_visible()
        page.screenshot(path=ARTIFACTS / "live-picture.png")
        # AVI is what no browser plays: a copy is made that does.
        page.get_by_text("Video", exact=True).click()
        expect(page.get_by_text("A video with faces")).to_be_visible()
        page.locator("input[type=file]").set_input_files(film_file(collins, tmp_path / "film.avi"))
        player = page.locator("section.player")
        expect(player).to_have_attribute("data-names", "Eileen *Collins*", timeout=60_000)
        wait_until(lambda: player.locator("video").evaluate("video => video.readyState") >= 2, seconds=60)
        page.get_by_role("button", name="Play", exact=True).click()
        wait_until(lambda: float(player.locator("video").evaluate("video => video.currentTime")) > 0.2)
        page.get_by_role("link", name="Home").click()
        page.get_by_role("link", name="Live", exact=True).first.click()
        page.get_by_text("Video", exact=True).click()
        expect(player.get_by_role("button", name="Eileen *Collins*")).to_be_visible()
        page.get_by_role("button", name="Make a video with boxes").click()
        with page.expect_download() as download:
            page.get_by_role("button", name="Video with boxes (.webm)", exact=True).click(timeout=60_000)
        assert download.value.suggested_filename == "film-people.webm"
        page.screenshot(path=ARTIFACTS / "live-video.png")
    browser.close()

    browser = launch(*camera_flags(film_of_face(hopper, tmp_path / "hopper.mjpeg")))
    with opened(browser, f"{server.url}/live") as page:
        CameraPage(page).start().expect("names", "?")
    browser.close()


def test_every_page_opens_without_an_error(launch: LaunchBrowser, server: StreamlitServer) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    browser = launch()
    with opened(browser, server.url) as page:
        for name in PAGES:
            page.goto(f"{server.url}/{name}")
            expect(page.locator("h1")).to_be_visible()
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
                for width in (390, 1280):
                    page.set_viewport_size({"width": width, "height": 900})
                    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
                    assert page.get_by_test_id("stException").count() == 0
                    assert page.get_by_text(re.compile("Traceback")).count() == 0
                    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
                    page.screenshot(path=ARTIFACTS / f"page-{name or 'home'}-{scheme}-{width}.png")
    browser.close()
