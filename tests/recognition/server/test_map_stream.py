"""The stream of drawings. The test client reads a whole answer, so the session ends every stream by itself."""

import asyncio
import json
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from recognition.pictures import encode_jpeg
from recognition.server import SessionRegistry, Tokens, map_stream
from tests.recognition.server.conftest import FakeSession, Server

JPEG = encode_jpeg(np.zeros((8, 8, 3), np.uint8))


class Drawer(FakeSession):
    """Draws the given number of pictures, then calls `after`. `skip`: how many frames pass while it draws."""

    def __init__(self, pictures: int = 3, skip: int = 1) -> None:
        super().__init__()
        self.stamp = 0
        self.drawn: list[int] = []
        self.after: Callable[[], None] = lambda: None
        self._pictures = pictures
        self._skip = skip

    def draw(self) -> bytes:
        self.drawn.append(self.stamp)
        self.stamp += self._skip
        if len(self.drawn) >= self._pictures:
            self.after()
        return JPEG


def watch(server: Server, drawer: Drawer, **headers: str):
    session_id = server.registry.open(drawer)
    drawer.after = lambda: server.registry.close(session_id)
    return server.client.get("/maps", params={"token": server.tokens.issue(session_id)}, headers=headers)


def test_pictures_come_one_after_another_until_the_session_ends(server: Server) -> None:
    answer = watch(server, Drawer(3))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "multipart/x-mixed-replace; boundary=picture"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-encoding"] == "identity"
    assert answer.content.count(JPEG) == 3
    assert re.match(rb"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: \d+\r\n\r\n\xff\xd8", answer.content)
    assert answer.content.endswith(b"--picture\r\n")


def test_frames_that_pass_while_one_is_drawn_are_left_out(server: Server) -> None:
    drawer = Drawer(3, skip=5)
    watch(server, drawer)
    assert drawer.drawn == [0, 5, 10]


def test_a_still_picture_is_sent_again_but_not_drawn_again(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_stream, "REPEAT", 0.05)
    drawer = Drawer(1, skip=0)
    session_id = server.registry.open(drawer)
    looks = iter(range(30))
    get = server.registry.get
    monkeypatch.setattr(server.registry, "get", lambda key: get(key) if next(looks, None) is not None else None)
    answer = server.client.get("/maps", params={"token": server.tokens.issue(session_id)})
    assert len(drawer.drawn) == 1
    assert answer.content.count(JPEG) > 1


def test_a_drawing_that_fails_ends_the_stream(server: Server) -> None:
    drawer = Drawer(1)

    def fail() -> None:
        raise RuntimeError("broken")

    session_id = server.registry.open(drawer)
    drawer.after = fail
    answer = server.client.get("/maps", params={"token": server.tokens.issue(session_id)})
    assert answer.status_code == 200 and JPEG not in answer.content


def test_a_stream_ends_when_its_camera_is_off(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_stream, "PATIENCE", 0.1)
    drawer = Drawer(1, skip=0)
    answer = server.client.get("/maps", params={"token": server.tokens.issue(server.registry.open(drawer))})
    assert answer.content.count(JPEG) == 1


def test_a_stream_goes_on_while_a_camera_is_connected(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_stream, "PATIENCE", 0.05)
    drawer = Drawer(20)
    drawer.draw = lambda draw=drawer.draw: (time.sleep(0.01), draw())[1]  # type: ignore[method-assign]
    session_id = server.registry.open(drawer)
    drawer.after = lambda: server.registry.close(session_id)
    with server.registry.connect(session_id, lambda *_: None):
        answer = server.client.get("/maps", params={"token": server.tokens.issue(session_id)})
    assert answer.content.count(JPEG) == 20


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://testserver"}, 200),
        ({"origin": "http://evil.example"}, 403),
    ],
)
def test_only_our_own_page_may_look(server: Server, headers: dict[str, str], status: int) -> None:
    assert watch(server, Drawer(1), **headers).status_code == status


