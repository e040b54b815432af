"""The panel in a real browser: mouse and finger draw, the camera is answered live."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from recognition.pictures import encode_jpeg
from tests.browsing import CameraPage, LaunchBrowser, StreamlitServer, camera_flags, opened
from tests.training.course.conftest import RECIPE
from tests.training.course.test_preprocessing import drawn, photographed
from training.course.data.pictures import Split
from training.course.experiments.keeping import keep_outcome
from training.course.experiments.training import Outcome

pytestmark = pytest.mark.browser

APP = Path(__file__).parent / "scratch" / "app.py"

ONE = ((0.5, 0.2), (0.5, 0.8))


@pytest.fixture(scope="module")
def browser(launch: LaunchBrowser, tmp_path_factory: pytest.TempPathFactory) -> Browser:
    """Its camera looks at a 1 on paper."""
    film = tmp_path_factory.mktemp("film") / "one.mjpeg"
    film.write_bytes(encode_jpeg(photographed(drawn(*ONE))) * 10)
    return launch(*camera_flags(film))


@pytest.fixture(scope="module")
def server(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, learned: tuple[Split, Outcome]
) -> Iterator[StreamlitServer]:
    folder = tmp_path_factory.mktemp("app")
    keep_outcome(folder / "data", RECIPE, *learned)
    server = StreamlitServer(
        APP,
        folder / "log.txt",
        FAMILIAR_STORAGE=str(folder / "data"),
        FAMILIAR_SETTINGS_FILE=str(folder / "settings.json"),
    )
    server.start()
    yield server
    server.stop()


def draw(page: Page, *points: tuple[float, float]) -> None:
    """A stroke with the mouse, through points in shares of the canvas."""
    box = page.locator("section.drawing .paper svg").bounding_box()
    assert box is not None
    first, *others = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*first)
    page.mouse.down()
    for point in others:
        page.mouse.move(*point, steps=8)
    page.mouse.up()


def test_a_one_drawn_with_the_mouse_is_answered_undone_and_cleared(browser: Browser, server: StreamlitServer) -> None:
    with opened(browser, server.url) as page:
        drawing = page.locator("section.drawing")
        expect(drawing).to_have_attribute("data-strokes", "0")
        draw(page, *ONE)
        answer = page.get_by_text("Most likely:")
        expect(answer).to_have_text("Most likely: 1")
        expect(page.get_by_role("img", name="What the network saw")).to_be_visible()
        expect(page.get_by_test_id("stVegaLiteChart")).to_be_visible()
        draw(page, (0.2, 0.5), (0.8, 0.5))
        expect(drawing).to_have_attribute("data-strokes", "2")
        page.get_by_role("button", name="Undo").click()
        expect(drawing).to_have_attribute("data-strokes", "1")
        expect(answer).to_have_text("Most likely: 1")
        page.get_by_role("button", name="Clear").click()
        expect(answer).to_have_count(0)
        page.locator("section.drawing .paper svg").press("Control+z")
        expect(answer).to_have_text("Most likely: 1")
        # Hidden and shown again, it is still there.
        page.get_by_text("Upload", exact=True).click()
        expect(page.locator("input[type=file]")).to_be_attached()
        page.get_by_text("Draw", exact=True).click()
        expect(drawing).to_have_attribute("data-strokes", "1")
        expect(answer).to_have_text("Most likely: 1")


def test_a_finger_draws_and_does_not_scroll(browser: Browser, server: StreamlitServer) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 500}, has_touch=True, color_scheme="dark")
    page = context.new_page()
    page.goto(server.url)
    paper = page.locator("section.drawing .paper svg")
    paper.scroll_into_view_if_needed()
    box = paper.bounding_box()
    assert box is not None
    touch = context.new_cdp_session(page)
    ways = [("touchStart", 0.2), ("touchMove", 0.4), ("touchMove", 0.6), ("touchMove", 0.8), ("touchEnd", None)]
    for kind, share in ways:
        point = [] if share is None else [{"x": box["x"] + box["width"] / 2, "y": box["y"] + share * box["height"]}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": point})
    expect(page.get_by_text("Most likely:")).to_have_text("Most likely: 1")
    after = paper.bounding_box()
    assert after is not None and after["y"] == box["y"]
    context.close()


def test_the_camera_is_answered_live(browser: Browser, server: StreamlitServer) -> None:
    with opened(browser, f"{server.url}?try=Camera") as page:
        camera = CameraPage(page).start().expect("guess", "1")
        camera.expect_growth("seq")
        highest = page.locator("section.camera .guess li.highest")
        expect(highest).to_have_text(re.compile(r"^1(> )?\d+ %$"))
        expect(page.locator("section.camera .guess li")).to_have_count(10)
        seen = page.get_by_role("img", name="What the network saw")
        expect(seen).to_have_attribute("src", re.compile("^data:image/png;base64,"))
        turned = "element => new DOMMatrix(getComputedStyle(element).transform).a"
        assert seen.evaluate(turned) == camera.video.evaluate(turned) == -1
