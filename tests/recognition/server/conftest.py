"""A server with a fake session: no network, no gallery, a canned answer."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest
from skimage.data import astronaut
from starlette.testclient import TestClient, WebSocketTestSession

from recognition.erasure import Erased
from recognition.pictures import Picture, encode_jpeg
from recognition.server import SessionRegistry, Tokens, create_api
from recognition.session import FrameResult, Guess, Guidance, Pose, RoundState, SeenFace, TakenPhoto

ORIGIN = "http://testserver"
"""What the test client's Host header says."""


class FakeSession:
    """Answers every frame with the same face, Ann's. `gate` holds frames back until a test opens it."""

    def __init__(self, *, enroll: bool = False, guess: Guess | None = None) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Semaphore(0)
        self.shapes: list[tuple[int, ...]] = []
        self.fails: Exception | None = None
        self.forgotten: list[Erased] = []
        self.at_once = 0
        self.most_at_once = 0
        self._enroll = enroll
        self._guess = guess
        self._photos = (TakenPhoto("a", "straight", b"jpeg-a"), TakenPhoto("b", "left", b"jpeg-b"))
        self._version = 1

    def frame(self, picture: Picture) -> FrameResult:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.entered.release()
        try:
            assert self.gate.wait(10)
            if self.fails:
                raise self.fails
            self.shapes.append(picture.shape)
            height, width = picture.shape[:2]
            face = SeenFace(
                track=7,
                box=np.array([10, 20, 110, 140], np.float32),
                landmarks=np.arange(10, dtype=np.float32).reshape(5, 2),
                person_id=1,
                name="Ann",
                score=0.71,
                confidence=0.97,
            )
            guidance = Guidance("closer", "Come closer") if self._enroll else None
            return FrameResult((width, height), (face,), guidance, {"detect": 1.0}, self._guess)
        finally:
            self.at_once -= 1

    def round(self) -> RoundState | None:
        if not self._enroll:
            return None
        taken: dict[Pose, int] = {photo.pose: 1 for photo in self._photos}
        wanted: dict[Pose, int] = {"straight": 1, "left": 1, "right": 1}
        return RoundState(self._version, taken, wanted, "right", self._photos)

    def discard(self, photo_id: str) -> None:
        self._photos = tuple(photo for photo in self._photos if photo.id != photo_id)
        self._version += 1

    def forget(self, erased: Erased) -> None:
        self.forgotten.append(erased)


@dataclass
class FakeClock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Server:
    """The API with its parts, and a client in which all sockets share one event loop, as in a real server."""

    client: TestClient
    registry: SessionRegistry
    tokens: Tokens
    clock: FakeClock = field(default_factory=FakeClock)

    def connect(self, session_id: str, **headers: str) -> WebSocketTestSession:
        return self.open_socket(self.tokens.issue(session_id), **headers)

    def open_socket(self, token: str | None, *, origin: str | None = ORIGIN, **headers: str) -> WebSocketTestSession:
        query = f"?token={token}" if token is not None else ""
        if origin is not None:
            headers["origin"] = origin
        return self.client.websocket_connect(f"/live{query}", headers=headers)


ServerFactory = Callable[..., Server]


@pytest.fixture
def start_server() -> Iterator[ServerFactory]:
    clients: list[TestClient] = []

    def start(*, idle_seconds: float = 60.0, allowed_origins: tuple[str, ...] = (), **limits: int) -> Server:
        clock = FakeClock()
        registry = SessionRegistry(clock=clock, **limits)
        tokens = Tokens()
        api = create_api(registry, tokens, allowed_origins=allowed_origins, idle_seconds=idle_seconds)
        client = TestClient(api)
        client.__enter__()
        clients.append(client)
        return Server(client, registry, tokens, clock)

    yield start
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def server(start_server: ServerFactory) -> Server:
    return start_server()


@pytest.fixture(scope="session")
def jpeg() -> bytes:
    """A real face, 512×512."""
    return encode_jpeg(astronaut())
