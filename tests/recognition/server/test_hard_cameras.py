"""Cameras that behave badly, against the real pipeline behind the real API."""

import io
import logging
from contextlib import ExitStack

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from recognition.live.naming import LiveRecognition
from recognition.pictures import encode_jpeg
from recognition.recognizer import Recognizer
from recognition.server.schema import build_frame
from tests.faces import scene
from tests.recognition.server.conftest import Server, ServerFactory
from tests.recognition.server.test_camera_socket import answer_of, ask
from tests.waiting import wait_until

Picture = NDArray[np.uint8]


@pytest.fixture
def session_id(server: Server, recognizer: Recognizer) -> str:
    return server.registry.open(LiveRecognition(lambda: recognizer, 0.5))


def names(answer: dict[str, list[dict[str, object]]]) -> list[object]:
    return [face["name"] for face in answer["faces"]]


def test_a_camera_that_changes_its_resolution_midway(server: Server, session_id: str, collins: Picture) -> None:
    with server.connect(session_id) as socket:
        socket.receive_json()
        for seq, size in enumerate([(480, 640), (240, 320), (720, 1280), (480, 640)]):
            answer = ask(socket, seq, encode_jpeg(scene((collins, 20, 20), size=size)))
            assert answer["size"] == [size[1], size[0]]
            assert names(answer) == ["Eileen Collins"]


def test_a_gigantic_frame_is_told_and_the_next_one_is_named(server: Server, session_id: str, collins: Picture) -> None:
    gigantic = io.BytesIO()
    Image.new("L", (8000, 6000)).save(gigantic, "JPEG", quality=1)
    with server.connect(session_id) as socket:
        socket.receive_json()
        trouble = ask(socket, 1, gigantic.getvalue())
        assert trouble["type"] == "error"
        assert "8000×6000" in trouble["text"]
        assert names(ask(socket, 2, encode_jpeg(scene((collins, 220, 140))))) == ["Eileen Collins"]


def test_a_camera_that_never_waits_gets_the_newest_answer_not_a_queue(
    server: Server, session_id: str, collins: Picture
) -> None:
    jpeg = encode_jpeg(scene((collins, 220, 140)))
    frames = 240
    with server.connect(session_id) as socket:
        socket.receive_json()
        for seq in range(frames):
            socket.send_bytes(build_frame(seq, jpeg))
        answered = []
        while not answered or answered[-1] < frames - 1:
            answered.append(answer_of(socket)["seq"])
    assert answered == sorted(answered)
    assert len(answered) < frames


def test_a_slow_camera_is_named_as_well(server: Server, recognizer: Recognizer, collins: Picture) -> None:
    now = [0.0]
    slow = server.registry.open(LiveRecognition(lambda: recognizer, 0.5, lambda: now[0]))
    with server.connect(slow) as socket:
        socket.receive_json()
        for seq, x in enumerate((20, 400, 200)):
            now[0] += 60.0
            assert names(ask(socket, seq, encode_jpeg(scene((collins, x, 140))))) == ["Eileen Collins"]


def test_a_hundred_idle_sockets_leave_the_server_responsive_and_are_freed(
    start_server: ServerFactory, recognizer: Recognizer, collins: Picture, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    server = start_server(idle_seconds=0.3)
    turned_away = 0
    with ExitStack() as stack:
        for _ in range(100):
            session = LiveRecognition(lambda: recognizer, 0.5)
            socket = stack.enter_context(server.connect(server.registry.open(session)))
            first = socket.receive_json()
            turned_away += first["type"] == "error"
        assert turned_away >= 100 - 2 * 16
        assert server.client.get("/health").json()["status"] == "ok"
        wait_until(lambda: server.registry.sockets == 0, seconds=20)
        newcomer = server.registry.open(LiveRecognition(lambda: recognizer, 0.5))
        with server.connect(newcomer) as socket:
            socket.receive_json()
            assert names(ask(socket, 1, encode_jpeg(scene((collins, 220, 140))))) == ["Eileen Collins"]
    log = caplog.text
    assert "code=4429" in log
    assert "code=4408" in log
    assert "Eileen" not in log


def test_leaving_in_the_middle_of_a_frame_frees_the_socket(server: Server, session_id: str, collins: Picture) -> None:
    jpeg = encode_jpeg(scene((collins, 220, 140)))
    for _ in range(5):
        with server.connect(session_id) as socket:
            socket.receive_json()
            socket.send_bytes(build_frame(1, jpeg))
        wait_until(lambda: server.registry.sockets == 0, seconds=5)
    assert server.client.get("/health").json()["sockets"] == 0
