import json
import threading
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from recognition.gallery import TemplateSet
from recognition.inspection.live_maps import STARVED_AFTER, TEMPLATES_FRESH, Heat, LiveMaps
from recognition.inspection.touch import Touched
from recognition.inspection.views import draw_difference, summary_of
from recognition.networks import Network
from recognition.pictures import decode_frame
from recognition.recognizer import Recognizer
from recognition.session import CameraSession, DrawingSession, TouchSession
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
    return LiveMaps(lambda: recognizer, network, summary_of(network), gallery.templates, Touched("stem.relu"), 0.5, clock)


def drawn(session: LiveMaps) -> Picture:
    return decode_frame(session.draw())


def told(session: LiveMaps) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(session.touch())
    return answer


def test_it_is_a_session_that_draws_and_can_be_touched(session: LiveMaps) -> None:
    assert isinstance(session, DrawingSession) and isinstance(session, TouchSession)
    camera: CameraSession = session
    assert camera.round() is None


def test_the_network_at_work_follows_the_face_and_names_it(session: LiveMaps, collins: Picture) -> None:
    assert told(session) == {"stamp": 0, "frozen": "Looking for a face.", "network": None}
    (face,) = session.frame(scene((collins, 200, 100))).faces
    assert face.name == "Eileen Collins"
    first = told(session)
    assert first["stamp"] == session.stamp and first["frozen"] == ""
    assert first["network"]["answer"]["title"] == "Eileen Collins"
    assert (first["network"]["layer"], first["network"]["map"]["shape"]) == ("stem.relu", [72, 72])
    session.frame(scene((collins, 230, 110)))
    second = told(session)["network"]
    assert second["map"] != first["network"]["map"] and second["channel"] == first["network"]["channel"]


def test_without_a_face_it_says_that_it_is_frozen(session: LiveMaps, collins: Picture, clock: Clock) -> None:
    session.frame(scene((collins, 200, 100)))
    for _ in range(40):
        clock.tick(0.1)
        session.frame(scene())
    answer = told(session)
    assert "Frozen" in answer["frozen"] and answer["network"] is not None


def test_another_layer_is_shown_without_a_new_frame(session: LiveMaps, collins: Picture) -> None:
    session.frame(scene((collins, 200, 100)))
    stamp = session.stamp
    session.show(Touched("stem.relu"))
    assert session.stamp == stamp
    session.show(Touched("blocks.3.relu2", 63, "strength"))
    assert session.stamp == stamp + 1
    network = told(session)["network"]
    assert (network["layer"], network["channel"]) == ("blocks.3.relu2", 63)
    session.show(Touched("nonsense"))
    assert "no layer called" in told(session)["frozen"]


def test_why_is_dim_without_a_face(session: LiveMaps, collins: Picture, clock: Clock) -> None:
    session.explain(Heat("blocks.9.relu2"))
    assert drawn(session).max() < 100
    session.frame(scene((collins, 200, 100)))
    bright = drawn(session).mean()
    assert session.problem is None
    for _ in range(40):
        clock.tick(0.1)
        session.frame(scene())
    assert drawn(session).mean() < bright / 2


def test_a_lost_stream_is_noticed(session: LiveMaps, collins: Picture, clock: Clock) -> None:
    clock.tick(STARVED_AFTER + 1)
    assert not session.starved
    session.frame(scene((collins, 200, 100)))
    assert session.starved
    session.draw()
    assert not session.starved
    session.frame(scene((collins, 210, 100)))
    assert not session.starved


@pytest.mark.parametrize(("layer", "said"), [("dense", "no feature maps"), ("pool", "1×1"), ("nonsense", "no layer called")])
def test_what_cannot_be_drawn_is_said(session: LiveMaps, collins: Picture, layer: str, said: str) -> None:
    session.frame(scene((collins, 200, 100)))
    session.explain(Heat(layer))
    session.draw()
    assert session.problem is not None and said in session.problem
    session.explain(Heat("stem.relu"))
    session.draw()
    assert session.problem is None


def test_somebody_deleted_is_soon_gone_from_the_heat_maps(
    session: LiveMaps, gallery: Gallery, collins: Picture, clock: Clock
) -> None:
    session.explain(Heat("blocks.9.relu2"))
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
            done.append(len(session.touch()))

    thread = threading.Thread(target=draw)
    thread.start()
    for _ in range(5):
        session.frame(picture)
    thread.join()
    assert len(done) == 5 and min(done) > 1000


def test_the_difference_is_red_where_the_first_is_higher(collins_crop: Picture) -> None:
    one, other = np.zeros((2, 2), np.float32), np.zeros((2, 2), np.float32)
    one[0, 0] = other[1, 1] = 1.0
    picture = draw_difference(collins_crop, one, other, 100).astype(int)
    assert picture[10, 10, 0] > picture[10, 10, 2]
    assert picture[90, 90, 2] > picture[90, 90, 0]
