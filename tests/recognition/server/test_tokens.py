import pytest

from recognition.server import Tokens
from recognition.server.errors import TokenError


def test_a_token_gives_back_the_session_it_was_issued_for():
    tokens = Tokens()
    assert tokens.read(tokens.issue("session")) == "session"


@pytest.mark.parametrize("token", [None, ""])
def test_a_missing_token_is_refused(token: str | None):
    with pytest.raises(TokenError, match="without a token"):
        Tokens().read(token)


def test_an_expired_token_is_refused():
    tokens = Tokens(lifetime=-1)
    with pytest.raises(TokenError, match="expired"):
        tokens.read(tokens.issue("session"))


@pytest.mark.parametrize("forge", [lambda t: t + "x", lambda t: "x" + t, lambda t: t[::-1], lambda _: "nonsense"])
def test_a_forged_token_is_refused(forge):
    tokens = Tokens()
    with pytest.raises(TokenError, match="not valid"):
        tokens.read(forge(tokens.issue("session")))


def test_a_token_of_another_process_is_refused():
    with pytest.raises(TokenError, match="not valid"):
        Tokens().read(Tokens().issue("session"))
