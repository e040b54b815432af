import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from recognition.errors import StorageError
from recognition.live.appearances import AppearanceLog
from recognition.pictures import encode_jpeg
from recognition.server import CloseCode, Tokens
from recognition.server.camera_socket import check_origin
from recognition.server.errors import OriginError
from recognition.server.schema import MAX_FRAME_BYTES, build_frame
from recognition.session import Guess
from tests.recognition.server.conftest import FakeSession, Server, ServerFactory
from tests.waiting import wait_until


def assert_closed(socket: WebSocketTestSession, code: CloseCode, reason: str) -> None:
    """The server tells a fatal error and then closes with the same sentence."""
    trouble = socket.receive_json()
    assert trouble == {"type": "error", "code": code.name.lower(), "text": trouble["text"], "fatal": True}
    with pytest.raises(WebSocketDisconnect) as left:
        socket.receive_json()
    assert left.value.code == code
    assert reason in left.value.reason
    assert trouble["text"].startswith(left.value.reason)


class Watching(FakeSession):
    """Also lists who was in view."""

    def __init__(self, appearances: AppearanceLog) -> None:
        super().__init__()
        self.appearances = appearances


@contextmanager
def camera(server: Server, session: FakeSession) -> Iterator[WebSocketTestSession]:
    """A connected camera after `hello`."""
    with server.connect(server.registry.open(session)) as socket:
        assert socket.receive_json()["type"] == "hello"
        yield socket


def ask(socket: WebSocketTestSession, seq: int, jpeg: bytes) -> Any:
    """The answer to a frame; news of who was in view, which may come before, is passed over."""
    socket.send_bytes(build_frame(seq, jpeg))
    return answer_of(socket)


def answer_of(socket: WebSocketTestSession) -> Any:
    while (message := socket.receive_json())["type"] == "appearances":
        pass
    return message


class TestConversation:
    def test_hello_tells_version_kind_and_limits(self, server: Server):
        with server.connect(server.registry.open(FakeSession())) as socket:
            assert socket.receive_json() == {
                "type": "hello",
                "version": 1,
                "kind": "live",
                "limits": {"max_frame_bytes": 2_000_000, "max_pixels": 2_073_600},
            }

    def test_a_frame_gets_its_answer(self, server: Server, jpeg: bytes):
        session = FakeSession()
        with camera(server, session) as socket:
            answer = ask(socket, 4_000_000_000, jpeg)
        assert session.shapes == [(512, 512, 3)]
        assert answer.pop("timings").keys() == {"detect", "wait", "decode", "total"}
        assert answer == {
            "type": "result",
            "seq": 4_000_000_000,
            "size": [512, 512],
            "faces": [
                {
                    "track": 7,
                    "box": [10, 20, 110, 140],
                    "landmarks": [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]],
                    "name": "Ann",
                    "score": 0.71,
                    "confidence": 0.97,
                    "appearance": None,
                }
            ],
            "guidance": None,
            "guess": None,
        }

    def test_a_guess_is_told_with_its_classes_in_order(self, server: Server, jpeg: bytes):
        guess = Guess((64, 0, 448, 384), b"png-x", {"10": 0.25, "2": 0.74996})
        with camera(server, FakeSession(guess=guess)) as socket:
            assert ask(socket, 1, jpeg)["guess"] == {
                "region": [64, 0, 448, 384],
                "seen": "data:image/png;base64,cG5nLXg=",
                "probabilities": [["10", 0.25], ["2", 0.75]],
            }

    def test_a_round_is_told_at_once_and_again_only_when_it_changes(self, server: Server, jpeg: bytes):
        with server.connect(server.registry.open(FakeSession(enroll=True))) as socket:
            assert socket.receive_json()["kind"] == "enroll"
            told = socket.receive_json()
            assert told["type"] == "round"
            assert told["wanted_next"] == "right" and told["complete"] is False
            assert told["taken"] == {"straight": 1, "left": 1}
            assert told["photos"][0] == {
                "id": "a",
                "pose": "straight",
                "thumbnail": "data:image/jpeg;base64,anBlZy1h",
            }
            first, second = ask(socket, 1, jpeg), ask(socket, 2, jpeg)
            assert (first["type"], second["type"]) == ("result", "result")
            assert first["guidance"] == {"code": "closer", "text": "Come closer", "good": False}

    def test_the_list_of_who_was_in_view_is_told_when_it_changes_and_each_face_once(self, server: Server, jpeg: bytes):
        ann, stranger = np.eye(2, 8, dtype=np.float32)
        session = Watching(AppearanceLog(0.9))
        row = session.appearances.see(None, None, None, stranger, lambda: b"stranger")
        with camera(server, session) as socket:
            news = socket.receive_json()
            assert (news["type"], [(row["name"], row["face"] is None) for row in news["rows"]]) == (
                "appearances",
                [(None, False)],
            )
            assert ask(socket, 1, jpeg)["type"] == "result"
            assert ask(socket, 2, jpeg)["type"] == "result", "no news: the next message is an answer again"
            session.appearances.see(1, "Ann", 0.9, ann, lambda: b"ann")
            assert ask(socket, 3, jpeg)["type"] == "result"
            news = socket.receive_json()
            assert [(row["name"], row["face"] is None) for row in news["rows"]] == [("Ann", False), (None, True)]
            session.appearances.name(row, 2, "Ben")
            ask(socket, 4, jpeg)
            assert [row["name"] for row in socket.receive_json()["rows"]] == ["Ann", "Ben"]

    def test_a_photo_can_be_discarded(self, server: Server):
        with camera(server, FakeSession(enroll=True)) as socket:
            assert len(socket.receive_json()["photos"]) == 2
            socket.send_json({"type": "discard", "photo": "a"})
            assert [photo["id"] for photo in socket.receive_json()["photos"]] == ["b"]

    def test_health_counts_sockets_and_tells_nothing_personal(self, server: Server):
        with camera(server, FakeSession()):
            assert server.client.get("/health").json() == {"status": "ok", "version": 1, "sockets": 1}
        wait_until(lambda: server.registry.sockets == 0, seconds=5)

    def test_documentation_pages_that_need_a_cdn_are_off(self, server: Server):
        assert server.client.get("/docs").status_code == 404
        assert server.client.get("/openapi.json").status_code == 200


