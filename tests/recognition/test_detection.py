from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from torchvision.ops import box_iou

from recognition.alignment import CROP_SIZE, TEMPLATE
from recognition.detection import Detection, Detector, FineDetector, LiveDetector, MtcnnDetector, iou
from recognition.recognizer import Recognizer
from recognition.tracking import Tracker

Box = NDArray[np.float32]
FACE = np.array([175, 76, 265, 166], dtype=np.float32)
"""dlib's detection of the astronaut's face."""


def test_the_astronaut_has_one_face_where_dlib_sees_it(detector: Detector, astronaut: NDArray[np.uint8]) -> None:
    (face,) = detector.detect(astronaut)
    assert face.score > 0.99
    assert iou(face.box, FACE) > 0.5
    left_eye, right_eye, nose, left_mouth, right_mouth = face.landmarks
    assert left_eye[0] < nose[0] < right_eye[0]
    assert left_mouth[0] < right_mouth[0]
    assert max(left_eye[1], right_eye[1]) < nose[1] < min(left_mouth[1], right_mouth[1])


def test_no_face_in_noise_or_in_a_tiny_picture(detector: Detector) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    assert detector.detect(noise) == []
    assert detector.detect(noise[:10, :10]) == []


def test_several_faces_come_largest_first(detector: Detector, astronaut: NDArray[np.uint8]) -> None:
    small = np.zeros_like(astronaut)
    small[:256, :256] = astronaut[::2, ::2]
    sizes = [face.size for face in detector.detect(np.hstack([small, astronaut]))]
    assert len(sizes) == 2
    assert sizes[0] > 1.5 * sizes[1]


def test_landmarks_in_a_photo_hardly_depend_on_where_the_face_is(astronaut: NDArray[np.uint8]) -> None:
    def spread(detector: Detector) -> float:
        moves = [(0, 0), (3, 0), (0, 5), (-4, 2), (2, -3)]
        seen = [detector.detect(np.roll(astronaut, (y, x), axis=(0, 1)))[0].landmarks - (x, y) for x, y in moves]
        return float(np.std(seen, axis=0).mean())

    assert spread(FineDetector()) < spread(MtcnnDetector(min_face=24))


def test_a_photo_and_its_mirror_image_have_the_same_face(astronaut: NDArray[np.uint8]) -> None:
    fine = FineDetector()
    (face,) = fine.detect(astronaut)
    (mirrored,) = fine.detect(np.ascontiguousarray(astronaut[:, ::-1]))
    back = mirrored.landmarks[[1, 0, 2, 4, 3]] * (-1, 1) + (astronaut.shape[1] - 1, 0)
    assert np.abs(back - face.landmarks).max() < 0.03 * face.size


def test_following_agrees_with_detecting_after_a_small_move(detector: LiveDetector, astronaut: NDArray[np.uint8]) -> None:
    (before,) = detector.detect(astronaut)
    moved = np.roll(astronaut, (4, -6), axis=(0, 1))
    (followed,) = detector.follow(moved, [before.box])
    (detected,) = detector.detect(moved)
    assert followed is not None
    assert iou(followed.box, detected.box) > 0.8
    assert np.abs(followed.landmarks - detected.landmarks).max() < 5


def test_a_face_that_is_gone_is_not_followed(detector: LiveDetector, astronaut: NDArray[np.uint8]) -> None:
    outside = np.array([-900, -900, -800, -800], dtype=np.float32)
    assert detector.follow(np.zeros_like(astronaut), [FACE, outside]) == [None, None]
    assert detector.follow(astronaut, []) == []


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    x, y = draw(st.floats(-500, 500)), draw(st.floats(-500, 500))
    width, height = draw(st.floats(1, 300)), draw(st.floats(1, 300))
    return np.array([x, y, x + width, y + height], dtype=np.float32)


@given(boxes(), boxes())
def test_overlap_is_symmetric_and_between_0_and_1(a: Box, b: Box) -> None:
    assert 0.0 <= iou(a, b) <= 1.0 + 1e-6
    assert abs(iou(a, b) - iou(b, a)) < 1e-6
    assert iou(a, a) > 0.999


class Brightest:
    """A detector of another make: one face around the brightest pixel."""

    def detect(self, picture: NDArray[np.uint8]) -> list[Detection]:
        y, x = np.unravel_index(picture.sum(axis=2).argmax(), picture.shape[:2])
        box = np.array([x - 40, y - 40, x + 40, y + 40], np.float32)
        return [Detection(box, TEMPLATE / CROP_SIZE * 80 + box[:2], 0.9)]

    def follow(self, picture: NDArray[np.uint8], boxes: Sequence[NDArray[np.float32]]) -> list[Detection | None]:
        return [self.detect(picture)[0] for _ in boxes]


def test_any_detector_can_take_the_place_of_this_one(recognizer: Recognizer) -> None:
    picture = np.zeros((240, 320, 3), np.uint8)
    picture[100, 200] = 255
    other = replace(recognizer, detector=Brightest(), fine_detector=Brightest())
    (identified,) = other.identify(picture)
    assert identified.face.box.tolist() == [160, 60, 240, 140]
    tracker = Tracker(other.detector)
    (track,) = tracker.update(picture)
    (again,) = tracker.update(np.roll(picture, 5, axis=1))
    assert (again.id, again.face.box[0]) == (track.id, 165)


@given(st.lists(boxes(), max_size=4), st.lists(boxes(), max_size=4))
def test_the_iou_is_torchvisions_for_any_number_of_boxes(a: list[Box], b: list[Box]) -> None:
    ours, theirs = np.array(a, np.float32).reshape(-1, 4), np.array(b, np.float32).reshape(-1, 4)
    expected = box_iou(torch.from_numpy(ours), torch.from_numpy(theirs)).numpy()
    assert np.allclose(iou(ours[:, None], theirs), expected, atol=1e-4)
