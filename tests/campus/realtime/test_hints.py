"""Hints reach whom they are for, are counted, and nobody else hears them."""

from __future__ import annotations

import pytest

from tests.campus.realtime.parts import Server

pytestmark = pytest.mark.usefixtures("app_db")


def test_a_hint_reaches_every_socket_of_the_account_and_no_other(live: Server) -> None:
    with (
        live.client(account=1, session=1) as phone,
        live.client(account=1, session=2) as desk,
        live.client(account=2, session=3) as colleague,
        live.client(account=1, session=1, school="second") as elsewhere,
    ):
        live.get("/publish?school=1&account=1")
        for client in (phone, desk):
            assert client.wait_for("hint")["event"] == "test.news"
        assert not colleague.hears("hint", 0.4)
        assert not elsewhere.hears("hint", 0.4)


def test_hints_keep_the_order_of_commits(live: Server) -> None:
    with live.client(account=1, session=1) as client:
        live.get("/publish?school=1&account=1&times=50")
        assert [client.wait_for("hint")["number"] for _ in range(50)] == list(range(50))


def test_the_heartbeat_counts_what_was_sent(live: Server) -> None:
    with live.client(account=1, session=1) as client:
        assert client.wait_for("beat")["n"] == 0
        live.get("/publish?school=1&account=1&times=3")
        for _ in range(3):
            client.wait_for("hint")
        assert client.wait_for("beat")["n"] == client.hints == 3
