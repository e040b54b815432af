"""An experiment in the browser: set up, trained, its result read, and its recipe taken up again."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ARTIFACTS
from tests.browsing import LaunchBrowser, StreamlitServer, opened

pytestmark = pytest.mark.browser

A_TRAINING = 120_000
"""Milliseconds that a training of a second may take on a busy machine, its process's start included."""


def test_digits_are_learned_and_what_went_wrong_is_shown(launch: LaunchBrowser, server: StreamlitServer) -> None:
    browser = launch()
    with opened(browser, f"{server.url}/experiments?net=softmax-regression&epochs=3") as page:
        expect(page.get_by_text("650 parameters")).to_be_visible()
        expect(page.get_by_alt_text("Pictures of 7")).to_be_visible()
        page.get_by_role("button", name="Train", exact=True).click()
        expect(page.get_by_text("Test accuracy", exact=True)).to_be_visible(timeout=A_TRAINING)
        expect(page.get_by_test_id("stAlert").filter(has_text="Training 0.")).to_be_visible()
        ARTIFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTIFACTS / "experiment-result.png")
        shared = page.url
    with opened(browser, shared) as page:
        page.get_by_role("tab", name="Mixed up").click()
        expect(page.get_by_text("Mixed up most")).to_be_visible()
        page.get_by_role("button", name="Change and train again").click()
        expect(page.get_by_label("Epochs", exact=True)).to_have_value("3")
        expect(page.get_by_text("650 parameters")).to_be_visible()
    browser.close()
