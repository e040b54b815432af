"""The People page in a real browser: its dialogs, one after the other."""

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


def test_search_rename_add_delete_merge_and_undo(
    launch: LaunchBrowser,
    server: StreamlitServer,
    recognizer: Recognizer,
    astronaut: NDArray[np.uint8],
    hopper: NDArray[np.uint8],
) -> None:
    def lit(light: float) -> bytes:
        return encode_png((astronaut * light).astype(np.uint8))

    files = [("Eileen", lit(1.0)), ("Eileen", lit(0.9)), ("Grace", encode_png(hopper))]
    pictures = [ArchivedPicture(name, f"{number}.png", data) for number, (name, data) in enumerate(files)]
    with Gallery.open(storage_of(server)) as gallery:
        enroll_pictures(pictures, gallery, recognizer, source="command line", consented=True)

        browser = launch()
        with opened(browser, f"{server.url}/people") as page:
            dialog, tiles = page.get_by_role("dialog"), page.locator(".tile")

            # Found while one types, without Enter; opened with the keyboard.
            expect(tiles).to_have_count(2)
            page.get_by_label("Search by name").press_sequentially("eil")
            expect(tiles).to_have_count(1)
            page.get_by_role("link", name="Eileen").press("Enter")
            expect(page.get_by_role("heading", name="Eileen")).to_be_visible()

            page.get_by_role("button", name="Rename").click()
            dialog.get_by_label("New name").fill("grace")
            dialog.get_by_label("New name").press("Enter")
            dialog.get_by_role("button", name="Rename").click()
            expect(dialog.get_by_text("Grace")).to_be_visible()
            dialog.get_by_label("New name").fill("Commander")
            dialog.get_by_label("New name").press("Enter")
            dialog.get_by_role("button", name="Rename").click()
            expect(page.get_by_role("heading", name="Commander")).to_be_visible()

            # However the dialog is closed, the page shows what was added.
            for light, close, photos in ((0.8, "Done", 3), (0.7, "Close", 4)):
                page.get_by_role("button", name="Add photos").click()
                file = {"name": "face.png", "mimeType": "image/png", "buffer": lit(light)}
                dialog.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
                dialog.get_by_role("button", name="Add", exact=True).click()
                expect(dialog.get_by_text("1 photo added")).to_be_visible()
                dialog.get_by_role("button", name=close, exact=True).click()
                expect(dialog).to_have_count(0)
                expect(tiles).to_have_count(photos)

            before = gallery.people()
            tiles.first.click()
            page.get_by_role("button", name="Delete 1 photo").click()
            dialog.get_by_role("button", name="Delete", exact=True).click()
            expect(page.get_by_text("1 photo of Commander was deleted.")).to_be_visible()
            expect(tiles).to_have_count(3)
            page.get_by_role("button", name="Undo").click()
            expect(tiles).to_have_count(4)
            assert gallery.people() == before

            # Nobody is chosen until somebody is; both faces are seen before it happens.
            page.get_by_role("button", name="Merge", exact=True).first.click()
            merge = dialog.get_by_role("button", name="Merge")
            expect(merge).to_be_disabled()
            dialog.get_by_role("button", name="Grace").click()
            expect(dialog.locator(".faces[data-kind=show] img")).to_have_count(2)
            dialog.get_by_role("button", name="Cancel").click()
            expect(dialog).to_have_count(0)
            assert gallery.people() == before
            page.get_by_role("button", name="Merge", exact=True).first.click()
            dialog.get_by_role("button", name="Grace").click()
            merge.click()
            expect(page.get_by_text("Grace was merged into Commander.")).to_be_visible()
            expect(tiles).to_have_count(5)
            page.get_by_role("button", name="Undo").click()
            expect(tiles).to_have_count(4)
            assert gallery.people() == before

            page.get_by_role("button", name="Delete person").click()
            dialog.get_by_role("button", name="Delete", exact=True).click()
            expect(page.get_by_text("Commander was deleted, with 4 photos.")).to_be_visible()
            expect(tiles).to_have_count(1)
            page.get_by_role("button", name="Delete now").click()
            expect(page.get_by_text("Commander was deleted")).to_have_count(0)
            assert gallery.removals() == [] and [person.name for person in gallery.people()] == ["Grace"]
        browser.close()