class TestRefusals:
    @pytest.mark.parametrize(
        ("origin", "reason"),
        [(None, "Only a browser"), ("http://evil.example", "another site"), ("null", "another site")],
    )
    def test_other_origins(self, server: Server, origin: str | None, reason: str):
        token = server.tokens.issue(server.registry.open(FakeSession()))
        with server.open_socket(token, origin=origin) as socket:
            assert_closed(socket, CloseCode.ORIGIN, reason)

    def test_the_origin_is_checked_before_the_token(self, server: Server):
        with server.open_socket(None, origin="http://evil.example") as socket:
            assert_closed(socket, CloseCode.ORIGIN, "another site")

    def test_a_listed_origin_may_connect(self, start_server: ServerFactory):
        server = start_server(allowed_origins=("https://faces.example",))
        token = server.tokens.issue(server.registry.open(FakeSession()))
        with server.open_socket(token, origin="https://faces.example") as socket:
            assert socket.receive_json()["type"] == "hello"

    @pytest.mark.parametrize(
        ("origin", "host"),
        [
            ("http://localhost:8501", "localhost:8501"),
            ("https://Faces.example", "faces.example"),
            ("https://faces.example", "faces.example:443"),
            ("http://[::1]:8501", "[::1]:8501"),
        ],
    )
    def test_the_own_origin_passes(self, origin: str, host: str):
        check_origin(origin, host)

    @pytest.mark.parametrize(
        ("origin", "host"),
        [
            ("http://localhost:8502", "localhost:8501"),
            ("http://localhost.evil.example", "localhost"),
            ("http://[", "["),
            ("file://", ""),
            ("http://", ""),
            ("chrome-extension://localhost:8501", "localhost:8501"),
            ("http://user@localhost:8501", "localhost:8501"),
            ("http://localhost:8501", None),
        ],
    )
    def test_a_different_or_broken_origin_is_refused(self, origin: str, host: str | None):
        with pytest.raises(OriginError):
            check_origin(origin, host)

    def test_a_missing_token(self, server: Server):
        with server.open_socket(None) as socket:
            assert_closed(socket, CloseCode.TOKEN, "without a token")

    def test_a_forged_token(self, server: Server):
        with server.open_socket(Tokens().issue("x")) as socket:
            assert_closed(socket, CloseCode.TOKEN, "not valid")

    def test_a_session_that_is_gone(self, server: Server):
        session_id = server.registry.open(FakeSession())
        server.clock.now += 16 * 60
        with server.connect(session_id) as socket:
            assert_closed(socket, CloseCode.GONE, "has ended")

    def test_one_camera_too_many(self, start_server: ServerFactory):
        server = start_server(max_sockets=1)
        with camera(server, FakeSession()), server.connect(server.registry.open(FakeSession())) as socket:
            assert_closed(socket, CloseCode.TOO_MANY, "already connected")

    def test_a_frame_of_too_many_bytes(self, server: Server):
        with camera(server, FakeSession()) as socket:
            socket.send_bytes(build_frame(1, bytes(MAX_FRAME_BYTES)))
            assert_closed(socket, CloseCode.TOO_LARGE, "at most 2 MB")

    @pytest.mark.parametrize("text", ["", "{}", "[1", '{"type":"discard"}', '{"type":"x"}', "x" * 5000])
    def test_a_text_message_that_makes_no_sense(self, server: Server, text: str):
        with camera(server, FakeSession()) as socket:
            socket.send_text(text)
            assert_closed(socket, CloseCode.MALFORMED, "The camera sent a")

    def test_a_frame_without_a_sequence_number(self, server: Server):
        with camera(server, FakeSession()) as socket:
            socket.send_bytes(b"123")
            assert_closed(socket, CloseCode.MALFORMED, "sequence number")

    def test_a_forgotten_camera(self, start_server: ServerFactory):
        server = start_server(idle_seconds=0.05)
        with camera(server, FakeSession()) as socket:
            assert_closed(socket, CloseCode.IDLE, "sent nothing")


