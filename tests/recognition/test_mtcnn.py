"""The cascade against facenet-pytorch's own, which uses the same networks."""

import cv2
import numpy as np
import pytest
import torch
from facenet_pytorch import MTCNN
from numpy.typing import NDArray

from recognition.detection import iou
from recognition.mtcnn import Cascade

Picture = NDArray[np.uint8]


@pytest.fixture(scope="module")
def cascade() -> Cascade:
    return Cascade(40, torch.device("cpu"))


@pytest.fixture(scope="module")
def peer() -> MTCNN:
    return MTCNN(keep_all=True, min_face_size=40).eval()


@pytest.mark.parametrize("scale", [0.6, 1.0, 2.0, 3.3])
def test_it_finds_what_facenet_pytorch_finds(cascade: Cascade, peer: MTCNN, astronaut: Picture, scale: float) -> None:
    side = round(512 * scale)
    picture = np.asarray(cv2.resize(astronaut, (side, side), interpolation=cv2.INTER_LINEAR), np.uint8)
    boxes, landmarks, scores = cascade.detect(picture)
    theirs, their_scores, their_landmarks = peer.detect(picture, landmarks=True)
    assert len(boxes) == len(theirs) == 1
    assert iou(boxes[0], np.asarray(theirs[0], np.float32)) > 0.85
    assert scores[0] == pytest.approx(float(their_scores[0]), abs=0.02)
    size = boxes[0, 2] - boxes[0, 0]
    assert np.abs(landmarks[0] - np.asarray(their_landmarks[0], np.float32)).max() < 0.04 * size


def test_two_faces_beside_each_other_stay_two(cascade: Cascade, astronaut: Picture) -> None:
    face = astronaut[40:260, 100:320]
    boxes, landmarks, scores = cascade.detect(np.hstack([face, face[:, ::-1]]))
    assert len(boxes) == len(landmarks) == len(scores) == 2
    assert iou(boxes[0], boxes[1]) == 0.0


def test_a_face_cut_off_by_the_edge_is_found_inside_the_picture(cascade: Cascade, astronaut: Picture) -> None:
    boxes, _, _ = cascade.detect(np.ascontiguousarray(astronaut[:, 190:]))
    assert len(boxes) == 1
    assert boxes[0, 2] > 40


@pytest.mark.parametrize("shape", [(48, 48), (48, 2000), (481, 639)])
def test_no_face_in_grey_pictures_of_any_shape(cascade: Cascade, shape: tuple[int, int]) -> None:
    boxes, landmarks, scores = cascade.detect(np.full((*shape, 3), 128, np.uint8))
    assert boxes.shape == (0, 4)
    assert landmarks.shape == (0, 5, 2)
    assert scores.shape == (0,)


def test_a_face_that_fills_a_large_picture_is_found(cascade: Cascade, astronaut: Picture) -> None:
    large = np.kron(astronaut, np.ones((6, 6, 1), np.uint8))
    boxes, _, _ = cascade.detect(large)
    (single,), _, _ = cascade.detect(astronaut)
    assert any(iou(box / 6, single) > 0.7 for box in boxes)
