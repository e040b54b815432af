"""One camera's socket: frames in, answers out, never more than one frame behind."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

import anyio
from anyio import CapacityLimiter, to_thread
from starlette.websockets import WebSocket, WebSocketDisconnect

from recognition.errors import PictureError, RecognitionError
from recognition.pictures import decode_frame
from recognition.server.errors import CloseCode, OriginError, RefusedError
from recognition.server.schema import (
    MAX_FRAME_PIXELS,
    AppearanceRow,
    Appearances,
    Discard,
    ErrorMessage,
    Hello,
    Message,
    Result,
    Round,
    parse_frame,
    parse_text,
)
from recognition.server.sessions import SessionEntry, SessionRegistry
from recognition.server.tokens import Tokens
from recognition.session import WatchingSession

IDLE_SECONDS = 150.0
"""A camera that sends nothing for so long is a forgotten tab; it may come back with the same session."""

MAX_UNREADABLE = 3
"""Unreadable frames in a row until the camera is sent away. One can happen (a camera that is just starting or
being unplugged), three are a broken encoder."""

MAX_WAITING_DISCARDS = 64
"""More than the photos of any round."""

MAX_APPEARANCES = 100
"""Rows of the list of who was in view that are sent: the newest ones."""

WORKERS = 4
"""Frames worked on at a time, over all cameras. The networks use several cores per frame, so more would only
wait."""

logger = logging.getLogger(__name__)


def check_origin(origin: str | None, host: str | None, allowed: Collection[str] = ()) -> None:
    """Refuse pages of other sites: browsers send WebSockets across sites, cookies and all, and say so only in
    `Origin`.

    Args:
        origin: the Origin header, like `https://faces.example.org`.
        host: the Host header, like `faces.example.org` or `localhost:8501`.
        allowed: further origins that may connect, for proxies that rewrite Host.

    Raises:
        OriginError: missing (so not a browser) or of another site.
    """
    if not origin:
        raise OriginError("Only a browser page of this app may connect a camera.")
    if origin in allowed:
        return
    try:
        parts = urlsplit(origin)
    except ValueError:
        parts = urlsplit("")
    default_port = {"http": ":80", "https": ":443"}.get(parts.scheme)
    # Proxies end TLS, so the scheme the server sees says nothing: host and port have to match.
    if default_port and host and parts.netloc.lower() == host.lower().removesuffix(default_port):
        return
    raise OriginError("This page belongs to another site, which may not connect a camera here.")


async def serve(
    websocket: WebSocket,
    registry: SessionRegistry,
    tokens: Tokens,
    *,
    allowed_origins: Collection[str],
    limiter: CapacityLimiter,
    idle_seconds: float = IDLE_SECONDS,
) -> None:
    """Accept, check and serve one camera until it leaves. Every refusal is told by close code and reason.

    Args:
        limiter: bounds the frames worked on at a time, over all cameras.
        idle_seconds: close a camera that sends nothing for so long.
    """
    await websocket.accept()
    try:
        check_origin(websocket.headers.get("origin"), websocket.headers.get("host"), allowed_origins)
        session_id = tokens.read(websocket.query_params.get("token"))
        ending = _Ending()
        with registry.connect(session_id, ending.hang_up) as entry:
            await _Live(websocket, entry, ending, limiter, idle_seconds).run()
    except RefusedError as refusal:
        logger.info("camera refused, code=%d: %s", refusal.code, refusal)
        await _close(websocket, refusal.code, str(refusal))


@dataclass(frozen=True)
class _Frame:
    seq: int
    jpeg: bytes
    arrived: float


class _Ending:
    """Why a socket ends, and the scope that ends with it. The first reason counts."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.scope = anyio.CancelScope()
        self.code: CloseCode | None = None
        self.reason = ""

    def end(self, code: CloseCode | None, reason: str = "") -> None:
        """End the socket; without a code the camera itself has left. Event loop only."""
        if not self.scope.cancel_called:
            self.code, self.reason = code, reason
            self.scope.cancel()

    def hang_up(self, code: CloseCode, reason: str) -> None:
        """`end` for any thread."""
        self._loop.call_soon_threadsafe(self.end, code, reason)


