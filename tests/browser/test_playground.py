"""Playground: points put down by hand, and a boundary that moves."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ARTIFACTS
from tests.browsing import LaunchBrowser, StreamlitServer, opened
from tests.waiting import wait_until

pytestmark = pytest.mark.browser

XOR = ((0.25, 0.25, "A"), (0.75, 0.75, "A"), (0.25, 0.75, "B"), (0.75, 0.25, "B"))
"""Places as shares of the canvas, and their classes."""


def picture(page: Page) -> str:
    return str(page.locator(".plane canvas").evaluate("canvas => canvas.toDataURL()"))


def test_points_are_put_down_and_the_boundary_moves(launch: LaunchBrowser, server: StreamlitServer) -> None:
    browser = launch()
    with opened(browser, f"{server.url}/playground?panel=Dense+network&dense_points=Your+own&dense_epochs=10") as page:
        plane, canvas = page.locator(".plane"), page.locator(".plane canvas")
        expect(page.get_by_text("There are no points yet")).to_be_visible()
        box = canvas.bounding_box()
        assert box is not None
        for x, y, label in XOR:
            page.get_by_role("radio", name=f"Class {label}").click()
            canvas.click(position={"x": box["width"] * x, "y": box["height"] * y})
        expect(plane).to_have_attribute("data-points", "4")
        expect(plane).to_have_attribute("data-epoch", "10")
        # All four have arrived, and stand in the address: another visitor sees the same.
        expect(page).to_have_url(re.compile(r"own=(A-?\d+_-?\d+~){2}B-?\d+_-?\d+~B"))

        page.get_by_role("button", name="One epoch back").click()
        expect(plane).to_have_attribute("data-epoch", "9")
        expect(page.get_by_text("after epoch 9")).to_be_visible()
        expect(page).to_have_url(re.compile("dense_epoch=9"))
        plane.get_by_role("slider").fill("0")
        expect(plane).to_have_attribute("data-epoch", "0")
        seen = {picture(page)}
        page.get_by_role("button", name="Play", exact=True).click()

        def moved() -> bool:
            seen.add(picture(page))
            return len(seen) > 5

        wait_until(moved)
        expect(plane).to_have_attribute("data-playing", "false")
        expect(plane).to_have_attribute("data-epoch", "10")
        expect(page).not_to_have_url(re.compile("dense_epoch="))

        # A tap on a point chooses it, and its numbers.
        canvas.click(position={"x": box["width"] * 0.25, "y": box["height"] * 0.25})
        expect(plane).to_have_attribute("data-chosen", "0")
        expect(page.get_by_label("Point", exact=True)).to_have_value("1")
        page.get_by_role("button", name="Take the last point back").click()
        expect(plane).to_have_attribute("data-points", "3")
        ARTIFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTIFACTS / "playground.png")
        page.get_by_role("button", name="Take all points away").click()
        expect(page.get_by_text("There are no points yet")).to_be_visible()
    browser.close()
