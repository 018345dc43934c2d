"""Who loses the right loses the socket, in every process, within a second."""

from __future__ import annotations

import time
from typing import Any

import pytest

from campus import db
from campus.realtime import revoke
from tests.campus.realtime.client import Client, Closed
from tests.campus.realtime.parts import Server

pytestmark = pytest.mark.usefixtures("app_db")


def assert_cut(client: Client, reason: str, since: float) -> None:
    assert client.wait_for("bye")["reason"] == reason
    with pytest.raises(Closed):
        client.wait_for("hint")
    assert time.monotonic() - since < 1.0


@pytest.mark.parametrize(
    "whom",
    [
        {"session_ids": [51]},
        {"account_ids": [5]},
        {"account_ids": range(2000), "school_id": 1},
        {"school_id": 1},
    ],
)
def test_a_revocation_elsewhere_cuts_within_a_second(live: Server, whom: dict[str, Any]) -> None:
    with live.client(5, 51) as cut, live.client(6, 61, "second") as other:
        with db.transaction():
            revoke(**whom, reason="role-changed")
        assert_cut(cut, "role-changed", time.monotonic())
        if whom.get("account_ids") != range(2000):
            assert not other.hears("bye", 0.2)


def test_an_account_cut_in_one_school_keeps_its_socket_in_another(live: Server) -> None:
    with live.client(5, 51) as cut, live.client(5, 51, "second") as kept:
        with db.transaction():
            revoke(account_ids=[5], school_id=1, reason="left")
        assert_cut(cut, "left", time.monotonic())
        assert not kept.hears("bye", 0.3)


def test_after_a_revocation_no_hint_arrives(live: Server) -> None:
    with live.client(5, 51) as client:
        with db.transaction():
            revoke(session_ids=[51], reason="signed-out")
        client.wait_for("bye")
        live.get("/publish?school=1&account=5")
        with pytest.raises(Closed):
            client.wait_for("hint")


def test_a_rolled_back_revocation_cuts_nobody(live: Server) -> None:
    with live.client(5, 51) as client:
        with pytest.raises(RuntimeError), db.transaction():
            revoke(session_ids=[51], reason="signed-out")
            raise RuntimeError
        assert not client.hears("bye", 0.3)


def test_an_empty_list_names_nobody_and_nothing_named_is_an_error(live: Server) -> None:
    with live.client(5, 51) as client:
        with db.transaction():
            revoke(session_ids=[], school_id=1, reason="signed-out")
            with pytest.raises(ValueError, match="needs"):
                revoke(reason="signed-out")
        assert not client.hears("bye", 0.3)


def test_who_vanished_unheard_is_found_when_listening_resumes(live: Server) -> None:
    with live.client(5, 55) as client:
        with db.transaction() as session:
            connection = session.connection()
            connection.exec_driver_sql("INSERT INTO ended VALUES (55)")
            killed = connection.exec_driver_sql(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE application_name = 'campus-listener'"
            )
            assert killed.scalar_one() == 1
        assert client.wait_for("bye")["reason"] == "signed-out"
