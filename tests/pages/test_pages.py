"""The pages, headless: empty and filled galleries, and what happens to bad input."""

import json
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from pages.home.demo import BOX
from pages.settings import recognition
from recognition import demo
from recognition.enrollment import enroll_pictures
from recognition.gallery import ArchivedPicture
from recognition.gallery.files import crop_file
from recognition.live.video import watch_video
from recognition.networks import BUILT_IN
from recognition.pictures import encode_png
from recognition.services import Services
from recognition.settings import Settings, load_settings, saved_file
from recognition.snapshots import TEMPLATES_TASK
from tests.pages.headless import faces

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
    home = opened("home")
    assert {"Add the first person", "Try it without a camera"} <= {button.label for button in home.button}
    assert "Nobody is enrolled yet" in words(opened("people"))
    assert "every face will be unknown" in words(opened("live"))


def test_home_counts_what_is_there(two_people: Services) -> None:
    home = opened("home")
    assert "2 people, 2 photos" in words(home)
    assert [tile["name"] for tile in faces(home)] == ["Eileen *Collins*", "Grace"]


@pytest.mark.parametrize(("search", "found"), [("", 2), ("GRACE", 1), ("%", 0), ("nobody", 0)])
def test_people_are_found_by_name(two_people: Services, search: str, found: int) -> None:
    test = opened("people")
    test.text_input[0].set_value(search).run()
    assert len(faces(test)) == found
    if not found:
        assert "Nobody is called" in words(test)


def test_a_person_has_a_page_and_names_are_not_markdown(two_people: Services) -> None:
    # Dialogs need a browser: tests/browser/test_people.py renames, merges and deletes.
    eileen, _ = two_people.gallery.people()
    test = opened("people", person=str(eileen.id))
    assert test.title[0].value == r"Eileen \*Collins\*"
    assert {"Rename", "Add photos", "Merge", ":red[Delete person]"} <= {button.label for button in test.button}


def test_a_photo_can_be_deleted_but_not_the_last_one(two_people: Services, astronaut: Picture) -> None:
    grace = two_people.gallery.find("Grace")
    assert grace is not None
    (photo,) = two_people.gallery.photos(grace.id)

    def dialog(photo_ids: list[int]) -> None:
        from pages.people.deleting import delete_photos

        delete_photos(photo_ids)

    test = AppTest.from_function(dialog, args=([photo.id],), default_timeout=60).run()
    assert "No photo of Grace would be left" in words(press(test, "Delete"))
    assert two_people.gallery.person(grace.id).photo_count == 1


def test_a_deletion_is_shown_until_it_is_undone_or_final(two_people: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    eileen, grace = two_people.gallery.people()
    two_people.erasure.hide_people([eileen.id])
    test = opened("people")
    assert [tile["name"] for tile in faces(test)] == ["Grace"]
    assert "Eileen *Collins* was deleted, with 1 photo. Can be undone for 10 minutes." in words(test)
    press(test, "Undo")
    assert two_people.gallery.people() == [eileen, grace]
    two_people.erasure.merge(eileen.id, grace.id)
    test = opened("people", person=str(grace.id))
    assert "Eileen *Collins* was merged into Grace." in words(test)
    press(test, ":red[Keep it merged]")
    assert two_people.gallery.removals() == []


def test_a_person_is_deleted_with_all_that_pages_keep(two_people: Services) -> None:
    @st.cache_resource
    def computed() -> object:
        return object()

    before = computed()

    def dialog(person: object) -> None:
        from pages.people.deleting import delete_people

        delete_people([person])  # type: ignore[list-item]

    person = two_people.gallery.find("Eileen *Collins*")
    test = AppTest.from_function(dialog, args=(person,), default_timeout=60)
    test.query_params["person"] = "1"
    press(test.run(), ":red[Delete now]")
    assert "not in the gallery" in words(test), "which the dialog would say to somebody else"
    assert [one.name for one in two_people.gallery.people()] == ["Grace"]
    assert computed() is not before


def test_a_missing_cover_file_leaves_the_list_of_people_whole(two_people: Services) -> None:
    eileen, grace = two_people.gallery.people()
    (photo,) = two_people.gallery.photos(eileen.id)
    next((two_people.settings.storage / "photos").rglob(f"{photo.sha256}*")).unlink()
    assert [tile["picture"] is None for tile in faces(opened("people"))] == [True, False]
    assert [tile["picture"] is None for tile in faces(opened("people", person=str(eileen.id)))] == [True]
    assert [tile["picture"] is None for tile in faces(opened("people", person=str(grace.id)))] == [False]


def test_a_photo_of_somebody_else_is_marked_and_comes_first(app: Services, astronaut: Picture, hopper: Picture) -> None:
    lights = [(astronaut * light).astype(np.uint8) for light in (0.8, 0.85, 0.9, 0.95)]
    pictures = [("Eileen", picture) for picture in lights] + [("Grace", hopper)]
    files = [ArchivedPicture(name, f"{number}.png", encode_png(picture)) for number, (name, picture) in enumerate(pictures)]
    enroll_pictures(files, app.gallery, app.recognizer(), source="upload", consented=True)
    eileen, grace = app.gallery.people()
    assert not any(tile["mark"] for tile in faces(opened("people", person=str(eileen.id))))
    app.erasure.merge(grace.id, eileen.id)
    test = opened("people", person=str(eileen.id))
    assert [tile["mark"] for tile in faces(test)] == ["Unlike the others", "", "", "", ""]
    assert "One photo looks unlike the others" in words(test)


def test_the_demo_is_two_people_and_a_film_of_them(app: Services) -> None:
    test = press(opened("home"), "Try it without a camera")
    assert [(tile["name"], tile["note"]) for tile in faces(test)] == [(name, "6 photos") for name in demo.NAMES]
    assert any(button.label == "Demo film" for button in test.button)
    report = watch_video(demo.demo_film(), app.recognizer, 0.5).named(0.5)
    assert {person.name for person in report.people} == set(demo.NAMES)
    (detected,) = app.recognizer().fine_detector.detect(demo.portraits()[demo.COLLINS])
    assert np.allclose(detected.box / len(demo.portraits()[demo.COLLINS]), BOX, atol=0.03), "where Home shows it"


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
    assert [tile["note"] for tile in faces(test)] == ["Can't be named yet", "1 photo"]


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


@pytest.mark.parametrize(
    ("here", "offered"), [(False, ["Automatic", "CPU"]), (True, ["Automatic", "CPU", "CUDA (NVIDIA graphics card)"])]
)
def test_cuda_is_offered_only_where_it_is(monkeypatch: pytest.MonkeyPatch, here: bool, offered: list[str]) -> None:
    monkeypatch.setattr(recognition, "has_cuda", lambda: here)
    assert opened("settings").radio[0].options == offered


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
