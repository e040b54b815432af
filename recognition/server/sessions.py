"""The open camera sessions of this process, and who is connected to them."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from recognition.erasure import Erased
from recognition.server.errors import CloseCode, SessionGoneError, TooManyCamerasError
from recognition.session import CameraSession

LIFETIME = 15 * 60.0
"""Seconds a session without a socket is kept: long enough for a phone call, short enough that photos of an
abandoned enrollment don't linger in memory."""

MAX_SOCKETS = 16
"""Cameras at a time. One frame takes 10 to 30 ms, so that 16 cameras still get a few answers a second each on
a laptop."""

MAX_SESSIONS = 256
"""Open sessions, most of them pages that are open but don't film. A round of photos is some MB, so this
bounds memory. It is more than `MAX_SOCKETS`, so that there is always one without a socket to give up."""

HangUp = Callable[[CloseCode, str], None]
"""Ends a socket with a code and a reason. Called from any thread; returns at once."""


@dataclass(eq=False)
class SessionEntry:
    """One session's place in the registry. Hold `lock` while calling the session: two sockets may overlap for
    a moment when one replaces the other, but a session works on one frame at a time."""

    session: CameraSession
    unused_since: float
    lock: threading.Lock = field(default_factory=threading.Lock)
    hang_up: HangUp | None = None


class SessionRegistry:
    """Sessions by unguessable id. Safe to use from pages (script threads) and from the server (event loop) at
    once."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        lifetime: float = LIFETIME,
        max_sessions: int = MAX_SESSIONS,
        max_sockets: int = MAX_SOCKETS,
    ) -> None:
        """`clock` gives seconds that never go back; `lifetime` is in its seconds.

        Raises:
            ValueError: not more sessions than sockets.
        """
        if max_sessions <= max_sockets:
            raise ValueError(f"max_sessions ({max_sessions}) must be more than max_sockets ({max_sockets}).")
        self._clock = clock
        self._lifetime = lifetime
        self._max_sessions = max_sessions
        self._max_sockets = max_sockets
        self._entries: dict[str, SessionEntry] = {}
        self._lock = threading.Lock()

    def open(self, session: CameraSession) -> str:
        """Register a session; its id. When the registry is full, the session that went unused the longest is
        given up."""
        session_id = secrets.token_urlsafe(24)
        with self._lock:
            self._drop_expired()
            if len(self._entries) >= self._max_sessions:
                unused = (key for key, entry in self._entries.items() if entry.hang_up is None)
                del self._entries[min(unused, key=lambda key: self._entries[key].unused_since)]
            self._entries[session_id] = SessionEntry(session, self._clock())
        return session_id

    def get(self, session_id: str | None) -> CameraSession | None:
        """The session, or None when it was closed or has expired. Asking for it keeps it alive."""
        with self._lock:
            self._drop_expired()
            entry = self._entries.get(session_id or "")
            if entry is None:
                return None
            entry.unused_since = self._clock()
            return entry.session

    def is_filming(self, session_id: str) -> bool:
        """Whether a camera is connected to the session."""
        with self._lock:
            entry = self._entries.get(session_id)
            return entry is not None and entry.hang_up is not None

    def close(self, session_id: str) -> None:
        """Forget a session and hang up its socket. An unknown id is ignored."""
        with self._lock:
            entry = self._entries.pop(session_id, None)
            hang_up = entry.hang_up if entry else None
        if hang_up:
            hang_up(CloseCode.GONE, "This camera session was closed.")

    @contextmanager
    def connect(self, session_id: str, hang_up: HangUp) -> Iterator[SessionEntry]:
        """Take the session's place for one socket. An older socket of the same session is hung up.

        Raises:
            SessionGoneError: closed or expired.
            TooManyCamerasError: all sockets are taken.
        """
        with self._lock:
            self._drop_expired()
            entry = self._entries.get(session_id)
            if entry is None:
                raise SessionGoneError("This camera session has ended. Reload the page.")
            older = entry.hang_up
            if older is None and self._connected() >= self._max_sockets:
                raise TooManyCamerasError(f"{self._max_sockets} cameras are already connected. Stop one, then try again.")
            entry.hang_up = hang_up
        if older:
            older(CloseCode.REPLACED, "This camera goes on in another window.")
        try:
            yield entry
        finally:
            with self._lock:
                # A newer socket may have taken the place meanwhile; then it isn't ours to leave.
                if entry.hang_up is hang_up:
                    entry.hang_up = None
                    entry.unused_since = self._clock()

    def sweep(self) -> None:
        """Drop the sessions that have expired, with the photos they hold. To be called now and then: nobody asks for a
        session that was abandoned."""
        with self._lock:
            self._drop_expired()

    def forget(self, erased: Erased) -> None:
        """Have every session drop what it holds of somebody who was erased.

        Raises:
            RecognitionError: from a session, when all have been asked.
        """
        with self._lock:
            self._drop_expired()
            entries = list(self._entries.values())
        problem: Exception | None = None
        for entry in entries:
            try:
                with entry.lock:
                    entry.session.forget(erased)
            except Exception as error:  # noqa: BLE001  # raised below, when all have been asked
                problem = error
        if problem is not None:
            raise problem

    @property
    def sockets(self) -> int:
        """Connected cameras."""
        with self._lock:
            return self._connected()

    def __len__(self) -> int:
        """Open sessions, those with a camera and those without."""
        with self._lock:
            self._drop_expired()
            return len(self._entries)

    def _connected(self) -> int:
        return sum(entry.hang_up is not None for entry in self._entries.values())

    def _drop_expired(self) -> None:
        oldest = self._clock() - self._lifetime
        expired = [key for key, entry in self._entries.items() if entry.hang_up is None and entry.unused_since <= oldest]
        for key in expired:
            del self._entries[key]
