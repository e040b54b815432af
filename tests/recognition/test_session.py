from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from recognition.drawing import Label
from recognition.session import FrameResult, Guess, RoundState, SeenFace, TakenPhoto

BOX = np.array([10, 20, 110, 140], np.float32)
LANDMARKS = np.arange(10, dtype=np.float32).reshape(5, 2)
NAN_BOX = np.array([10, 20, np.nan, 140], np.float32)
ANN = SeenFace(1, BOX, LANDMARKS, person_id=1, name="Ann", score=1.0000001, confidence=1.0)
PHOTO = TakenPhoto("a", "straight", b"jpeg")
ROUND = RoundState(1, {"straight": 1}, {"straight": 2, "left": 1}, "left", (PHOTO,))


def test_faces_at_the_limits_are_taken() -> None:
    assert ANN.name == "Ann"
    assert SeenFace(1, -BOX, LANDMARKS, score=-1.0, confidence=0.0).person_id is None
    assert Label(-BOX, None, None).confidence is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"box": BOX[:3]}, "box must be"),
        ({"box": NAN_BOX}, "finite"),
        ({"box": np.array([-np.inf, 0, np.inf, 0], np.float32)}, "finite"),
        ({"landmarks": LANDMARKS.T}, "landmarks"),
        ({"landmarks": np.full((5, 2), np.inf, np.float32)}, "finite"),
        ({"person_id": None}, "an id and a name"),
        ({"name": None}, "an id and a name"),
        ({"score": 1.1}, "cosine"),
        ({"score": float("nan")}, "cosine"),
        ({"confidence": -0.1}, "confidence"),
        ({"confidence": float("nan")}, "confidence"),
    ],
)
def test_a_face_that_can_t_be_is_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        replace(ANN, **change)


@pytest.mark.parametrize(("size", "spent"), [((0, 480), 1.0), ((640, -1), 1.0), ((640, 480), -1.0), ((640, 480), float("nan"))])
def test_an_answer_that_can_t_be_is_refused(size: tuple[int, int], spent: float) -> None:
    with pytest.raises(ValueError, match=r"frame|timings"):
        FrameResult(size, (), None, {"detect": spent})


@pytest.mark.parametrize(
    "change",
    [{"version": -1}, {"taken": {"straight": -1}}, {"wanted_next": "down"}, {"photos": (PHOTO, PHOTO)}],
)
def test_a_round_that_can_t_be_is_refused(change: dict[str, object]) -> None:
    assert not ROUND.complete
    with pytest.raises(ValueError, match=r"counts|no pose|same id"):
        replace(ROUND, **change)


@pytest.mark.parametrize(("id_", "thumbnail"), [("", b"jpeg"), ("a", b"")])
def test_a_taken_photo_has_an_id_and_a_thumbnail(id_: str, thumbnail: bytes) -> None:
    with pytest.raises(ValueError, match="taken photo"):
        TakenPhoto(id_, "left", thumbnail)


@pytest.mark.parametrize(("box", "confidence"), [(BOX[:2], 0.5), (NAN_BOX, 0.5), (BOX, 1.5), (BOX, float("nan"))])
def test_a_label_that_can_t_be_drawn_is_refused(box: NDArray[np.float32], confidence: float) -> None:
    with pytest.raises(ValueError, match=r"box|confidence"):
        Label(box, "Ann", confidence)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"region": (5, 0, 5, 9)}, "region"),
        ({"region": (-1, 0, 5, 9)}, "region"),
        ({"seen": b""}, "picture and classes"),
        ({"probabilities": {}}, "picture and classes"),
        ({"probabilities": {"cat": 1.1}}, "0 to 1"),
        ({"probabilities": {"cat": float("nan")}}, "0 to 1"),
    ],
)
def test_a_guess_that_can_t_be_is_refused(change: dict[str, object], said: str) -> None:
    guess = Guess((0, 0, 5, 9), b"png", {"cat": 1.0, "dog": 0.0})
    with pytest.raises(ValueError, match=said):
        replace(guess, **change)
