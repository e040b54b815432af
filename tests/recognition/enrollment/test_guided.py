import numpy as np
import pytest
from numpy.typing import NDArray

from recognition.enrollment import GuidedRound, guided
from recognition.enrollment.guided import PATIENCE, TAKE_INTERVAL, WANTED
from recognition.eyes import CLOSED
from recognition.recognizer import Recognizer
from recognition.session import Guidance, Pose
from tests.faces import Clock, nose_moved, scene

Picture = NDArray[np.uint8]
NOSE = (100.0, 114.0)
"""Where the nose is in the picture of Collins."""


class Sitting:
    """Somebody in front of the camera; time passes with every frame."""

    def __init__(self, recognizer: Recognizer) -> None:
        self.clock = Clock()
        self.round = GuidedRound(lambda: recognizer, self.clock)

    def show(self, picture: Picture) -> Guidance:
        self.clock.tick(TAKE_INTERVAL * 1.01)
        guidance = self.round.frame(scene((picture, 220, 140))).guidance
        assert guidance is not None
        return guidance

    @property
    def poses(self) -> list[Pose]:
        return [photo.pose for photo in self.round.round().photos]


@pytest.fixture
def sitting(any_recognizer: Recognizer) -> Sitting:
    return Sitting(any_recognizer)


@pytest.fixture(scope="module")
def turned(collins: Picture) -> dict[Pose, Picture]:
    return {
        "straight": collins,
        "left": nose_moved(collins, NOSE, 36, 0),
        "right": nose_moved(collins, NOSE, -24, 0),
        "up": nose_moved(collins, NOSE, 0, -12),
        "down": nose_moved(collins, NOSE, 0, 10),
    }


def test_a_whole_round_takes_every_pose_by_itself(sitting: Sitting, turned: dict[Pose, Picture]) -> None:
    for pose, wanted in WANTED.items():
        assert sitting.round.round().wanted_next == pose
        for _ in range(wanted):
            assert sitting.show(turned[pose]).good
    state = sitting.round.round()
    assert state.complete
    assert dict(state.taken) == WANTED
    assert sitting.show(turned["straight"]).code == "complete"
    assert len(sitting.round.candidates()) == sum(WANTED.values())


def test_the_same_pose_is_not_taken_for_ever(sitting: Sitting, collins: Picture) -> None:
    codes = [sitting.show(collins).code for _ in range(5)]
    assert codes == ["taken", "taken", "show_left", "show_left", "show_left"]


def test_somebody_who_can_t_turn_the_head_gets_done_too(sitting: Sitting, collins: Picture) -> None:
    for _ in range(sum(WANTED.values())):
        assert not sitting.round.round().complete
        sitting.clock.tick(PATIENCE)
        assert sitting.show(collins).code == "taken"
    assert sitting.round.round().complete


def test_two_frames_in_a_row_are_not_two_photos(sitting: Sitting, collins: Picture) -> None:
    sitting.show(collins)
    sitting.clock.tick(0.03)
    hold = sitting.round.frame(scene((collins, 220, 140))).guidance
    assert hold is not None
    assert hold.code == "hold"
    assert sitting.poses == ["straight"]


def test_closed_eyes_are_not_taken_but_nobody_is_kept_waiting_for_ever(
    sitting: Sitting, collins: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guided, "closedness", lambda picture, landmarks: CLOSED + 1.0)
    assert sitting.show(collins).code == "eyes_closed"
    monkeypatch.undo()
    assert sitting.show(collins).code == "taken"
    monkeypatch.setattr(guided, "closedness", lambda picture, landmarks: CLOSED + 1.0)
    assert sitting.show(collins).code == "eyes_closed"
    sitting.clock.tick(PATIENCE)
    assert sitting.show(collins).code == "taken"
    assert sitting.show(collins).code != "taken"


def test_a_thrown_away_photo_is_asked_for_again(sitting: Sitting, collins: Picture) -> None:
    sitting.show(collins)
    sitting.show(collins)
    before = sitting.round.round()
    sitting.round.discard(before.photos[0].id)
    sitting.round.discard("no such photo")
    after = sitting.round.round()
    assert [photo.id for photo in after.photos] == [before.photos[1].id]
    assert after.version > before.version
    assert after.wanted_next == "straight"
    assert sitting.show(collins).code == "taken"


def test_somebody_else_stepping_in_is_not_taken(sitting: Sitting, collins: Picture, hopper: Picture) -> None:
    sitting.show(collins)
    codes = {sitting.show(hopper).code for _ in range(4)}
    assert "taken" not in codes
    assert sitting.poses == ["straight"]


def test_what_is_wrong_is_said(recognizer: Recognizer, collins: Picture, hopper: Picture) -> None:
    assert Sitting(recognizer).show(np.zeros_like(collins)).code == "no_face"
    assert Sitting(recognizer).show((collins * 0.2).astype(np.uint8)).code == "too_dark"
    small = np.ascontiguousarray(collins[::2, ::2])
    assert Sitting(recognizer).show(small).code == "too_small"
    both = GuidedRound(lambda: recognizer, Clock()).frame(scene((collins, 20, 100), (hopper[::2, ::2], 400, 100)))
    assert both.guidance is not None
    assert both.guidance.code == "several_faces"


def test_an_enrolled_face_is_noticed(sitting: Sitting, collins: Picture, hopper: Picture) -> None:
    assert sitting.round.resembles() is None
    sitting.show(collins)
    match = sitting.round.resembles()
    assert match is not None
    assert match.name == "Eileen Collins"
    assert match.confidence > 0.9


def test_real_clips_fill_most_of_the_ring(shared: object, recognizer: Recognizer) -> None:
    from pathlib import Path

    import cv2

    clock = Clock()
    round_ = GuidedRound(lambda: recognizer, clock)
    film = cv2.VideoCapture(str(Path(str(shared)) / "video" / "person_a.mp4"))
    while film.grab():
        clock.tick()
        _, frame = film.retrieve()
        round_.frame(np.ascontiguousarray(frame[:, :, ::-1]))
    assert len(round_.round().photos) >= 6
