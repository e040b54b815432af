"""The People page in a real browser: its dialogs, one after the other."""

import re

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect

from recognition.enrollment import enroll_pictures
from recognition.gallery import ArchivedPicture, Gallery
from recognition.pictures import encode_png
from recognition.recognizer import Recognizer
from tests.browser.conftest import storage_of
from tests.browsing import LaunchBrowser, StreamlitServer, opened

pytestmark = pytest.mark.browser


def test_rename_delete_a_photo_merge_and_delete(
    launch: LaunchBrowser,
    server: StreamlitServer,
    recognizer: Recognizer,
    astronaut: NDArray[np.uint8],
    hopper: NDArray[np.uint8],
) -> None:
    darker = (astronaut * 0.9).astype(np.uint8)
    files = [("Eileen", astronaut), ("Eileen", darker), ("Grace", hopper)]
    pictures = [ArchivedPicture(name, f"{number}.png", encode_png(file)) for number, (name, file) in enumerate(files)]
    with Gallery.open(storage_of(server)) as gallery:
        enroll_pictures(pictures, gallery, recognizer, source="command line", consented=True)

        browser = launch()
        with opened(browser, f"{server.url}/people") as page:
            page.get_by_role("button", name="Open").first.click()
            page.get_by_role("button", name="Rename").click()
            dialog = page.get_by_role("dialog")
            dialog.get_by_label("New name").fill("grace")
            dialog.get_by_label("New name").press("Enter")
            dialog.get_by_role("button", name="Rename").click()
            expect(dialog.get_by_text("Grace")).to_be_visible()
            dialog.get_by_label("New name").fill("Commander")
            dialog.get_by_label("New name").press("Enter")
            dialog.get_by_role("button", name="Rename").click()
            expect(page.get_by_role("heading", name="Commander")).to_be_visible()

            page.get_by_role("button", name=re.compile("Delete$")).first.click()
            expect(page.get_by_text(re.compile("^1 photo, enrolled"))).to_be_visible()

            page.get_by_role("button", name="Merge").click()
            dialog.get_by_role("button", name="Merge").click()
            expect(page.get_by_text(re.compile("^2 photos, enrolled"))).to_be_visible()
            assert [(person.name, person.photo_count) for person in gallery.people()] == [("Commander", 2)]

            page.get_by_role("button", name="Delete person").click()
            page.get_by_role("button", name="Delete for good").click()
            expect(page.get_by_text("Nobody is enrolled yet")).to_be_visible()
            assert gallery.counts().people == 0
        browser.close()