class TestTrouble:
    def test_one_unreadable_frame_is_forgiven_and_the_third_in_a_row_is_not(self, server: Server, jpeg: bytes):
        with camera(server, FakeSession()) as socket:
            for frame, kind in [
                (b"no", "error"),
                (b"no", "error"),
                (jpeg, "result"),
                (b"", "error"),
                (b"", "error"),
            ]:
                answer = ask(socket, 1, frame)
                assert answer["type"] == kind
                assert answer.get("fatal") is not True
            assert ask(socket, 1, b"no")["code"] == "unreadable"
            assert_closed(socket, CloseCode.UNREADABLE, "can't read")

    def test_too_many_pixels_are_told_before_they_are_decoded(self, server: Server):
        session = FakeSession()
        with camera(server, session) as socket:
            answer = ask(socket, 1, encode_jpeg(np.zeros((1100, 2000, 3), np.uint8)))
            assert answer["code"] == "unreadable" and "2000×1100" in answer["text"]
        assert session.shapes == []

    def test_a_problem_a_person_can_solve_is_told_and_the_camera_goes_on(self, server: Server, jpeg: bytes):
        session = FakeSession()
        with camera(server, session) as socket:
            session.fails = StorageError("The disk is full.")
            assert ask(socket, 1, jpeg) == {
                "type": "error",
                "code": "recognition",
                "text": "The disk is full.",
                "fatal": False,
            }
            session.fails = None
            assert ask(socket, 2, jpeg)["type"] == "result"

    def test_an_unforeseen_problem_closes_without_its_details(self, server: Server, jpeg: bytes, caplog):
        session = FakeSession()
        session.fails = RuntimeError("secret detail")
        with camera(server, session) as socket:
            socket.send_bytes(build_frame(1, jpeg))
            assert_closed(socket, CloseCode.INTERNAL, "ran into a problem")
        assert "secret detail" in caplog.text, "it is in the log"
        wait_until(lambda: server.registry.sockets == 0, seconds=5)


