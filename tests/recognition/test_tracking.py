import numpy as np
from numpy.typing import NDArray

from recognition.detection import LiveDetector, iou
from recognition.tracking import DETECT_INTERVAL, EMPTY_INTERVAL, Tracker
from tests.faces import Clock, scene

Picture = NDArray[np.uint8]


def test_a_moving_face_keeps_its_number(detector: LiveDetector, collins: Picture) -> None:
    clock = Clock()
    tracker = Tracker(detector, clock)
    numbers = set()
    for step in range(30):
        clock.tick()
        (track,) = tracker.update(scene((collins, 100 + 6 * step, 120)))
        numbers.add(track.id)
        (truth,) = detector.detect(scene((collins, 100 + 6 * step, 120)))
        assert iou(track.face.box, truth.box) > 0.6
    assert numbers == {1}


def test_a_face_that_leaves_is_gone_in_the_next_frame(detector: LiveDetector, collins: Picture) -> None:
    clock = Clock()
    tracker = Tracker(detector, clock)
    assert len(tracker.update(scene((collins, 100, 100)))) == 1
    clock.tick()
    assert tracker.update(scene()) == []
    clock.tick(EMPTY_INTERVAL)
    (back,) = tracker.update(scene((collins, 100, 100)))
    assert back.id == 2


def test_a_newcomer_is_found_within_the_detection_interval(detector: LiveDetector, collins: Picture, hopper: Picture) -> None:
    clock = Clock()
    tracker = Tracker(detector, clock)
    tracker.update(scene((collins, 20, 100)))
    both = scene((collins, 20, 100), (hopper, 400, 100))
    clock.tick(DETECT_INTERVAL / 2)
    assert len(tracker.update(both)) == 1
    clock.tick(DETECT_INTERVAL / 2)
    assert len(tracker.update(both)) == 2


def test_a_cut_to_another_face_in_the_same_place_is_doubtful(detector: LiveDetector, collins: Picture, hopper: Picture) -> None:
    clock = Clock()
    tracker = Tracker(detector, clock)
    for _ in range(3):
        clock.tick()
        (before,) = tracker.update(scene((collins, 200, 100)))
        assert not before.doubtful
    clock.tick()
    (after,) = tracker.update(scene((hopper, 200, 100)))
    assert after.id != before.id or after.doubtful


def test_two_faces_that_overlap_are_doubtful(detector: LiveDetector, collins: Picture, hopper: Picture) -> None:
    clock = Clock()
    tracker = Tracker(detector, clock)
    face, other = collins[35:165, 45:160], hopper[50:190, 40:150]
    assert len(tracker.update(scene((face, 100, 100), (other, 300, 100)))) == 2
    doubtful = False
    for step in range(50):
        clock.tick()
        tracks = tracker.update(scene((face, 100 + 4 * step, 100), (other, 300, 100)))
        doubtful = doubtful or any(track.doubtful for track in tracks)
    assert doubtful


def test_a_picture_that_changes_its_size_is_fine(detector: LiveDetector, collins: Picture) -> None:
    clock = Clock()
    tracker = Tracker(detector, clock)
    tracker.update(scene((collins, 400, 250)))
    clock.tick()
    small = scene((collins, 10, 10), size=(240, 320))
    assert len(tracker.update(small)) == 1
