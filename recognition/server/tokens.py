"""Short-lived tokens: the page that opened a session lets its camera connect to it, and nobody else's."""

import secrets

from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer

from recognition.server.errors import TokenError

LIFETIME = 5 * 60
"""Seconds. A token is needed only at the moment of connecting; the page issues a new one on every rerun."""


class Tokens:
    """Issues and reads the tokens of one process.

    The secret is made anew with each process: sessions live in memory, so no token may outlive them anyway,
    and nothing secret has to be configured or stored.
    """

    def __init__(self, lifetime: int = LIFETIME) -> None:
        """`lifetime` in seconds."""
        self._serializer = URLSafeTimedSerializer(secrets.token_bytes(32), salt="live")
        self._lifetime = lifetime

    def issue(self, session_id: str) -> str:
        """A token, safe in a URL, for connecting to the session."""
        return self._serializer.dumps(session_id)

    def read(self, token: str | None) -> str:
        """The session id inside the token.

        Raises:
            TokenError: missing, expired or forged.
        """
        if not token:
            raise TokenError("The camera came without a token. Reload the page.")
        try:
            session_id = self._serializer.loads(token, max_age=self._lifetime)
        except SignatureExpired as error:
            raise TokenError("The camera's token has expired. Reload the page.") from error
        except BadData as error:
            raise TokenError("The camera's token is not valid here. Reload the page.") from error
        assert isinstance(session_id, str)
        return session_id
