from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from recognition.identification import GalleryIndex
from recognition.live.naming import STALE_AFTER, LiveRecognition
from recognition.live.portraits import MOST_PICTURES
from recognition.pictures import read_picture
from recognition.recognizer import Recognizer
from recognition.session import SeenFace
from tests.faces import Clock, scene

Picture = NDArray[np.uint8]


class Film:
    """Plays frames to a live session, 30 a second."""

    def __init__(self, recognizer: Callable[[], Recognizer]) -> None:
        self.clock = Clock()
        self.session = LiveRecognition(recognizer, 0.5, self.clock)

    def show(self, picture: Picture, frames: int = 1) -> tuple[SeenFace, ...]:
        for _ in range(frames):
            self.clock.tick()
            seen = self.session.frame(picture).faces
        return seen


@pytest.fixture
def film(recognizer: Recognizer) -> Film:
    """Collins is enrolled, Hopper is not."""
    return Film(lambda: recognizer)


def test_the_first_frame_already_names_an_enrolled_face(film: Film, collins: Picture) -> None:
    (face,) = film.show(scene((collins, 200, 100)))
    assert face.name == "Eileen Collins"
    assert face.confidence is not None
    assert face.confidence > 0.5


def test_a_stranger_stays_unknown(film: Film, hopper: Picture) -> None:
    for _ in range(20):
        (face,) = film.show(scene((hopper, 200, 100)))
        assert face.name is None


def test_a_name_never_sticks_to_another_face_after_a_cut(film: Film, collins: Picture, hopper: Picture) -> None:
    for _ in range(5):
        film.show(scene((collins, 200, 100)), frames=10)
        for _ in range(10):
            faces = film.show(scene((hopper, 200, 100)))
            assert all(face.name is None for face in faces)
        (face,) = film.show(scene((collins, 200, 100)), frames=3)
        assert face.name == "Eileen Collins"