class TestPacing:
    def test_only_the_newest_waiting_frame_is_looked_at(self, server: Server, jpeg: bytes):
        session = FakeSession()
        with camera(server, session) as socket:
            session.gate.clear()
            socket.send_bytes(build_frame(1, jpeg))
            assert session.entered.acquire(timeout=5)
            for seq in range(2, 30):
                socket.send_bytes(build_frame(seq, jpeg))
            # Every request turns the event loop at least once, and the receiver takes a message a turn.
            for _ in range(30):
                server.client.get("/health")
            session.gate.set()
            assert [socket.receive_json()["seq"], socket.receive_json()["seq"]] == [1, 29]
        assert len(session.shapes) == 2
        assert session.most_at_once == 1

    def test_inference_does_not_hold_up_the_event_loop(self, server: Server, jpeg: bytes):
        session = FakeSession()
        with camera(server, session) as socket:
            session.gate.clear()
            socket.send_bytes(build_frame(1, jpeg))
            assert session.entered.acquire(timeout=5)
            assert server.client.get("/health").json()["sockets"] == 1
            session.gate.set()
            assert socket.receive_json()["seq"] == 1

    def test_a_newer_socket_replaces_the_older_and_frames_never_overlap(self, server: Server, jpeg: bytes):
        session = FakeSession()
        session_id = server.registry.open(session)
        with server.connect(session_id) as older:
            older.receive_json()
            session.gate.clear()
            older.send_bytes(build_frame(1, jpeg))
            assert session.entered.acquire(timeout=5)
            with server.connect(session_id) as newer:
                newer.receive_json()
                newer.send_bytes(build_frame(2, jpeg))
                session.gate.set()
                assert newer.receive_json()["seq"] == 2
                assert_closed(older, CloseCode.REPLACED, "another window")
                assert server.registry.sockets == 1
        assert session.most_at_once == 1

    def test_leaving_in_the_middle_of_a_frame_frees_the_socket(self, server: Server, jpeg: bytes):
        session = FakeSession()
        session.gate.clear()
        session_id = server.registry.open(session)
        with server.connect(session_id) as socket:
            socket.receive_json()
            socket.send_bytes(build_frame(1, jpeg))
            assert session.entered.acquire(timeout=5)
            session.gate.set()
        wait_until(lambda: server.registry.sockets == 0, seconds=5)
        with server.connect(session_id) as again:
            assert again.receive_json()["type"] == "hello"

    def test_closing_the_session_hangs_up(self, server: Server):
        session_id = server.registry.open(FakeSession())
        with server.connect(session_id) as socket:
            socket.receive_json()
            server.registry.close(session_id)
            assert_closed(socket, CloseCode.GONE, "was closed")


def test_the_log_tells_codes_and_counts_but_no_names(server: Server, jpeg: bytes, caplog):
    caplog.set_level(logging.DEBUG, logger="recognition.server")
    with camera(server, FakeSession()) as socket:
        ask(socket, 1, jpeg)
    wait_until(lambda: "camera left" in caplog.text, seconds=5)
    assert "frames=1 answered=1" in caplog.text
    assert "Ann" not in caplog.text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(message=st.binary(max_size=300) | st.text(max_size=300))
def test_no_message_crashes_the_server(server: Server, message: bytes | str):
    with camera(server, FakeSession()) as socket:
        if isinstance(message, bytes):
            socket.send_bytes(message)
        else:
            socket.send_text(message)
        answer = socket.receive_json()
        assert answer["type"] == "error"
        assert answer["code"] in {"unreadable", "malformed"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_damaged_jpeg_crashes_the_server(server: Server, jpeg: bytes, data: st.DataObject):
    damaged = bytearray(jpeg)
    # Most of what decides is in the first kilobyte: sizes, tables, markers.
    for position in data.draw(st.lists(st.integers(0, 1023), min_size=1, max_size=8)):
        damaged[position] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(damaged)))
    with camera(server, FakeSession()) as socket:
        answer = ask(socket, 1, bytes(damaged[:cut]))
        assert answer["type"] == "result" or answer["code"] == "unreadable"
