"""Nobody and strangers are refused before the upgrade."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import Any

import pytest
import websocket

from tests.campus.realtime.client import open_wire
from tests.campus.realtime.parts import Server

pytestmark = pytest.mark.usefixtures("app_db")


def refusal(live: Server, **options: Any) -> int:
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        open_wire(live.port, **options)
    return int(refused.value.status_code)


def test_without_a_session_there_is_no_upgrade(live: Server) -> None:
    assert refusal(live) == 401
    assert refusal(live, cookie="sid=nonsense") == 401


def test_a_socket_outside_a_school_is_refused(live: Server) -> None:
    assert refusal(live, school="third", cookie="sid=1.1") == 401


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://127.0.0.1:1", "http://", "http://[::1", "http://["],
)
def test_a_foreign_origin_is_refused(live: Server, origin: str) -> None:
    assert refusal(live, cookie="sid=1.1", origin=origin) == 403


def test_a_missing_origin_is_refused(live: Server) -> None:
    assert refusal(live, cookie="sid=1.1", suppress_origin=True) == 403


@pytest.mark.parametrize(
    "query",
    [
        "EIO=4&transport=polling",
        "EIO=4",
        "EIO=4&transport=websocket&transport=polling",
        "EIO=4&transport=websocket&sid=abc",
    ],
)
def test_only_a_fresh_websocket_is_let_in(live: Server, query: str) -> None:
    assert refusal(live, cookie="sid=1.1", query=query) == 400


def test_polling_over_plain_http_is_refused(live: Server) -> None:
    address = f"{live.origin}/s/first/socket.io/?EIO=4&transport=polling"
    request = urllib.request.Request(address, headers={"Cookie": "sid=1.1"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == 400
    refused.value.close()


def test_compression_is_never_agreed_to(live: Server) -> None:
    wire = open_wire(
        live.port, cookie="sid=1.1", header=["Sec-WebSocket-Extensions: permessage-deflate"]
    )
    assert "sec-websocket-extensions" not in (wire.getheaders() or {})
    wire.close(timeout=0.1)
