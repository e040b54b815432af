"""A copy of everyone, made and restored on the Settings page, or brought to where people are added."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.restore import TASK
from recognition.gallery import Counts, Gallery, export_to_memory
from recognition.services import Services
from tests.pages.headless import checked, open_page, press, read_words
from tests.recognition.gallery.photos import photo
from tests.recognition.test_safe_zip import zipped

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Of Ada with two photos and Bob with one."""
    with Gallery.open(tmp_path_factory.mktemp("elsewhere")) as gallery:
        gallery.enroll("Ada", [photo(1), photo(2)], consented=True)
        gallery.enroll("Bob", [photo(3)], consented=True)
        return export_to_memory(gallery)[0]


def upload(page: AppTest, data: bytes) -> AppTest:
    return checked(page.file_uploader[0].upload("everyone.zip", data, "application/zip").run())


def restore(page: AppTest, app: Services) -> AppTest:
    press(page, "Restore")
    task = app.tasks.get(TASK)
    assert task is not None
    task.wait(60)
    return checked(page.run())


def test_settings_restore_a_copy_and_say_what_was_stored(app: Services, copy: bytes) -> None:
    page = upload(open_page("settings.py"), copy)
    assert "Restored 3 photos; 2 people are new here." in read_words(restore(page, app))
    assert app.gallery.counts() == Counts(people=2, photos=3)
    page = press(page, "Done")
    assert "Nothing to add: 3 photos" in read_words(restore(upload(page, copy), app))


def test_a_photo_that_the_copy_lacks_is_told_before_it_is_relied_on(app: Services) -> None:
    app.gallery.enroll("Ada", [photo(1), photo(2)], consented=True)
    next((app.settings.storage / "crops").rglob("*.png")).unlink()
    page = press(open_page("settings.py"), "Back up everyone (.zip)")
    assert "Without 1 photo" in read_words(page)


def test_what_is_no_copy_is_told(app: Services) -> None:
    page = upload(open_page("settings.py"), zipped(("Ada/1.jpg", b"1")))
    assert "This zip holds pictures" in read_words(page)
    assert all(button.label != "Restore" for button in page.button)
