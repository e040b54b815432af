"""The Enroll page, headless: what is kept and asked for, whose the photos are, and what is brought in files."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.enroll import files
from pages.enroll.guided import ROUND, SLOT
from recognition.enrollment import MIN_PHOTOS, GuidedRound
from recognition.enrollment.guided import TAKE_INTERVAL
from recognition.gallery import export_to_memory
from recognition.networks.tuned import MANIFEST
from recognition.pictures import Picture, encode_png
from recognition.services import Services, shared_cameras
from tests.faces import Clock, nose_moved, scene
from tests.pages.headless import checked, open_page, press, read_words
from tests.recognition.gallery.photos import photo
from tests.recognition.test_safe_zip import zipped

pytestmark = pytest.mark.usefixtures("app")

NAME = "![x](//a.example/p.png)"


def opened(name: str = "") -> AppTest:
    page = open_page("enroll.py")
    return answered(page, name) if name else page


def answered(page: AppTest, name: str) -> AppTest:
    """A page with its two questions answered."""
    page.text_input[0].set_value(name)
    page.checkbox[0].check()
    return checked(page.run())


def sit(page: AppTest, collins: Picture) -> GuidedRound:
    """Collins sits down in front of the camera of the page, until there are photos enough."""
    round_ = shared_cameras().sessions.get(page.session_state[SLOT])
    assert isinstance(round_, GuidedRound)
    clock = Clock()
    round_._clock = clock
    # A photo equal to another byte for byte is kept once, so the second is a shade darker.
    darker = np.clip(collins * 0.97, 0, 255).astype(np.uint8)
    for picture in (collins, darker, nose_moved(collins, (100.0, 114.0), 36, 0)):
        clock.tick(TAKE_INTERVAL * 1.01)
        round_.frame(scene((picture, 220, 140)))
    assert len(round_.candidates()) == MIN_PHOTOS
    checked(page.run())
    return round_


def labels(page: AppTest) -> list[str]:
    return [button.label.replace("\\", "") for button in page.button]


def save(page: AppTest) -> AppTest:
    """Press the last button, which is Save."""
    return checked(page.button[-1].click().run())


def test_a_round_becomes_a_person_whose_face_is_shown_and_then_the_form_is_empty(app: Services, collins: Picture) -> None:
    page = opened(NAME)
    sit(page, collins)
    assert labels(page) == [f"Save {NAME}, 3 photos"]
    assert "![" not in page.button[0].label
    save(page)
    (person,) = app.gallery.people()
    assert (person.name, person.photo_count) == (NAME, 3)
    assert f"{NAME} is enrolled, with 3 photos." in read_words(page)
    assert "![" not in page.success[0].value
    assert page.get("image") and "Try it live" in labels(page)
    assert SLOT not in page.session_state and ROUND not in page.query_params
    press(page, "Add another person")
    assert page.text_input[0].value == "" and not page.checkbox[0].value


def test_too_few_photos_can_t_be_saved() -> None:
    page = opened("Ann")
    assert page.button[0].disabled
    assert "0 of 8 photos" in read_words(page)


def test_the_counter_says_what_is_missing(collins: Picture) -> None:
    page = opened()
    sit(page, collins)
    assert "3 of 8 photos. Missing: left side, right side, chin up, chin down. Continue or save." in read_words(page).replace(
        "*", ""
    )


def test_nothing_is_saved_without_a_name_or_consent_and_the_photos_stay(app: Services, collins: Picture) -> None:
    page = opened()
    round_ = sit(page, collins)
    assert "tick the box" in read_words(save(page))
    page.checkbox[0].check()
    assert "The name is empty" in read_words(save(page))
    page.checkbox[0].uncheck()
    page.text_input[0].set_value("Ann")
    assert "tick the box" in read_words(save(page))
    assert app.gallery.people() == [] and len(round_.candidates()) == MIN_PHOTOS
    # What is ticked together with the press counts.
    page.checkbox[0].check()
    save(page)
    assert [person.name for person in app.gallery.people()] == ["Ann"]


def test_name_consent_and_photos_outlive_the_other_source_other_pages_and_a_reload(app: Services, collins: Picture) -> None:
    page = opened("Ann")
    sit(page, collins)
    checked(page.segmented_control[0].set_value("Files").run())
    checked(page.segmented_control[0].set_value("Camera").run())
    assert (page.text_input[0].value, page.checkbox[0].value) == ("Ann", True)
    page.switch_page("people.py").run()
    page.switch_page("enroll.py").run()
    assert (page.text_input[0].value, page.checkbox[0].value) == ("Ann", True)
    # A reload keeps nothing but the address.
    again = open_page("enroll.py", **page.query_params)
    assert (again.text_input[0].value, again.checkbox[0].value) == ("Ann", True)
    assert labels(again) == ["Save Ann, 3 photos"]
    save(again)
    assert [(person.name, person.photo_count) for person in app.gallery.people()] == [("Ann", 3)]


def test_a_round_that_nobody_saved_in_time_is_told_to_be_gone() -> None:
    page = open_page("enroll.py", **{ROUND: "gone"})
    assert "not saved in time" in read_words(page)
    assert ROUND not in page.query_params


def test_a_face_that_is_enrolled_under_another_name_is_asked_about(app: Services, collins: Picture) -> None:
    page = opened(NAME)
    sit(page, collins)
    press(save(page), "Add another person")
    answered(page, "Eileen")
    sit(page, collins)
    assert "looks like" in page.warning[0].value
    assert "![" not in page.warning[0].value + "".join(page.radio[0].options)
    assert labels(page) == [f"Add 3 photos to {NAME}"]
    checked(page.radio[0].set_value("new").run())
    assert labels(page) == ["Save Eileen, 3 photos"]


def test_nobody_is_recognised_before_having_agreed(app: Services, collins: Picture) -> None:
    page = opened("Ann")
    sit(page, collins)
    press(save(page), "Add another person")
    sit(page, collins)
    assert not page.warning
    page.checkbox[0].check()
    assert "looks like Ann" in read_words(checked(page.run()))


def test_a_person_who_is_gone_meanwhile_is_told_and_the_round_is_kept(app: Services, collins: Picture) -> None:
    page = opened("Ann")
    sit(page, collins)
    press(save(page), "Add another person")
    answered(page, "Ann")
    round_ = sit(page, collins)
    assert labels(page) == ["Add 3 photos to Ann"]
    app.gallery.delete_person(app.gallery.people()[0].id)
    assert "Nothing is saved yet" in read_words(save(page))
    assert app.gallery.people() == []
    assert len(round_.candidates()) == MIN_PHOTOS
    assert labels(page) == ["Save Ann, 3 photos"]


def brought(name: str, data: bytes) -> AppTest:
    page = opened()
    checked(page.segmented_control[0].set_value("Files").run())
    kind = "application/zip" if name.endswith(".zip") else "image/png"
    return checked(page.file_uploader[0].upload(name, data, kind).run())


def finished(page: AppTest, app: Services) -> AppTest:
    task = app.tasks.get(files.TASK)
    assert task is not None
    task.wait(60)
    return checked(page.run())


def test_a_copy_of_everyone_is_restored_and_enrolls_nobody_named_by_a_folder(app: Services) -> None:
    app.gallery.enroll("Ada", [photo(1), photo(2)], consented=True)
    copy, _ = export_to_memory(app.gallery)
    app.gallery.delete_person(app.gallery.people()[0].id)
    page = brought("everyone.zip", copy)
    assert "everyone.zip is a copy of everyone" in read_words(page)
    assert labels(page) == ["Restore"]
    press(page, "Restore")
    task = app.tasks.get("restore a copy")
    assert task is not None
    task.wait(60)
    assert "Restored 2 photos; 1 person is new here." in read_words(checked(page.run()))
    assert [(person.name, person.photo_count) for person in app.gallery.people()] == [("Ada", 2)]


def test_photos_in_a_zip_without_folders_get_the_name_that_is_typed(app: Services, astronaut: Picture) -> None:
    page = brought("holiday.zip", zipped(("1.png", encode_png(astronaut))))
    assert "1 photo in no folder" in read_words(page)
    assert "The name is empty" in read_words(press(page, "Save 1 photo"))
    page.text_input[0].set_value("Eileen")
    assert "tick the box" in read_words(press(page, "Save 1 photo"))
    page.checkbox[0].check()
    press(page, "Save 1 photo")
    assert "1 photo of 1 person saved." in read_words(finished(page, app))
    assert [person.name for person in app.gallery.people()] == ["Eileen"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (zipped(), "x.zip: This zip is empty."),
        (zipped(("notes.txt", b"-")), "no picture"),
        (zipped((MANIFEST, b'{"format":"familiar-model"}')), "Import it on the page Train"),
        (b"notes", "not a zip file"),
    ],
)
def test_a_zip_that_is_of_no_use_here_is_told(data: bytes, says: str) -> None:
    page = brought("x.zip", data)
    assert says in read_words(page)
    assert page.button[0].disabled


def test_folders_are_people_and_are_counted_before_they_are_stored() -> None:
    page = brought("people.zip", zipped(("Ada/1.jpg", b"1"), ("Ada/2.jpg", b"2"), ("Bob/1.jpg", b"3")))
    assert "3 photos of 2 people: Ada (2), Bob (1)." in read_words(page)
    assert not page.text_input
