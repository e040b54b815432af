import io
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from recognition.erasure import Erased
from recognition.errors import RecognitionError
from recognition.live.guessing import MOST, LiveGuesses, likeliest
from recognition.pictures import Picture
from recognition.session import CameraSession


@dataclass(frozen=True, eq=False)
class Said:
    region: tuple[int, int, int, int]
    seen: NDArray[np.uint8]
    classes: tuple[str, ...]
    probabilities: NDArray[np.float32]


class Brightness:
    """Takes a bright picture for day and a dark one for night; sees its left upper corner."""

    def __init__(self, channels: int = 1) -> None:
        self._channels = channels

    def of_picture(self, picture: Picture) -> Said:
        day = np.float32(picture.mean() / 255)
        seen = picture[:8, :8, : self._channels]
        return Said((0, 0, 8, 8), seen, ("night", "day"), np.array([1 - day, day], np.float32))


BRIGHT, DARK = np.full((48, 64, 3), 255, np.uint8), np.zeros((48, 64, 3), np.uint8)


@pytest.mark.parametrize("channels", [1, 3])
def test_each_frame_gets_its_guess(channels: int) -> None:
    session: CameraSession = LiveGuesses(Brightness(channels))
    result = session.frame(BRIGHT)
    assert result.size == (64, 48) and result.faces == () and result.guidance is None
    assert result.timings.keys() == {"predict"}
    assert result.guess is not None
    assert result.guess.region == (0, 0, 8, 8)
    assert list(result.guess.probabilities.items()) == [("night", 0.0), ("day", 1.0)]
    seen = Image.open(io.BytesIO(result.guess.seen))
    assert seen.size == (8, 8) and seen.getpixel((3, 3)) == (255, 255, 255)
    assert session.round() is None


def test_the_page_can_put_another_network_in_its_place() -> None:
    class Contrary(Brightness):
        def of_picture(self, picture: Picture) -> Said:
            said = super().of_picture(picture)
            return replace(said, probabilities=said.probabilities[::-1])

    session = LiveGuesses(Brightness())
    session.predictor = Contrary()
    guess = session.frame(DARK).guess
    assert guess is not None and guess.probabilities == {"night": 0.0, "day": 1.0}


def test_a_network_is_let_go_when_somebody_is_erased() -> None:
    session = LiveGuesses(Brightness())
    session.forget(Erased(1))
    assert session.predictor is None
    with pytest.raises(RecognitionError, match="deleted"):
        session.frame(DARK)


@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=40))
def test_the_most_probable_classes_stay_in_their_order(shares: list[float]) -> None:
    classes = tuple(f"class {number}" for number in range(len(shares)))
    shown = likeliest(Said((0, 0, 1, 1), BRIGHT, classes, np.array(shares, np.float32)))
    assert len(shown) == min(len(shares), MOST)
    places = [classes.index(name) for name in shown]
    assert places == sorted(places)
    left_out = [share for name, share in zip(classes, shares, strict=True) if name not in shown]
    assert max(left_out, default=0.0) <= min(shown.values())
