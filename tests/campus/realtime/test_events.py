"""What a client says is answered, whatever happens."""

from __future__ import annotations

import pytest

from campus import db
from tests.campus.realtime.client import Closed
from tests.campus.realtime.parts import Server

pytestmark = pytest.mark.usefixtures("app_db")


@pytest.mark.parametrize(
    ("event", "data", "error"),
    [
        ("test.fail", ({},), "internal"),
        ("test.rule", ({},), "forbidden"),
        ("test.echo", ("text",), "invalid"),
        ("test.echo", (), "invalid"),
        ("test.echo", ({"a": ["b\0"]},), "invalid"),
        ("join", ({"room": "account:1:2"},), "unknown-event"),
        ("hint", ({},), "unknown-event"),
    ],
)
def test_every_failure_is_acknowledged(
    live: Server, event: str, data: tuple[object, ...], error: str
) -> None:
    with live.client(account=1, session=1) as client:
        assert client.ask(event, *data) == {"error": error}


def test_an_event_runs_in_the_school_of_the_address(live: Server) -> None:
    with live.client(account=3, session=3, school="second") as client:
        answer = client.ask("test.echo", {"a": 1})
    assert answer == {"ok": {"account": 3, "school": 2, "data": {"a": 1}}}


def test_the_person_is_read_again_at_each_event(live: Server) -> None:
    with live.client(account=3, session=31) as client:
        assert "ok" in client.ask("test.echo", {})
        with db.transaction() as session:
            session.connection().exec_driver_sql("INSERT INTO ended VALUES (31)")
        assert client.ask("test.echo", {}) == {"error": "sign-in-needed"}
        with pytest.raises(Closed):
            client.wait_for("hint")


def test_another_namespace_does_not_exist(live: Server) -> None:
    with live.client(account=1, session=1) as client:
        client.wire.send("40/admin,")
        assert client._receive(3).startswith("44/admin,")
