import threading

import numpy as np
import pytest
from numpy.typing import NDArray

from recognition.alignment import CROP_SIZE
from recognition.gallery import TemplateSet
from recognition.inspection.errors import FitError
from recognition.inspection.live_maps import STARVED_AFTER, TEMPLATES_FRESH, LiveMaps
from recognition.inspection.views import View, channel_pictures, draw_difference, summary_of
from recognition.networks import Network
from recognition.pictures import decode_frame
from recognition.recognizer import Recognizer
from recognition.session import CameraSession, DrawingSession
from tests.faces import Clock, scene

Picture = NDArray[np.uint8]


class Gallery:
    """One template of Collins, until she is deleted."""

    def __init__(self, vector: NDArray[np.float32]) -> None:
        self.full = TemplateSet(np.array([1]), np.array([10]), vector, {1: "Eileen Collins"}, 1)
        self.empty = TemplateSet(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, 0), np.float32), {}, 2)
        self.deleted = False
        self.reads = 0

    def templates(self) -> TemplateSet:
        self.reads += 1
        return self.empty if self.deleted else self.full


@pytest.fixture
def gallery(network: Network, collins_crop: Picture) -> Gallery:
    return Gallery(network.embed(collins_crop[None], mirrored=True))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def session(recognizer: Recognizer, network: Network, gallery: Gallery, clock: Clock) -> LiveMaps:
    return LiveMaps(lambda: recognizer, network, summary_of(network), gallery.templates, View("stem.relu"), 0.5, clock)


def drawn(session: LiveMaps) -> Picture:
    return decode_frame(session.draw())


def test_it_is_a_session_that_draws(session: LiveMaps) -> None:
    assert isinstance(session, DrawingSession)
    camera: CameraSession = session
    assert camera.round() is None


def test_a_face_is_named_and_its_channels_are_drawn(session: LiveMaps, collins: Picture) -> None:
    before = session.stamp
    (face,) = session.frame(scene((collins, 200, 100))).faces
    assert face.name == "Eileen Collins"
    assert session.stamp > before
    assert session.crop is not None and session.crop.shape == (CROP_SIZE, CROP_SIZE, 3)
    picture = drawn(session)
    assert picture.shape == (4 * 74 + 3 * 2, 8 * 74 + 7 * 2, 3)
    assert session.problem is None


def test_without_a_face_the_drawing_is_dim_and_then_stands_still(session: LiveMaps, collins: Picture, clock: Clock) -> None:
    assert drawn(session).max() < 100
    session.frame(scene((collins, 200, 100)))
    bright = drawn(session).mean()
    for _ in range(40):
        clock.tick(0.1)
        session.frame(scene())
    stamp = session.stamp
    session.frame(scene())
    assert session.stamp == stamp
    assert drawn(session).mean() < bright / 2


@pytest.mark.parametrize("show", ["grid", "channel", "depth", "why"])
def test_every_view_can_be_drawn(session: LiveMaps, collins: Picture, show: str) -> None:
    session.frame(scene((collins, 200, 100)))
    session.show(View("blocks.3.relu2", show, "strength", page=1, channel=63))  # type: ignore[arg-type]
    picture = drawn(session)
    assert session.problem is None
    assert picture.std() > 10


def test_a_lost_stream_is_noticed(session: LiveMaps, collins: Picture, clock: Clock) -> None:
    clock.tick(STARVED_AFTER + 1)
    assert not session.starved
    session.frame(scene((collins, 200, 100)))
    assert session.starved
    session.draw()
    assert not session.starved
    session.frame(scene((collins, 210, 100)))
    assert not session.starved


def test_a_new_view_is_drawn_without_a_new_frame(session: LiveMaps) -> None:
    stamp = session.stamp
    session.show(View("stem.relu"))
    assert session.stamp == stamp
    session.show(View("stem.pool"))
    assert session.stamp == stamp + 1


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (View("dense"), "no feature maps"),
        (View("pool"), "1×1"),
        (View("nonsense"), "no layer called"),
        (View("stem.relu", page=9), "no page 10"),
        (View("stem.relu", "channel", channel=99), "no channel 99"),
        (View("dense", "why"), "no feature maps"),
    ],
)
def test_what_cannot_be_drawn_is_said(session: LiveMaps, collins: Picture, view: View, said: str) -> None:
    session.frame(scene((collins, 200, 100)))
    session.show(view)
    session.draw()
    assert session.problem is not None and said in session.problem
    session.show(View("stem.relu"))
    session.draw()
    assert session.problem is None


def test_somebody_deleted_is_soon_gone_from_the_heat_maps(
    session: LiveMaps, gallery: Gallery, collins: Picture, clock: Clock
) -> None:
    session.show(View("blocks.9.relu2", "why"))
    session.frame(scene((collins, 200, 100)))
    for _ in range(3):
        session.draw()
    assert [person.name for person in session.people] == ["Eileen Collins"]
    assert gallery.reads == 1
    gallery.deleted = True
    clock.tick(TEMPLATES_FRESH)
    session.draw()
    assert session.people == ()
    assert session.problem is not None and "Nobody is enrolled" in session.problem


def test_frames_and_drawings_at_the_same_time(session: LiveMaps, collins: Picture) -> None:
    picture = scene((collins, 200, 100))
    session.frame(picture)
    done: list[int] = []

    def draw() -> None:
        for _ in range(5):
            done.append(len(session.draw()))

    thread = threading.Thread(target=draw)
    thread.start()
    for _ in range(5):
        session.frame(picture)
    thread.join()
    assert len(done) == 5 and min(done) > 1000


def test_the_channel_before_and_after(collins_crop: Picture) -> None:
    maps = np.array([[[-1, 2, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, -2]]], np.float32)
    pictures = channel_pictures(collins_crop, maps, 0)
    assert [picture.shape[:2] for picture in pictures.values()] == [(CROP_SIZE, CROP_SIZE), (4, 4), (4, 4), (2, 2)]
    white = pictures["After ReLU"][3, 3]
    np.testing.assert_array_equal(white, [247, 247, 247])
    # Blue before, white after.
    assert pictures["The channel"][3, 3, 2] > pictures["The channel"][3, 3, 0]
    with pytest.raises(FitError):
        channel_pictures(collins_crop, maps, 1)


def test_the_difference_is_red_where_the_first_is_higher(collins_crop: Picture) -> None:
    one, other = np.zeros((2, 2), np.float32), np.zeros((2, 2), np.float32)
    one[0, 0] = other[1, 1] = 1.0
    picture = draw_difference(collins_crop, one, other, 100).astype(int)
    assert picture[10, 10, 0] > picture[10, 10, 2]
    assert picture[90, 90, 2] > picture[90, 90, 0]
