"""News leaves after commit or not at all, and leaves even when its process has died."""

from __future__ import annotations

import time
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from campus import db, outbox
from campus.embedded.postgres import Postgres
from tests.campus.realtime import parts

postgres, app_db, live = parts.postgres, parts.app_db, parts.live
pytestmark = pytest.mark.usefixtures("app_db")
WRITE = """
INSERT INTO outbox (school_id, event, account_ids, payload, created_at)
VALUES (1, 'test.news', '{4}', '{"number": 8}', now() - interval '2 seconds')
"""


@pytest.fixture(autouse=True)
def known_event(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a capability had declared it."""
    monkeypatch.setattr(outbox, "EVENTS", {"test.news"})


def rows(condition: str = "true") -> int:
    with db.transaction() as session:
        return int(session.scalar(text(f"SELECT count(*) FROM outbox WHERE {condition}")) or 0)


def wait_until_sent(seconds: float = 4.0) -> None:
    deadline = time.monotonic() + seconds
    while rows("sent_at IS NULL"):
        assert time.monotonic() < deadline, "rows stay unsent"
        time.sleep(0.05)


def write_as(statement: str) -> None:
    with db.transaction() as session:
        session.execute(text(statement))


def test_a_rolled_back_transaction_sends_nothing(live: parts.Server) -> None:
    with live.client(4, 41) as client:
        with pytest.raises(RuntimeError), db.transaction(school_id=1):
            outbox.publish("test.news", to=[4], data={"number": 1})
            raise RuntimeError
        assert rows() == 0
        assert not client.hears("hint", 0.5)


def test_what_the_worker_or_a_command_publishes_arrives_at_once(live: parts.Server) -> None:
    with live.client(4, 41) as client:
        start = time.monotonic()
        with db.transaction(school_id=1, role="worker"):
            outbox.publish("test.news", to=[4, 4, 9], data={"number": 7})
        hint = client.wait_for("hint")
        assert hint == {"event": "test.news", "number": 7}
        assert time.monotonic() - start < 1.0
        assert not client.hears("hint", 0.3)
    wait_until_sent()


def test_a_web_process_marks_what_it_has_sent(live: parts.Server) -> None:
    live.get("/publish?school=1&account=4&times=5")
    wait_until_sent(1.5)
    assert rows() == 5


def test_the_relay_delivers_what_a_dead_process_left(live: parts.Server) -> None:
    with live.client(4, 41) as client:
        write_as(WRITE)
        assert client.wait_for("hint", 4) == {"event": "test.news", "number": 8}
        wait_until_sent()
        assert not client.hears("hint", 0.3)


def test_delivery_survives_the_loss_of_every_connection(
    live: parts.Server, postgres: Postgres
) -> None:
    with live.client(4, 41) as client:
        with psycopg.connect(postgres.superuser_dsn, dbname="campus") as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND application_name LIKE 'campus-%'"
            )
        live.get("/publish?school=1&account=4")
        client.wait_for("hint")
        write_as(WRITE)
        assert client.wait_for("hint", 5)["number"] == 8


def test_only_one_relay_leads_until_its_connection_ends(postgres: Postgres) -> None:
    key = outbox.RELAY_LOCK + 1  # the live server holds the real one
    first, second = outbox.Relay(key), outbox.Relay(key)
    one = psycopg.connect(postgres.superuser_dsn, autocommit=True)
    with psycopg.connect(postgres.superuser_dsn, autocommit=True) as two:
        assert first.leads(one)
        assert first.leads(one)
        assert not second.leads(two)
        one.close()
        deadline = time.monotonic() + 2
        while not second.leads(two):
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_rows_sent_a_day_ago_are_pruned_and_no_others() -> None:
    for age in ("25 hours", "23 hours"):
        write_as(WRITE.replace("'2 seconds'", f"'{age}'"))
    write_as("UPDATE outbox SET sent_at = created_at")
    write_as(WRITE.replace("'2 seconds'", "'-1 hours'"))
    assert outbox.prune() == 1
    assert rows() == 2


@pytest.mark.parametrize(
    ("event", "data"),
    [
        ("test.unheard-of", {}),
        ("test.news", {"name": "李小明"}),
        ("test.news", {"text": "two words"}),
        ("test.news", {"text": "x" * 65}),
        ("test.news", {"event": "other"}),
    ],
)
def test_an_unknown_event_or_a_text_crashes(event: str, data: dict[str, Any]) -> None:
    with db.transaction(school_id=1):
        with pytest.raises(ValueError, match=r"capability|hint"):
            outbox.publish(event, to=[4], data=data)
    assert rows() == 0


def test_nobody_addressed_writes_no_row() -> None:
    with db.transaction(school_id=1):
        outbox.publish("test.news", to=[])
    assert rows() == 0


def test_without_a_transaction_or_a_school_it_crashes() -> None:
    with pytest.raises(LookupError):
        outbox.publish("test.news", to=[4])
    with db.transaction(), pytest.raises(LookupError):
        outbox.publish("test.news", to=[4])
