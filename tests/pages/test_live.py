"""The Live page, headless: who is this, and films. (The camera and its list of visits: tests/pages/components/camera.)"""

import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from pages.components.camera import CameraState
from pages.live import camera, video
from recognition.enrollment import enroll_pictures
from recognition.gallery import ArchivedPicture
from recognition.live.naming import LiveRecognition
from recognition.live.video import watch_video
from recognition.pictures import encode_jpeg
from recognition.services import Services, shared_cameras
from tests.faces import scene
from tests.pages.headless import checked, open_page, press, read_words

Picture = NDArray[np.uint8]

pytestmark = pytest.mark.usefixtures("app")


def session_of(page: AppTest) -> LiveRecognition:
    session = shared_cameras().sessions.get(page.session_state["live_session"])
    assert isinstance(session, LiveRecognition)
    return session


def enroll_collins(app: Services, astronaut: Picture) -> int:
    photos = [ArchivedPicture("Eileen Collins", "a.jpg", encode_jpeg(astronaut))]
    enroll_pictures(photos, app.gallery, app.recognizer(), source="upload", consented=True)
    (person,) = app.gallery.people()
    return person.id


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Clicks on an appearance, as the browser says it: what is asked stays until there is an answer."""

    def choose(number: int) -> None:
        def answer(**_: object) -> CameraState:
            return CameraState(running=True, chosen=number if number not in answered else None)

        monkeypatch.setattr(camera, "camera", answer)

    answered: set[int] = set()
    name = LiveRecognition.name

    def named(session: LiveRecognition, appearance: int, person_id: int, called: str) -> None:
        answered.add(appearance)
        name(session, appearance, person_id, called)

    monkeypatch.setattr(LiveRecognition, "name", named)
    return choose


def film_stranger(session: LiveRecognition, face: Picture, frames: int) -> int:
    """A stranger stays in view; the number of their appearance. The camera's clock is that of its frames."""
    ticks = [0.0]
    session._clock = session.portraits._clock = session._tracker._clock = lambda: ticks[0]
    for step in range(frames):
        ticks[0] += 1 / 15
        (seen,) = session.frame(scene((face, 200 + step % 7, 120))).faces
    assert seen.appearance is not None
    return seen.appearance


def test_an_unknown_face_is_named_and_enrolled_from_the_live_pictures_with_consent(
    app: Services, hopper: Picture, chosen: Callable[[int], None]
) -> None:
    page = open_page("live.py")
    session = session_of(page)
    number = film_stranger(session, hopper, frames=60)
    chosen(number)
    checked(page.run())
    save = next(button for button in page.button if button.label.startswith("Save"))
    assert save.disabled
    page.text_input[0].set_value("Grace Hopper").run()
    assert next(button for button in page.button if button.label.startswith("Save")).disabled, "not without consent"
    page.checkbox[0].check().run()
    press(page, next(button.label for button in page.button if button.label.startswith("Save")))
    (person,) = app.gallery.people()
    assert (person.name, person.photo_count >= 3) == ("Grace Hopper", True)
    assert {row.name for row in session.appearances.rows()} == {"Grace Hopper"}
    assert session.portraits.of(number) == ()
    (face,) = session.frame(scene((hopper, 200, 120))).faces
    assert face.name == "Grace Hopper"


def test_too_few_pictures_make_nobody_new_but_can_be_added_to_somebody(
    app: Services, astronaut: Picture, hopper: Picture, chosen: Callable[[int], None]
) -> None:
    person = enroll_collins(app, astronaut)
    page = open_page("live.py")
    chosen(film_stranger(session_of(page), hopper, frames=8))
    checked(page.run())
    page.text_input[0].set_value("Grace Hopper").run()
    page.checkbox[0].check().run()
    assert "1 of at least 3 good pictures" in read_words(page)
    assert next(button for button in page.button if button.label.startswith("Save")).disabled
    page.button_group[1].set_value("Somebody enrolled").run()
    page.selectbox[0].select(person).run()
    press(page, "Save 1 picture")
    assert app.gallery.person(person).photo_count == 2


def test_a_click_on_somebody_known_opens_their_page(
    app: Services, astronaut: Picture, collins: Picture, chosen: Callable[[int], None]
) -> None:
    person = enroll_collins(app, astronaut)
    page = open_page("live.py")
    chosen(film_stranger(session_of(page), collins, frames=8))
    checked(page.run())
    assert page.query_params["person"] == str(person)


@pytest.fixture
def film(tmp_path: Path, collins: Picture) -> bytes:
    """A second of Collins."""
    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (320, 240))
    for step in range(10):
        frame = scene((collins, 50 + step, 20), size=(240, 320))
        writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    writer.release()
    return path.read_bytes()


def watched(page: AppTest) -> AppTest:
    """The page when its film has been watched."""
    task = page.session_state[video.SLOT].watching
    assert task.wait(60).error is None
    return checked(page.run())


def test_a_film_is_watched_once_its_names_follow_the_slider_and_it_stays_when_the_page_is_left(
    app: Services, astronaut: Picture, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    enroll_collins(app, astronaut)
    watchings: list[float] = []
    monkeypatch.setattr(video, "watch_video", lambda *args: (watchings.append(time.monotonic()), watch_video(*args))[1])
    page = open_page("live.py")
    page.button_group[0].set_value("Video").run()
    page.file_uploader[0].set_value(("party.avi", film, "video/x-msvideo")).run()
    watched(page)
    assert "1 person" in read_words(page) and "1 known, 0 unknown" in read_words(page)
    page.slider[0].set_value(99)
    page.run()
    report = page.session_state[video.SLOT].report
    assert report[0] == 0.99
    page.switch_page("home.py").run()
    page.switch_page("live.py").run()
    page.button_group[0].set_value("Video").run()
    assert "party.avi" in read_words(page) and "1 known, 0 unknown" in read_words(page)
    assert len(watchings) == 1
    press(page, "Another video")
    assert video.SLOT not in page.session_state and page.file_uploader


def test_a_film_forgets_whoever_is_erased_and_is_watched_anew(app: Services, astronaut: Picture, film: bytes) -> None:
    person = enroll_collins(app, astronaut)
    page = open_page("live.py")
    page.button_group[0].set_value("Video").run()
    page.file_uploader[0].set_value(("party.avi", film, "video/x-msvideo")).run()
    watched(page)
    app.erasure.hide_people([person])
    kept = page.session_state[video.SLOT]
    assert kept.watching is None and kept.report is None and kept.preview is None
    checked(page.run())
    assert "0 known, 1 unknown" in read_words(watched(page))
