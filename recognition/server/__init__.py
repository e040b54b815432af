"""The /api application: the live WebSocket, camera sessions, tokens.

A page opens a `CameraSession` in the `SessionRegistry` and hands the camera component a token for it from
`Tokens`; the component connects to `/api/live`, which `create_api` serves.
"""

from recognition.server.api import create_api
from recognition.server.errors import CloseCode
from recognition.server.sessions import SessionRegistry
from recognition.server.tokens import Tokens

__all__ = ["CloseCode", "SessionRegistry", "Tokens", "create_api"]
