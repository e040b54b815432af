"""The main job on real clips: two people enroll in front of the camera, are named live, a third one stays unknown."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ARTIFACTS, film_of_clip
from tests.browsing import CameraPage, LaunchBrowser, StreamlitServer, camera_flags, opened
from tests.waiting import wait_until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def films(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("films")
    return {
        name: film_of_clip(shared / "video" / f"person_{clip}.mp4", folder / f"{clip}.mjpeg")
        for name, clip in {"Ann": "a", "Carl": "c", "stranger": "b"}.items()
    }


def screenshot(page: Page, name: str) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"{name}.png")


def enroll(page: Page, name: str) -> None:
    camera = CameraPage(page).start()
    page.get_by_label("Whose photos are these?").fill(name)
    page.get_by_text("They agreed to their face").click()
    wait_until(lambda: camera.number("photos") >= 6, seconds=60)
    screenshot(page, f"enroll-{name}")
    expect(page).to_have_url(re.compile("round="))
    page.reload()
    expect(page.get_by_label("Whose photos are these?")).to_have_value(name)
    expect(page.get_by_role("checkbox")).to_be_checked()
    wait_until(lambda: camera.number("photos") >= 6)
    page.get_by_role("button", name=re.compile(f"^.*Save {name}")).click()
    expect(page.get_by_text(re.compile(f"{name} is enrolled, with [0-9]+ photos"))).to_be_visible()
    screenshot(page, f"enrolled-{name}")


def name_them(page: Page, name: str) -> None:
    """Answer “Who is this?”."""
    dialog = page.get_by_role("dialog", name="Who is this?")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label("Name").press("Enter")
    dialog.get_by_text("They agreed to their face being stored here").click()
    screenshot(page, "who-is-this")
    dialog.get_by_role("button", name=re.compile("Save [0-9]+ pictures")).click()
    expect(dialog).to_have_count(0)


def names_seen(page: Page, answers: int = 60) -> set[str]:
    """The names shown during the next answers."""
    camera = CameraPage(page)
    seen: set[str] = set()
    last = camera.number("seq") + answers

    def look() -> bool:
        seen.update((camera.root.get_attribute("data-names") or "").split(","))
        return camera.number("seq") >= last

    wait_until(look, seconds=60)
    return seen - {""}


def test_enroll_two_then_name_them_and_nobody_else_then_delete_one(
    launch: LaunchBrowser, server: StreamlitServer, films: dict[str, Path]
) -> None:
    for name in ("Ann", "Carl"):
        browser = launch(*camera_flags(films[name]))
        with opened(browser, f"{server.url}/enroll") as page:
            enroll(page, name)
        browser.close()

    for name in ("Ann", "Carl"):
        browser = launch(*camera_flags(films[name]))
        with opened(browser, f"{server.url}/live") as page:
            CameraPage(page).start().expect("names", name)
            assert names_seen(page) == {name}
            expect(page.get_by_role("list", name="Visits").get_by_role("button", name=name)).to_be_visible()
            screenshot(page, f"live-{name}")
        browser.close()

    stranger = launch(*camera_flags(films["stranger"]))
    with opened(stranger, f"{server.url}/live") as page:
        CameraPage(page).start().expect("names", "?")
        assert names_seen(page, answers=150) == {"?"}
        screenshot(page, "live-stranger")
        page.get_by_role("list", name="In view now").get_by_role("button", name="who is this?").click()
        name_them(page, "Bea")
        CameraPage(page).expect("names", "Bea")
        screenshot(page, "live-named")
        page.get_by_role("list", name="Visits").get_by_role("button", name="Bea").first.click()
        expect(page.get_by_role("heading", name="Bea")).to_be_visible()
    stranger.close()

    browser = launch(*camera_flags(films["Ann"]))
    with opened(browser, f"{server.url}/live") as live, opened(browser, f"{server.url}/people") as people:
        CameraPage(live).start().expect("names", "Ann")
        screenshot(people, "people")
        people.get_by_role("link", name="Ann").click()
        expect(people.get_by_role("heading", name="Ann")).to_be_visible()
        screenshot(people, "person")
        people.get_by_role("button", name="Delete person").click()
        people.get_by_role("button", name="Delete now").click()
        expect(people.get_by_role("list", name="People").get_by_role("link")).to_have_count(2)
        live.bring_to_front()
        CameraPage(live).expect("names", "?")
    browser.close()
