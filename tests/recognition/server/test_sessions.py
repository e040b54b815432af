import pytest

from recognition.server import CloseCode, SessionRegistry
from recognition.server.errors import SessionGoneError, TooManyCamerasError
from recognition.server.sessions import LIFETIME
from tests.recognition.server.conftest import FakeClock, FakeSession


def never(code: CloseCode, reason: str) -> None:
    raise AssertionError(f"hung up: {code} {reason}")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def registry(clock: FakeClock) -> SessionRegistry:
    return SessionRegistry(clock=clock, max_sessions=3, max_sockets=2)


def test_ids_are_long_and_never_repeat(registry: SessionRegistry):
    ids = {registry.open(FakeSession()) for _ in range(50)}
    assert len(ids) == 50
    assert min(map(len, ids)) >= 32


def test_a_session_is_found_until_it_is_closed(registry: SessionRegistry):
    session = FakeSession()
    session_id = registry.open(session)
    assert registry.get(session_id) is session
    registry.close(session_id)
    registry.close(session_id)
    assert registry.get(session_id) is None
    assert registry.get(None) is None


def test_a_session_expires_without_a_socket(registry: SessionRegistry, clock: FakeClock):
    session_id = registry.open(FakeSession())
    clock.now += LIFETIME - 1
    assert registry.get(session_id) is not None, "and asking for it keeps it alive"
    clock.now += LIFETIME - 1
    assert registry.get(session_id) is not None
    clock.now += LIFETIME
    assert registry.get(session_id) is None
    assert len(registry) == 0


def test_a_session_with_a_socket_does_not_expire(registry: SessionRegistry, clock: FakeClock):
    session_id = registry.open(FakeSession())
    with registry.connect(session_id, never):
        clock.now += 10 * LIFETIME
        assert registry.get(session_id) is not None
        clock.now += 10 * LIFETIME
    clock.now += LIFETIME - 1
    assert registry.get(session_id) is not None, "its time runs from the moment the socket left"


def test_a_full_registry_gives_up_what_went_unused_the_longest(registry: SessionRegistry, clock: FakeClock):
    first, second, third = (registry.open(FakeSession()) for _ in range(3))
    with registry.connect(first, never):
        clock.now += 1
        registry.get(third)
        fourth = registry.open(FakeSession())
        assert [registry.get(key) is not None for key in (first, second, third, fourth)] == [
            True,
            False,
            True,
            True,
        ]


def test_only_so_many_sockets_at_a_time(registry: SessionRegistry):
    first, second, third = (registry.open(FakeSession()) for _ in range(3))
    with registry.connect(first, never), registry.connect(second, never):
        assert registry.sockets == 2
        with pytest.raises(TooManyCamerasError, match="2 cameras"), registry.connect(third, never):
            pass
    assert registry.sockets == 0
    with registry.connect(third, never):
        pass


def test_a_newer_socket_replaces_the_older_even_when_all_are_taken(registry: SessionRegistry):
    first, second = registry.open(FakeSession()), registry.open(FakeSession())
    hung_up: list[CloseCode] = []
    with registry.connect(first, lambda code, _: hung_up.append(code)), registry.connect(second, never):
        with registry.connect(first, never):
            assert hung_up == [CloseCode.REPLACED]
            assert registry.sockets == 2
        assert registry.sockets == 1, "the replaced one no longer counts"


def test_a_replaced_socket_does_not_take_the_place_with_it(registry: SessionRegistry):
    session_id = registry.open(FakeSession())
    older = registry.connect(session_id, lambda *_: None)
    older.__enter__()
    with registry.connect(session_id, never):
        older.__exit__(None, None, None)
        assert registry.sockets == 1


def test_closing_a_session_hangs_up_its_socket(registry: SessionRegistry):
    session_id = registry.open(FakeSession())
    hung_up: list[CloseCode] = []
    with registry.connect(session_id, lambda code, _: hung_up.append(code)):
        registry.close(session_id)
        assert hung_up == [CloseCode.GONE]
    with pytest.raises(SessionGoneError), registry.connect(session_id, never):
        pass


def test_there_must_be_more_sessions_than_sockets():
    with pytest.raises(ValueError, match="must be more"):
        SessionRegistry(max_sessions=2, max_sockets=2)
