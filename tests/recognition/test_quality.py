import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from recognition.alignment import CROP_SIZE, TEMPLATE, align
from recognition.detection import Detection, Detector
from recognition.quality import FaceQuality, head_pose, measure, problem

Picture = NDArray[np.uint8]


def quality_of(detector: Detector, picture: Picture) -> FaceQuality:
    (face,) = detector.detect(picture)
    return measure(picture, face, align(picture, face.landmarks))


def code_of(detector: Detector, picture: Picture) -> str | None:
    found = problem(quality_of(detector, picture))
    return found.code if found else None


def test_a_good_photo_passes(detector: Detector, astronaut: Picture) -> None:
    assert code_of(detector, astronaut) is None


def test_each_fault_gets_its_own_words(detector: Detector, astronaut: Picture) -> None:
    assert code_of(detector, cv2.GaussianBlur(astronaut, (0, 0), 4)) == "blurred"
    assert code_of(detector, (astronaut * 0.18).astype(np.uint8)) == "too_dark"
    assert code_of(detector, cv2.resize(astronaut, None, fx=0.5, fy=0.5)) == "too_small"


def test_a_face_that_reaches_beyond_the_picture_is_cut_off(detector: Detector, astronaut: Picture) -> None:
    (whole,) = detector.detect(astronaut)
    left, _, right, _ = whole.box
    cut = np.ascontiguousarray(astronaut[:, int(left + 0.3 * (right - left)) :])
    assert quality_of(detector, astronaut).visible == 1.0
    assert quality_of(detector, cut).visible < 0.7
    assert code_of(detector, cut) == "cut_off"


def test_a_bright_face_is_too_bright(astronaut: Picture) -> None:
    white = np.full_like(astronaut, 250)
    face = Detection(np.array([100, 100, 250, 250], np.float32), TEMPLATE + 100, 0.999)
    found = problem(measure(white, face, white[:CROP_SIZE, :CROP_SIZE]))
    assert found is not None
    assert found.code == "too_bright"


def test_a_mirrored_face_looks_to_the_other_side(detector: Detector, astronaut: Picture) -> None:
    pose = quality_of(detector, astronaut).pose
    mirrored = quality_of(detector, np.ascontiguousarray(astronaut[:, ::-1])).pose
    assert abs(pose.yaw + mirrored.yaw) < 6
    assert abs(pose.pitch - mirrored.pitch) < 6


def turned(yaw: float = 0.0, pitch: float = 0.0) -> NDArray[np.float32]:
    """Landmarks of a head that turns to its own left and lifts its chin, in degrees, seen from far away."""
    head = np.array([[-31, -35, 27], [31, -35, 27], [0, 0, 0], [-24, 33, 22], [24, 33, 22]], float)
    y, p = np.radians(yaw), np.radians(pitch)
    around_y = np.array([[np.cos(y), 0, -np.sin(y)], [0, 1, 0], [np.sin(y), 0, np.cos(y)]])
    around_x = np.array([[1, 0, 0], [0, np.cos(p), np.sin(p)], [0, -np.sin(p), np.cos(p)]])
    points = head @ around_x.T @ around_y.T
    depth = 620 + points[:, 2]
    return (points[:, :2] / depth[:, None] * 1240 + 300).astype(np.float32)


@pytest.mark.parametrize("angle", [-30, -15, 0, 15, 30])
def test_pose_follows_the_head(angle: float) -> None:
    # The textbook's head and LFW's differ by some degrees of pitch.
    assert abs(head_pose(turned(yaw=angle)).yaw - angle) < 4
    assert abs(head_pose(turned(pitch=angle)).pitch - angle) < 6


def test_yaw_of_real_profiles(shared: object, detector: Detector) -> None:
    from pathlib import Path

    from recognition.pictures import read_picture

    people = Path(str(shared)) / "faces"
    left = read_picture(people / "strangers" / "Steve_McManaman_0001.jpg")  # looks to his own left
    faces = detector.detect(left)
    assert head_pose(faces[0].landmarks).yaw > 20
