import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from skimage.transform import SimilarityTransform

from recognition.alignment import CROP_SIZE, FACE, FACE_TEMPLATE, TEMPLATE, Window, align, cut_out, window_of, with_margin
from recognition.detection import Detector
from recognition.networks import Network


@given(
    scale=st.floats(0.3, 4.0),
    angle=st.floats(-3.0, 3.0),
    shift=st.tuples(st.floats(-50, 50), st.floats(-50, 50)),
)
def test_a_turned_scaled_and_moved_face_comes_back_to_the_template(
    scale: float, angle: float, shift: tuple[float, float]
) -> None:
    # A picture with one bright dot at each landmark: after alignment they lie where the template says.
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = (TEMPLATE - CROP_SIZE / 2) @ turn.T * scale + 400 + np.array(shift)
    picture = np.zeros((800, 800, 3), np.uint8)
    for x, y in points:
        cv2.circle(picture, (round(x), round(y)), max(2, round(3 * scale)), (255, 255, 255), -1)
    crop = align(picture, points.astype(np.float32))
    assert crop.shape == (CROP_SIZE, CROP_SIZE, 3)
    for x, y in TEMPLATE:
        assert crop[round(float(y)), round(float(x)), 0] > 100


def test_landmarks_in_one_point_are_refused(astronaut: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match="one point"):
        align(astronaut, np.full((5, 2), 100, np.float32))


def test_surroundings_keep_the_face_and_little_else(detector: Detector, astronaut: NDArray[np.uint8]) -> None:
    (face,) = detector.detect(astronaut)
    part, landmarks = cut_out(astronaut, face.box, face.landmarks)
    assert part.shape[0] < 0.5 * astronaut.shape[0]
    assert np.abs(align(part, landmarks).astype(int) - align(astronaut, face.landmarks)).mean() < 2


def test_surroundings_of_a_huge_face_are_shrunk(astronaut: NDArray[np.uint8]) -> None:
    big = np.repeat(np.repeat(astronaut, 4, axis=0), 4, axis=1)
    landmarks = TEMPLATE * 8
    part, moved = cut_out(big, np.array([0, 0, 1200, 1200], np.float32), landmarks)
    assert max(part.shape[:2]) == 640
    assert moved.max() < 640


@pytest.mark.parametrize("scale", [0.4, 1.0, 2.5])
def test_the_built_in_network_sees_what_it_saw_when_crops_had_no_margin(
    detector: Detector, network: Network, collins: NDArray[np.uint8], scale: float
) -> None:
    picture = cv2.resize(collins, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    landmarks = (detector.detect(collins)[0].landmarks * scale).astype(np.float32)
    transform = SimilarityTransform.from_estimate(landmarks, FACE_TEMPLATE)
    multiple = max(1, int(1 / transform.scale))
    side = FACE.side * multiple
    before = cv2.warpAffine(picture, transform.params[:2] * multiple, (side, side), flags=cv2.INTER_LINEAR)
    before = cv2.resize(before, (FACE.side, FACE.side), interpolation=cv2.INTER_AREA)
    crop = align(picture, landmarks)
    assert np.abs(FACE.cut(crop).astype(int) - before).max() <= 1
    black = np.zeros_like(crop)
    FACE.cut(black)[:] = before
    one, other = network.embed(np.stack([crop, black]))
    assert float(one @ other) > 0.99999


def test_a_window_lies_where_the_networks_template_says() -> None:
    assert window_of(FACE_TEMPLATE, FACE.side) == FACE
    assert window_of(TEMPLATE / 2, CROP_SIZE // 2) == Window(0, 0, CROP_SIZE)
    with pytest.raises(ValueError, match="not inside"):
        window_of(FACE_TEMPLATE + 60, FACE.side + 120)


def test_a_margin_is_added_around_a_face_that_was_cut_out_without(detector: Detector, astronaut: NDArray[np.uint8]) -> None:
    landmarks = detector.detect(astronaut)[0].landmarks
    crop = align(astronaut, landmarks)
    assert np.array_equal(with_margin(FACE.cut(crop), astronaut, landmarks), crop)