def test_names_stay_with_their_faces_when_two_people_cross(film: Film, collins: Picture, hopper: Picture) -> None:
    apart = scene((collins, 20, 130), (hopper, 420, 130))
    film.show(apart, frames=5)
    for step in range(51):
        x = 20 + 8 * step
        faces = film.show(scene((collins, x, 130), (hopper, 440 - x, 130)))
        for face in faces:
            middle = (face.box[0] + face.box[2]) / 2
            if face.name is not None and abs(x - (440 - x)) > 150:
                assert abs(middle - (x + 100)) < abs(middle - (540 - x))
    faces = film.show(scene((collins, 420, 130), (hopper, 20, 130)), frames=15)
    assert {round(float(face.box[0])) // 320: face.name for face in faces} == {1: "Eileen Collins", 0: None}


def test_the_threshold_can_be_moved_while_running(film: Film, collins: Picture) -> None:
    (face,) = film.show(scene((collins, 200, 100)))
    assert face.name
    film.session.min_confidence = 1.0
    (face,) = film.show(scene((collins, 200, 100)))
    assert face.name is None


def test_one_row_an_appearance(film: Film, collins: Picture, hopper: Picture) -> None:
    film.show(scene((collins, 200, 100)), frames=20)
    film.show(scene(), frames=10)
    film.show(scene((collins, 200, 100)), frames=20)  # back within the gap: the same visit
    film.show(scene((hopper, 200, 100)), frames=20)
    assert [row.name for row in film.session.appearances.rows()] == [None, "Eileen Collins"]


def test_a_deleted_person_is_unknown_at_once_and_gone_from_the_list(recognizer: Recognizer, collins: Picture) -> None:
    nobody = GalleryIndex(np.zeros(0, np.int64), np.zeros((0, 0), np.float32), {}, recognizer.index.calibration)
    snapshots = [recognizer]
    film = Film(lambda: snapshots[-1])
    (face,) = film.show(scene((collins, 200, 100)), frames=5)
    assert face.name
    snapshots.append(replace(recognizer, index=nobody, revision=1))
    (face,) = film.show(scene((collins, 200, 100)))
    assert face.name is None
    assert all(row.name is None for row in film.session.appearances.rows())


def test_settled_faces_are_embedded_only_now_and_then(film: Film, recognizer: Recognizer, collins: Picture) -> None:
    picture = scene((collins, 200, 100))
    film.show(picture, frames=10)
    calls: list[int] = []
    embed = recognizer.network.embed
    recognizer.network.embed = lambda crops, **options: (calls.append(len(crops)), embed(crops, **options))[1]  # type: ignore[method-assign]
    try:
        film.show(picture, frames=int(30 * STALE_AFTER * 4))
    finally:
        recognizer.network.embed = embed  # type: ignore[method-assign]
    assert 3 <= sum(calls) <= 6


def test_while_somebodys_templates_are_being_made_nobody_is_called_a_stranger(
    recognizer: Recognizer, collins: Picture, hopper: Picture
) -> None:
    index = recognizer.index
    waiting = GalleryIndex(np.zeros(0, np.int64), np.zeros((0, 0), np.float32), {}, index.calibration, {1: "Eileen Collins"})
    snapshots = [replace(recognizer, index=waiting)]
    film = Film(lambda: snapshots[-1])
    for face in film.show(scene((collins, 20, 100), (hopper, 400, 100)), frames=10):
        assert (face.name, face.score, face.confidence) == (None, None, None)
    assert film.session.appearances.rows() == []
    snapshots.append(replace(recognizer, revision=1))
    faces = film.show(scene((collins, 20, 100), (hopper, 400, 100)))
    assert {face.name for face in faces} == {"Eileen Collins", None}
    assert all(face.score is not None for face in faces)
    assert {row.name for row in film.session.appearances.rows()} == {"Eileen Collins", None}


def test_the_list_compares_embeddings_of_unit_length(film: Film, collins: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    lengths: list[float] = []
    log = film.session.appearances
    see = log.see
    monkeypatch.setattr(log, "see", lambda *args: (lengths.append(float(np.linalg.norm(args[3]))), see(*args))[1])
    film.show(scene((collins, 200, 100)), frames=3)
    noisy = np.clip(collins + np.random.default_rng(0).normal(0, 40, collins.shape), 0, 255).astype(np.uint8)
    film.clock.tick(1.0)
    film.show(scene((noisy, 200, 100)), frames=3)
    assert lengths
    assert lengths == pytest.approx([1.0] * len(lengths), abs=1e-5)


def test_good_pictures_of_a_stranger_are_kept_until_they_have_a_name_and_none_of_the_enrolled(
    film: Film, collins: Picture, hopper: Picture
) -> None:
    faces = film.show(scene((collins, 10, 100), (hopper, 400, 100)), frames=90)
    rows = {face.name: face.appearance for face in faces}
    portraits = film.session.portraits
    assert rows.keys() == {"Eileen Collins", None} and None not in rows.values()
    assert portraits.of(rows["Eileen Collins"] or 0) == ()
    kept = portraits.of(rows[None] or 0)
    assert 3 <= len(kept) <= MOST_PICTURES
    assert abs(read_picture(kept[0]).mean() - hopper.mean()) < 40
    film.session.name(rows[None] or 0, 2, "Grace Hopper")
    assert portraits.of(rows[None] or 0) == ()
    assert {row.name for row in film.session.appearances.rows()} == {"Eileen Collins", "Grace Hopper"}


def test_a_face_that_is_no_good_for_enrolling_is_not_kept(film: Film, hopper: Picture) -> None:
    small = cv2.resize(hopper, (90, 90), interpolation=cv2.INTER_AREA)
    (face,) = film.show(scene((small, 200, 100)), frames=60)
    assert face.appearance is not None
    assert film.session.portraits.of(face.appearance) == ()
