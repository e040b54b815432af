"""What a session draws, as a stream of pictures that an <img> element shows: motion JPEG.

Each picture takes the place of the one before (`multipart/x-mixed-replace`), without a script and without flicker. A
picture is drawn only when the one before has been sent, from the newest frame there is then: a slow viewer gets fewer
pictures, never older ones.
"""

import logging
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import contextmanager
from typing import Any

import anyio
from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from recognition.server.camera_socket import check_origin
from recognition.server.errors import (
    NothingDrawnError,
    OriginError,
    RefusedError,
    SessionGoneError,
    TooManyCamerasError,
)
from recognition.server.sessions import SessionRegistry
from recognition.server.tokens import Tokens
from recognition.session import CameraSession, DrawingSession, TouchSession

MAX_STREAMS = 16
"""As many as cameras."""

WORKERS = 2
"""Pictures drawn at a time, over all streams: the networks use several cores for one."""

POLL = 0.01
"""Seconds between two looks for something new: a third of a frame."""

REPEAT = 2.0
"""Seconds without anything new after which the last picture is sent again, which shows whether anybody still listens."""

PATIENCE = 2.0
"""Seconds without a camera after which a stream ends. A server that shuts down hangs up on its cameras and then waits
for all answers to end; this one must not keep it."""

BOUNDARY = "picture"

RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"multipart/x-mixed-replace": {}}, "description": "JPEG pictures, while the camera is on."}
}

logger = logging.getLogger(__name__)


class _Places:
    """How many streams are open. Event loop only."""

    def __init__(self) -> None:
        self._taken = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """A place for one stream.

        Raises:
            TooManyCamerasError: all are taken.
        """
        if self._taken >= MAX_STREAMS:
            raise TooManyCamerasError(f"{MAX_STREAMS} pages already show live maps. Close one, then try again.")
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1


class _Stream(StreamingResponse):
    """A stream of pictures that takes its place before anything is sent and leaves it however it ends.

    Args:
        places: what bounds the streams.
        pictures: parts of the stream.
    """

    def __init__(self, places: _Places, pictures: AsyncIterator[bytes]) -> None:
        super().__init__(
            pictures,
            media_type=f"multipart/x-mixed-replace; boundary={BOUNDARY}",
            headers={
                "Cache-Control": "no-store",
                # Proxies and Streamlit's own compression would hold pictures back to make larger parcels.
                "Content-Encoding": "identity",
                "X-Accel-Buffering": "no",
                "Cross-Origin-Resource-Policy": "same-origin",
            },
        )
        self._places = places

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with self._places.one():
                await super().__call__(scope, receive, send)
        except TooManyCamerasError as refusal:
            await _refuse(refusal)(scope, receive, send)


class Streams:
    """The picture streams of this process. Event loop only.

    Args:
        registry: the sessions that draw.
        tokens: reads the tokens that pages issue.
        allowed_origins: further origins that may ask, see `check_origin`.
    """

    def __init__(self, registry: SessionRegistry, tokens: Tokens, allowed_origins: Collection[str]) -> None:
        self._registry = registry
        self._tokens = tokens
        self._allowed = allowed_origins
        self._limiter = CapacityLimiter(WORKERS)
        self._places = _Places()

    def answer(self, request: Request, token: str | None) -> Response:
        """The stream of the token's session, or why there is none: the HTTP status that the socket's close code means."""
        try:
            session_id, session = self._session(request, token)
            if not isinstance(session, DrawingSession):
                raise NothingDrawnError("This camera session draws nothing.")
        except RefusedError as refusal:
            return _refuse(refusal)
        return _Stream(self._places, self._pictures(session_id, session))

    async def touch(self, request: Request, token: str | None, after: int) -> Response:
        """The network at work on the newest frame of the token's session, as JSON; 204 where nothing is newer than `after`."""
        try:
            _, session = self._session(request, token)
            if not isinstance(session, TouchSession):
                raise NothingDrawnError("This camera session shows no network.")
        except RefusedError as refusal:
            return _refuse(refusal)
        headers = {"Cache-Control": "no-store"}
        if session.stamp == after:
            return Response(status_code=204, headers=headers)
        body = await to_thread.run_sync(session.touch, limiter=self._limiter)
        return Response(body, media_type="application/json", headers=headers)

    def _session(self, request: Request, token: str | None) -> tuple[str, CameraSession]:
        """The token's session with its id.

        Raises:
            RefusedError: there is none, or this page may not see it.
        """
        self._check_site(request)
        session_id = self._tokens.read(token)
        session = self._registry.get(session_id)
        if session is None:
            raise SessionGoneError("This camera session has ended. Reload the page.")
        return session_id, session

    def _check_site(self, request: Request) -> None:
        """Refuse pages of other sites. An <img> of our own page sends no Origin, but browsers say where it stands.

        Raises:
            OriginError: another site.
        """
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise OriginError("This page belongs to another site, which may not look at a camera here.")
        origin = request.headers.get("origin")
        if origin:
            check_origin(origin, request.headers.get("host"), self._allowed)

    async def _pictures(self, session_id: str, session: DrawingSession) -> AsyncIterator[bytes]:
        """Parts of the stream, until the session ends or its camera is off. Ends at the next part when the viewer has
        left."""
        drawn, jpeg, quiet = -1, b"", 0.0
        filmed = anyio.current_time()
        try:
            # A part ends with the boundary of the next one: browsers show a picture only when they have seen that.
            yield f"--{BOUNDARY}\r\n".encode()
            while self._registry.get(session_id) is session:
                stamp = session.stamp
                if self._registry.is_filming(session_id):
                    filmed = anyio.current_time()
                elif anyio.current_time() - filmed > PATIENCE:
                    return
                if stamp != drawn:
                    jpeg = await to_thread.run_sync(session.draw, limiter=self._limiter)
                    drawn, quiet = stamp, 0.0
                    yield _part(jpeg)
                elif quiet >= REPEAT:
                    quiet = 0.0
                    yield _part(jpeg)
                else:
                    await anyio.sleep(POLL)
                    quiet += POLL
        except Exception:
            # Belongs into the log; the page's picture stands still.
            logger.exception("drawing maps failed")


def _refuse(refusal: RefusedError) -> JSONResponse:
    logger.info("maps refused, code=%d: %s", refusal.code, refusal)
    return JSONResponse({"code": refusal.code.name.lower(), "text": str(refusal)}, refusal.code - 4000)


def _part(jpeg: bytes) -> bytes:
    head = f"Content-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
    return head.encode() + jpeg + f"\r\n--{BOUNDARY}\r\n".encode()