class _Live:
    """The life of one accepted socket: a receiver that keeps only what is newest, a worker that answers
    it."""

    def __init__(
        self, websocket: WebSocket, entry: SessionEntry, ending: _Ending, limiter: CapacityLimiter, idle_seconds: float
    ) -> None:
        self._websocket = websocket
        self._entry = entry
        self._ending = ending
        self._limiter = limiter
        self._idle_seconds = idle_seconds
        # The whole queue: a newer frame pushes the waiting one out. Deques are safe between loop and worker
        # thread.
        self._newest: deque[_Frame] = deque(maxlen=1)
        self._discards: deque[str] = deque(maxlen=MAX_WAITING_DISCARDS)
        self._arrived = anyio.Event()
        self._round_version: int | None = None
        self._appearances_version: int | None = None
        self._faces_sent: frozenset[int] = frozenset()
        self._unreadable = 0
        self._received = 0
        self._answered = 0

    async def run(self) -> None:
        """Serve until either side ends it."""
        began = time.perf_counter()
        logger.info("camera connected")
        try:
            with self._ending.scope:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(self._receive)
                    tasks.start_soon(self._work)
            if self._ending.code is not None:
                await _close(self._websocket, self._ending.code, self._ending.reason)
        finally:
            # Also when the server itself is ending and cancels everything.
            logger.info(
                "camera left, code=%s frames=%d answered=%d seconds=%.1f",
                self._ending.code and int(self._ending.code),
                self._received,
                self._answered,
                time.perf_counter() - began,
            )

    async def _receive(self) -> None:
        while True:
            with anyio.move_on_after(self._idle_seconds) as patience:
                message = await self._websocket.receive()
            if patience.cancelled_caught:
                self._ending.end(CloseCode.IDLE, "The camera sent nothing for a while.")
                return
            if message["type"] == "websocket.disconnect":
                self._ending.end(None)
                return
            try:
                self._queue(message.get("bytes"), message.get("text"))
            except RefusedError as refusal:
                self._ending.end(refusal.code, str(refusal))
                return
            self._arrived.set()

    def _queue(self, data: bytes | None, text: str | None) -> None:
        if data is not None:
            seq, jpeg = parse_frame(data)
            self._received += 1
            self._newest.append(_Frame(seq, jpeg, time.perf_counter()))
        else:
            message = parse_text(text or "")
            match message:
                case Discard(photo=photo):
                    self._discards.append(photo)

    async def _work(self) -> None:
        try:
            state = await to_thread.run_sync(self._entry.session.round, limiter=self._limiter)
            await self._send(Hello(kind="live" if state is None else "enroll"))
            while True:
                # Looks once before anything has arrived: that sends the round, if there is one.
                # A started frame is never abandoned, so that a session sees one thread at a time even when
                # its camera disconnects in the middle.
                for answer in await to_thread.run_sync(self._process, limiter=self._limiter):
                    await self._send(answer)
                if self._unreadable >= MAX_UNREADABLE:
                    self._ending.end(CloseCode.UNREADABLE, "The server can't read the pictures of this camera.")
                    return
                await self._arrived.wait()
                self._arrived = anyio.Event()
        except WebSocketDisconnect:
            self._ending.end(None)
        except Exception:
            # Whatever it is belongs into the log, not to the person in front of the camera.
            logger.exception("camera session failed")
            self._ending.end(CloseCode.INTERNAL, "The server ran into a problem with this camera.")

    async def _send(self, message: Message) -> None:
        await self._websocket.send_text(message.model_dump_json())

    def _process(self) -> list[Message]:
        """In a worker thread: do what has arrived by the time the thread starts, and return the answers."""
        answers: list[Message] = []
        session = self._entry.session
        with self._entry.lock:
            while self._discards:
                session.discard(self._discards.popleft())
            if self._newest:
                answers.append(self._answer(self._newest.popleft()))
            state = session.round()
            if state is not None and state.version != self._round_version:
                self._round_version = state.version
                answers.append(Round.of(state))
            if isinstance(session, WatchingSession):
                answers += self._news_of(session)
        return answers

    def _news_of(self, session: WatchingSession) -> list[Message]:
        """The list of who was in view, if it has changed. Faces that were sent before are not sent again."""
        listed = session.appearances
        if listed.version == self._appearances_version:
            return []
        self._appearances_version = listed.version
        rows = listed.rows()[:MAX_APPEARANCES]
        sent, self._faces_sent = self._faces_sent, frozenset(row.id for row in rows)
        shown = tuple(AppearanceRow.of(row, with_face=row.id not in sent) for row in rows)
        return [Appearances(now=round(time.time(), 2), rows=shown)]

    def _answer(self, frame: _Frame) -> Message:
        began = time.perf_counter()
        try:
            picture = decode_frame(frame.jpeg, MAX_FRAME_PIXELS)
        except PictureError as error:
            self._unreadable += 1
            return ErrorMessage(code="unreadable", text=str(error))
        decoded = time.perf_counter()
        self._unreadable = 0
        try:
            result = self._entry.session.frame(picture)
        except RecognitionError as error:
            # Something a person can act on (a full disk, missing weights); the next frame may go well again.
            return ErrorMessage(code="recognition", text=str(error))
        self._answered += 1
        milliseconds = {
            "wait": (began - frame.arrived) * 1e3,
            "decode": (decoded - began) * 1e3,
            "total": (time.perf_counter() - frame.arrived) * 1e3,
        }
        return Result.of(frame.seq, result, milliseconds)


async def _close(websocket: WebSocket, code: CloseCode, reason: str) -> None:
    """Say why, then close. The reason is cut to the 123 bytes a close frame has room for; the message
    isn't."""
    short = reason.encode()[:123].decode(errors="ignore")
    # The camera may have left meanwhile, or may not take what we send: neither may hold the socket.
    with anyio.move_on_after(2):
        try:
            await websocket.send_text(ErrorMessage(code=code.name.lower(), text=reason, fatal=True).model_dump_json())
            await websocket.close(code, short)
        except (WebSocketDisconnect, RuntimeError):
            logger.debug("camera left before it was told: %s", short)
