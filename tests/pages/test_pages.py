"""The pages, headless: empty and filled galleries, and what happens to bad input."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import streamlit as st
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from pages.live import files
from recognition.enrollment import enroll_pictures
from recognition.gallery import ArchivedPicture
from recognition.gallery.files import crop_file
from recognition.networks import BUILT_IN
from recognition.pictures import encode_png
from recognition.services import Services
from recognition.settings import Settings, load_settings, saved_file
from recognition.snapshots import TEMPLATES_TASK
from tests.traces import bytes_in_memory

MAIN = str(Path(__file__).parents[2] / "pages" / "main.py")

Picture = NDArray[np.uint8]


pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def two_people(app: Services, astronaut: Picture, hopper: Picture) -> Services:
    pictures = {"Eileen *Collins*": astronaut, "Grace": hopper}
    files = [ArchivedPicture(name, "1.png", encode_png(picture)) for name, picture in pictures.items()]
    enroll_pictures(files, app.gallery, app.recognizer(), source="upload", consented=True)
    return app


def opened(page: str, **params: str) -> AppTest:
    test = AppTest.from_file(MAIN, default_timeout=60)
    test.run()
    if page != "home":
        test.switch_page(f"{page}.py")
        for name, value in params.items():
            test.query_params[name] = value
        test.run()
    assert not test.exception, test.exception
    return test


def words(test: AppTest) -> str:
    kinds = (test.title, test.subheader, test.markdown, test.caption, test.info, test.warning, test.error, test.success)
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")


def press(test: AppTest, label: str) -> AppTest:
    next(button for button in test.button if button.label == label).click().run()
    assert not test.exception, test.exception
    return test


def test_an_empty_gallery_says_where_to_start() -> None:
    assert "Nobody enrolled yet: start here" in words(opened("home"))
    assert "Nobody is enrolled yet" in words(opened("people"))
    assert "every face will be unknown" in words(opened("live"))


def test_home_counts_what_is_there(two_people: Services) -> None:
    assert "2 people, 2 photos" in words(opened("home"))


@pytest.mark.parametrize(("search", "found"), [("", 2), ("GRACE", 1), ("%", 0), ("nobody", 0)])
def test_people_are_found_by_name(two_people: Services, search: str, found: int) -> None:
    test = opened("people")
    test.text_input[0].set_value(search).run()
    assert sum(button.label == "Open" for button in test.button) == found
    if not found:
        assert "Nobody is called" in words(test)


def test_a_person_has_a_page_and_names_are_not_markdown(two_people: Services) -> None:
    # Dialogs need a browser: tests/browser/test_people.py renames, merges and deletes.
    eileen, _ = two_people.gallery.people()
    test = opened("people", person=str(eileen.id))
    assert test.title[0].value == r"Eileen \*Collins\*"
    assert {"Rename", "Add photos", "Merge", "Delete person"} <= {button.label for button in test.button}


def test_a_photo_can_be_deleted_but_not_the_last_one(two_people: Services, astronaut: Picture) -> None:
    grace = two_people.gallery.find("Grace")
    assert grace is not None
    test = opened("people", person=str(grace.id))
    (delete,) = [button for button in test.button if button.label == "Delete"]
    assert delete.disabled


def test_a_person_is_deleted_with_all_that_pages_keep(two_people: Services, tmp_path: Path, astronaut: Picture) -> None:
    @st.cache_resource
    def computed() -> object:
        return object()

    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 15, (512, 512))
    for _ in range(8):
        writer.write(cv2.cvtColor(astronaut, cv2.COLOR_RGB2BGR))
    writer.release()
    watching = files._start(path.read_bytes(), 0.5)
    assert watching.task is not None and watching.task.wait(60).status == "done"
    before, name = computed(), b"Eileen *Collins*"
    assert name in bytes_in_memory(watching)

    def dialog(person: object) -> None:
        from pages.people.person import _delete

        _delete(person)  # type: ignore[arg-type]

    person = two_people.gallery.find("Eileen *Collins*")
    test = AppTest.from_function(dialog, args=(person,), default_timeout=60)
    test.query_params["person"] = "1"
    press(test.run(), "Delete for good")
    assert "not in the gallery" in words(test), "which the dialog would say to somebody else"
    assert [one.name for one in two_people.gallery.people()] == ["Grace"]
    assert name not in bytes_in_memory(watching) and watching.preview is None and watching.task is None
    assert computed() is not before


def test_a_missing_cover_file_leaves_the_list_of_people_whole(two_people: Services) -> None:
    eileen, grace = two_people.gallery.people()
    (photo,) = two_people.gallery.photos(eileen.id)
    next((two_people.settings.storage / "crops").rglob(f"{photo.crop_sha256}*")).unlink()
    test = opened("people")
    assert words(test).count("The file is missing") == 1
    assert sum(button.label == "Open" for button in test.button) == 2
    assert "The file is missing" in words(opened("people", person=str(eileen.id)))
    assert "The file is missing" not in words(opened("people", person=str(grace.id)))


def test_photos_for_a_person_deleted_meanwhile_enroll_nobody(two_people: Services, astronaut: Picture) -> None:
    def dialog(person: object) -> None:
        from pages.people.person import _add_photos

        _add_photos(person)  # type: ignore[arg-type]

    grace = two_people.gallery.find("Grace")
    test = AppTest.from_function(dialog, args=(grace,), default_timeout=60).run()
    test.file_uploader[0].set_value(("face.png", encode_png((astronaut * 0.9).astype(np.uint8)), "image/png")).run()
    assert grace is not None
    two_people.gallery.delete_person(grace.id)
    press(test, "Add")
    assert "not in the gallery" in words(test)
    assert [person.name for person in two_people.gallery.people()] == ["Eileen *Collins*"]


def test_whoever_cannot_be_named_is_shown_as_such(two_people: Services) -> None:
    """As when every photo of somebody is damaged, and another network is put to use that has to read them."""
    (person, _) = two_people.gallery.people()
    for photo in two_people.gallery.photos(person.id):
        (two_people.settings.storage / crop_file(photo.crop_sha256)).unlink()
    two_people.gallery.drop_templates(BUILT_IN.key)
    assert two_people.recognizer().index.waiting
    task = two_people.tasks.get(TEMPLATES_TASK)
    assert task is not None
    assert task.wait(60).status == "done"
    for page in ("people.py", "live.py"):
        test = AppTest.from_file(MAIN, default_timeout=60).run()
        test.switch_page(page).run()
        assert not test.exception
        assert any("1 person can't be named" in warning.value for warning in test.warning), page
    test.switch_page("people.py").run()
    assert sum("Can't be named yet" in element.value for element in test.markdown) == 1


@pytest.mark.parametrize("person", ["999", "abc", "-1", "9" * 40])
def test_an_address_of_nobody_leads_to_everybody(two_people: Services, person: str) -> None:
    test = opened("people", person=person)
    assert test.title[0].value == "People"


def test_an_impossible_name_is_told() -> None:
    test = opened("enroll")
    test.text_input[0].set_value("a\x07b").run()
    assert test.error


def test_settings_are_saved_and_used(app: Services) -> None:
    test = opened("settings")
    test.slider[0].set_value(80)
    press(test, "Save")
    assert app.settings.min_confidence == 0.8


def test_what_is_set_elsewhere_is_locked_and_says_where(app: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text(f"FAMILIAR_MIN_FACE=80\nFAMILIAR_NETWORK=dlib\nFAMILIAR_STORAGE={app.settings.storage}")
    monkeypatch.setitem(Settings.model_config, "env_file", tmp_path / ".env")
    monkeypatch.setenv("FAMILIAR_DEVICE", "cpu")
    app.use_settings(load_settings())
    test = opened("settings")
    assert [slider.disabled for slider in test.slider] == [False, True]
    assert test.radio[0].disabled
    said = words(test)
    assert "Set by FAMILIAR_MIN_FACE in .env." in said
    assert "Set by FAMILIAR_STORAGE in .env." in said
    assert "Set by the environment variable FAMILIAR_DEVICE." in said
    assert "The network is set by FAMILIAR_NETWORK in .env." in said
    test.slider[0].set_value(80)
    press(test, "Save")
    assert (app.settings.min_confidence, app.settings.min_face) == (0.8, 80)
    assert json.loads(saved_file().read_text()) == {"storage": str(tmp_path / "data"), "min_confidence": 0.8}


def test_a_folder_that_can_t_be_used_is_told_and_not_kept(app: Services, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    before = app.settings.storage
    test = opened("settings")
    next(field for field in test.text_input if field.label == "Storage folder").set_value(str(tmp_path / "file"))
    press(test, "Use this folder")
    assert test.error
    assert app.settings.storage == before


def test_a_file_that_is_no_network_is_told(tmp_path: Path) -> None:
    (tmp_path / "w.pt").write_text("hello")
    test = opened("settings")
    next(field for field in test.text_input if field.label == "Path").set_value(str(tmp_path / "w.pt")).run()
    next(button for button in test.button if button.label == "Use this file" and not button.disabled).click().run()
    assert any("fails its checksum" in error.value for error in test.error)
    # The panel looks again every half second whether something was downloaded.
    assert any("fails its checksum" in error.value for error in test.run().error)


def test_the_files_can_be_checked(two_people: Services) -> None:
    assert "Everything is in order" in words(press(opened("settings"), "Check the files"))
    person = two_people.gallery.people()[0]
    photo = two_people.gallery.photos(person.id)[0]
    next((two_people.settings.storage / "crops").rglob(f"{photo.crop_sha256}*")).unlink()
    assert "missing" in words(press(opened("settings"), "Check the files"))


@pytest.mark.parametrize("page", ["home", "live", "settings"])
def test_a_network_that_is_gone_is_told_and_can_be_changed(app: Services, page: str) -> None:
    app.settings = app.settings.model_copy(update={"network": "model:0123456789ab"})
    test = opened(page)
    if page == "settings":
        assert any(button.label == "Use" for button in test.button)
    else:
        assert "is not here" in words(test)
