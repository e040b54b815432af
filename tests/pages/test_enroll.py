"""The Enroll page's camera, headless: whose the photos of a round are, and how they are kept."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from recognition.enrollment import MIN_PHOTOS, GuidedRound
from recognition.enrollment.guided import TAKE_INTERVAL
from recognition.pictures import Picture
from recognition.services import Services, shared_cameras
from tests.browsing import ROOT
from tests.faces import Clock, nose_moved, scene

pytestmark = pytest.mark.usefixtures("app")

NAME = "![x](//a.example/p.png)"


def opened(name: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=60)
    page.switch_page("enroll.py")
    page.run()
    page.text_input[0].set_value(name)
    page.checkbox[0].check()
    return checked(page.run())


def checked(page: AppTest) -> AppTest:
    assert not page.exception, page.exception
    return page


def sit(page: AppTest, collins: Picture) -> GuidedRound:
    """Collins sits down in front of the camera of the page, until there are photos enough."""
    round_ = shared_cameras().sessions.get(page.session_state["enroll_session"])
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


def test_a_round_becomes_a_person_and_the_form_is_empty_again(app: Services, collins: Picture) -> None:
    page = opened(NAME)
    sit(page, collins)
    assert labels(page) == [f"Save {NAME}, 3 photos"]
    assert "![" not in page.button[0].label
    checked(page.button[0].click().run())
    (person,) = app.gallery.people()
    assert (person.name, person.photo_count) == (NAME, 3)
    assert page.success[0].value.replace("\\", "").startswith(f"{NAME}: 3 photos saved")
    assert "![" not in page.success[0].value
    assert page.text_input[0].value == ""
    assert "enroll_session" not in page.session_state


def test_too_few_photos_can_t_be_saved(app: Services) -> None:
    page = opened("Ann")
    assert page.button[0].disabled
    assert "At least 3 photos" in page.caption[0].value


def test_a_face_that_is_enrolled_under_another_name_is_asked_about(app: Services, collins: Picture) -> None:
    page = opened(NAME)
    sit(page, collins)
    checked(page.button[0].click().run())
    page.text_input[0].set_value("Eileen")
    page.checkbox[0].check()
    checked(page.run())
    sit(page, collins)
    assert "looks like" in page.warning[0].value
    assert "![" not in page.warning[0].value + "".join(page.radio[0].options)
    assert labels(page) == [f"Add 3 photos to {NAME}"]
    checked(page.radio[0].set_value("new").run())
    assert labels(page) == ["Save Eileen, 3 photos"]


def test_a_person_who_is_gone_meanwhile_is_told_and_the_round_is_kept(app: Services, collins: Picture) -> None:
    page = opened("Ann")
    sit(page, collins)
    checked(page.button[0].click().run())
    page.text_input[0].set_value("Ann")
    page.checkbox[0].check()
    checked(page.run())
    round_ = sit(page, collins)
    assert labels(page) == ["Add 3 photos to Ann"]
    app.gallery.delete_person(app.gallery.people()[0].id)
    checked(page.button[0].click().run())
    assert page.error
    assert app.gallery.people() == []
    assert len(round_.candidates()) == MIN_PHOTOS