@pytest.mark.parametrize("token", [None, "", "forged"])
def test_a_token_is_needed(server: Server, token: str | None) -> None:
    answer = server.client.get("/maps", params={} if token is None else {"token": token})
    assert answer.status_code == 401
    assert answer.json()["code"] == "token" and "Reload" in answer.json()["text"]


def test_a_session_that_has_ended_is_gone(server: Server) -> None:
    token = server.tokens.issue(server.registry.open(FakeSession()))
    server.registry.close(server.tokens.read(token))
    assert server.client.get("/maps", params={"token": token}).status_code == 410


def test_a_session_that_draws_nothing_is_not_found(server: Server) -> None:
    token = server.tokens.issue(server.registry.open(FakeSession()))
    answer = server.client.get("/maps", params={"token": token})
    assert (answer.status_code, answer.json()["code"]) == (404, "nothing_drawn")


def statuses(at_once: int, then: int) -> tuple[list[int], list[int]]:
    """The answers to so many viewers who all ask before anything is sent, and to those who ask after they have left."""
    registry, tokens = SessionRegistry(), Tokens()
    token = tokens.issue(registry.open(Drawer(1000)))
    streams = map_stream.Streams(registry, tokens, ())
    request = Request({"type": "http", "headers": []})

    async def watch(answer: Response, started: asyncio.Queue[int], leave: asyncio.Event) -> None:
        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.put_nowait(message["status"])

        async def receive() -> Message:
            await leave.wait()
            return {"type": "http.disconnect"}

        await answer({"type": "http", "headers": [], "asgi": {"spec_version": "2.3"}}, receive, send)

    async def viewers(count: int) -> list[int]:
        started: asyncio.Queue[int] = asyncio.Queue()
        leave = asyncio.Event()
        answers = [streams.answer(request, token) for _ in range(count)]
        watching = [asyncio.create_task(watch(answer, started, leave)) for answer in answers]
        found = [await started.get() for _ in range(count)]
        leave.set()
        await asyncio.gather(*watching)
        return sorted(found)

    async def both() -> tuple[list[int], list[int]]:
        return await viewers(at_once), await viewers(then)

    # In a thread of its own: the browser tests leave a loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, both()).result()


def test_of_a_hundred_viewers_at_once_only_as_many_are_served_as_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_stream, "MAX_STREAMS", 3)
    first, _ = statuses(at_once=100, then=0)
    assert first == [200] * 3 + [429] * 97


def test_a_viewer_who_leaves_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_stream, "MAX_STREAMS", 1)
    assert statuses(at_once=2, then=1) == ([200, 429], [200])


class Touched(FakeSession):
    """Has something new whenever its stamp grows."""

    stamp = 1

    def touch(self) -> bytes:
        return json.dumps({"stamp": self.stamp}).encode()


def test_the_network_at_work_is_told_once(server: Server) -> None:
    session = Touched()
    params = {"token": server.tokens.issue(server.registry.open(session))}
    answer = server.client.get("/touch", params=params)
    assert (answer.status_code, answer.json()) == (200, {"stamp": 1})
    assert answer.headers["cache-control"] == "no-store"
    assert server.client.get("/touch", params={**params, "after": 1}).status_code == 204
    session.stamp = 2
    assert server.client.get("/touch", params={**params, "after": 1}).json() == {"stamp": 2}


def test_the_network_at_work_is_for_the_page_alone(server: Server) -> None:
    token = server.tokens.issue(server.registry.open(Touched()))
    headers = {"sec-fetch-site": "cross-site"}
    assert server.client.get("/touch", params={"token": token}, headers=headers).status_code == 403
    assert server.client.get("/touch").status_code == 401
    plain = server.tokens.issue(server.registry.open(FakeSession()))
    assert (
        server.client.get("/touch", params={"token": plain}).status_code
        == server.client.get("/maps", params={"token": plain}).status_code
    )
