"""The FastAPI application that runs beside the pages, mounted under /api."""

from collections.abc import Collection

from anyio import CapacityLimiter
from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import Response
from pydantic import BaseModel

from recognition.server import camera_socket, map_stream
from recognition.server.schema import PROTOCOL_VERSION
from recognition.server.sessions import SessionRegistry
from recognition.server.tokens import Tokens


class Health(BaseModel):
    """What a monitor may know: nothing about people."""

    status: str = "ok"
    version: int = PROTOCOL_VERSION
    sockets: int


def create_api(
    registry: SessionRegistry,
    tokens: Tokens,
    *,
    allowed_origins: Collection[str] = (),
    idle_seconds: float = camera_socket.IDLE_SECONDS,
) -> FastAPI:
    """Build the application: `GET /health`, the camera's socket `/live` (its protocol:
    `recognition.server.schema`), `GET /maps`, the stream of pictures that a session draws, and `GET /touch`, a network at
    work on the newest frame of a session.

    Args:
        registry: the sessions that pages open and cameras connect to.
        tokens: reads the tokens that pages issue.
        allowed_origins: origins besides the server's own that may connect a camera, like
        `https://faces.example.org`.
            Needed only behind a proxy that doesn't pass the Host header on.
        idle_seconds: a camera that sends nothing for so long is disconnected.
    """
    # The interactive documentation loads its scripts from a CDN, which an offline app can't; /openapi.json
    # stays.
    api = FastAPI(title="Familiar", docs_url=None, redoc_url=None)
    limiter = CapacityLimiter(camera_socket.WORKERS)
    streams = map_stream.Streams(registry, tokens, allowed_origins)

    @api.get("/health")
    async def health() -> Health:
        return Health(sockets=registry.sockets)

    @api.websocket("/live")
    async def camera(websocket: WebSocket) -> None:
        await camera_socket.serve(
            websocket,
            registry,
            tokens,
            allowed_origins=allowed_origins,
            limiter=limiter,
            idle_seconds=idle_seconds,
        )

    @api.get("/maps", response_class=Response, responses=map_stream.RESPONSES)
    async def drawings(request: Request, token: str | None = None) -> Response:
        return streams.answer(request, token)

    @api.get("/touch", response_class=Response, responses={204: {"description": "Nothing is newer than `after`."}})
    async def touch(request: Request, token: str | None = None, after: int = -1) -> Response:
        return await streams.touch(request, token, after)

    return api
