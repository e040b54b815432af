"""Why the live socket or a stream of pictures refuses or ends, and the code that says so."""

from enum import IntEnum
from typing import ClassVar

from recognition.errors import RecognitionError


class CloseCode(IntEnum):
    """WebSocket close codes of `/live`: 4000 plus the HTTP status that means the same.

    A browser hides the reason of a refused handshake (all it sees is 1006), so the server accepts first and
    then closes with one of these and a sentence.
    """

    MALFORMED = 4400
    TOKEN = 4401
    ORIGIN = 4403
    NOTHING_DRAWN = 4404
    IDLE = 4408
    REPLACED = 4409
    GONE = 4410
    TOO_LARGE = 4413
    UNREADABLE = 4422
    TOO_MANY = 4429
    INTERNAL = 1011


class RefusedError(RecognitionError):
    """A camera that is turned away; `code` is the close code that goes with the message."""

    code: ClassVar[CloseCode]


class MessageError(RefusedError):
    """A message that is not part of the conversation."""

    code = CloseCode.MALFORMED


class TokenError(RefusedError):
    """A token that is missing, expired or was not issued by this process."""

    code = CloseCode.TOKEN


class OriginError(RefusedError):
    """The page that opened the socket is not one of ours."""

    code = CloseCode.ORIGIN


class SessionGoneError(RefusedError):
    """The session was closed or has expired."""

    code = CloseCode.GONE


class NothingDrawnError(RefusedError):
    """Pictures are asked of a session that draws none."""

    code = CloseCode.NOTHING_DRAWN


class FrameTooLargeError(RefusedError):
    """A message above the size limit."""

    code = CloseCode.TOO_LARGE


class TooManyCamerasError(RefusedError):
    """All sockets are taken."""

    code = CloseCode.TOO_MANY
