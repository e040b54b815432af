"""The API mounted in a real Streamlit server: nothing in between changes what it says."""

import json

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from recognition.server import CloseCode
from tests.browsing import StreamlitServer


def test_health_is_served_beside_the_pages(scratch_server: StreamlitServer):
    assert httpx.get(f"{scratch_server.url}/api/health").json()["status"] == "ok"
    assert "text/html" in httpx.get(scratch_server.url).headers["content-type"]


@pytest.mark.parametrize(
    ("origin", "code"),
    [(None, CloseCode.ORIGIN), ("http://evil.example", CloseCode.ORIGIN), ("own", CloseCode.TOKEN)],
)
def test_a_refusal_reaches_the_client(scratch_server: StreamlitServer, origin: str | None, code: CloseCode):
    url = scratch_server.url.replace("http", "ws") + "/api/live"
    with connect(url, origin=scratch_server.url if origin == "own" else origin) as socket:
        assert json.loads(socket.recv(timeout=10))["fatal"] is True
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == code
    assert closed.value.rcvd.reason
