import numpy as np

from recognition.detection import Detection
from recognition.live.portraits import INTERVAL, MOST_APPEARANCES, MOST_PICTURES, Portraits
from recognition.pictures import Picture
from recognition.recognizer import Recognizer
from recognition.tracking import Track
from tests.faces import Clock, scene


def found(recognizer: Recognizer, picture: Picture) -> Track:
    (face,) = recognizer.detector.detect(picture)
    assert isinstance(face, Detection)
    return Track(1, face, picture)


def test_pictures_come_in_steps_and_are_bounded(recognizer: Recognizer, hopper: Picture) -> None:
    clock, picture = Clock(), scene((hopper, 200, 100))
    portraits, track = Portraits(clock), found(recognizer, picture)
    for _ in range(3):
        portraits.offer(1, picture, track)
    assert len(portraits.of(1)) == 1
    for _ in range(2 * MOST_PICTURES):
        clock.tick(INTERVAL)
        portraits.offer(1, picture, track)
    assert len(portraits.of(1)) == MOST_PICTURES


def test_only_the_newest_appearances_have_pictures(recognizer: Recognizer, hopper: Picture) -> None:
    picture = scene((hopper, 200, 100))
    portraits, track = Portraits(), found(recognizer, picture)
    for number in range(1, MOST_APPEARANCES + 3):
        portraits.offer(number, picture, track)
    kept = [number for number in range(1, MOST_APPEARANCES + 3) if portraits.of(number)]
    assert kept == list(range(3, MOST_APPEARANCES + 3))
    portraits.keep_only({5})
    assert portraits.of(5) and not portraits.of(6)


def test_a_dark_face_is_not_kept(recognizer: Recognizer, hopper: Picture) -> None:
    picture = scene((hopper, 200, 100))
    track = found(recognizer, picture)
    track.crop = np.zeros_like(track.crop)
    portraits = Portraits()
    portraits.offer(1, picture, track)
    assert portraits.of(1) == ()
