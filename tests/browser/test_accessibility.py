"""Every page looked over by axe (Deque): labels, contrast, names of buttons and pictures."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browsing import LaunchBrowser, StreamlitServer
from tests.waiting import wait_until

pytestmark = pytest.mark.browser

PAGES = (
    "",
    "enroll",
    "live",
    "people",
    "people?person=1",
    "train",
    "evaluate",
    "feature_maps",
    "convolution_lab",
    "playground",
    "experiments",
    "search",
    "compression",
    "settings",
)

STREAMLITS_OWN = ["[data-testid=stSidebar]", "[data-testid=stFileUploaderDropzone]", ".katex-display"]
"""Parts that break rules whatever an app does: a list with headings in it, a button within a button, formulas that scroll."""


def findings(page: Page) -> Iterator[str]:
    """What axe calls serious or critical in what is ours."""
    context = {"exclude": [[part] for part in STREAMLITS_OWN]}
    for violation in Axe().run(page, context).response["violations"]:
        if violation["impact"] in ("serious", "critical"):
            for node in violation["nodes"]:
                yield f"{violation['id']}: {node['html'][:200]} {node['any'][0]['message'] if node['any'] else ''}"


def test_no_page_has_a_serious_violation(launch: LaunchBrowser, server: StreamlitServer) -> None:
    context = launch().new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()
    page.goto(server.url)
    page.get_by_role("button", name="Try it without a camera").click()
    expect(page.get_by_role("button", name="Demo film")).to_be_visible()
    told = []
    for address in PAGES:
        page.goto(f"{server.url}/{address}")
        expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()
        page.locator("h1, section.camera").first.wait_for()
        # What is about to be replaced is paler for a moment.
        with suppress(AssertionError):
            wait_until(lambda: not any(findings(page)), 5)
        told += [f"/{address} {finding}" for finding in findings(page)]
    assert told == [], "\n".join(told)
