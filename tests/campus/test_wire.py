"""One trip for several statements: what it brings back, what it costs, what it survives."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg.pq import PipelineStatus, TransactionStatus
from sqlalchemy import select

from campus import db, wire
from campus.embedded.postgres import Postgres
from campus.wire import Ask
from tenants.classes.statements import CLASS_ANYWHERE, PUPILS
from tests.support import databases
from tests.support.client import PageClient
from tests.support.queries import counting
from tests.support.seed import Seed

ONE, TWO = Ask(b"SELECT 1"), Ask(b"SELECT $1::int, $2::text", (2, "二"))
BROKEN = Ask(b"SELECT 1 / $1::int", (0,))
MINE = "SELECT pg_backend_pid()"


@pytest.fixture
def driver(database: str) -> Iterator[wire.Driver]:
    with db.transaction():
        yield db.unit().driver


def test_each_answer_comes_to_its_question(driver: wire.Driver) -> None:
    shaped = Ask(b"SELECT 1, 2", shape=list)
    assert wire.trip(driver, (ONE, TWO, shaped)) == [[(1,)], [(2, "二")], [[1, 2]]]
    assert wire.trip(driver, (TWO, ONE)) == [[(2, "二")], [(1,)]]  # prepared by now


def test_names_stay_apart_whatever_was_asked_before(driver: wire.Driver) -> None:
    """A trip that mixes known statements with new ones must not name a new one as an old one."""
    asks = [Ask(b"SELECT %d" % number) for number in range(8)]
    for number in range(len(asks)):
        expected = [[(one,)] for one in range(number + 1)]
        assert wire.trip(driver, asks[: number + 1]) == expected
        assert wire.trip(driver, asks[number::-1]) == expected[::-1]


def test_a_broken_statement_is_an_error_and_the_connection_lives(database: str) -> None:
    unit = db.begin()
    with pytest.raises(psycopg.errors.DivisionByZero):
        wire.trip(unit.driver, (ONE, BROKEN, TWO))
    assert unit.driver.pgconn.pipeline_status == PipelineStatus.OFF
    db.finish(unit, commit=False)
    with db.transaction():
        assert wire.trip(db.unit().driver, (TWO,)) == [[(2, "二")]]


def test_a_trip_broken_off_leaves_no_half_read_connection(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*_: object) -> None:
        raise TimeoutError

    unit = db.begin()
    with monkeypatch.context() as patch:
        patch.setattr(wire, "_wait", late)
        with pytest.raises(TimeoutError):
            wire.trip(unit.driver, (Ask(b"SELECT pg_sleep(0.2)"),))
    assert unit.driver.closed
    db.finish(unit, commit=False)
    with db.transaction():
        assert wire.trip(db.unit().driver, (ONE,)) == [[(1,)]]


def test_what_only_read_is_committed_unread_and_read_by_the_next(database: str) -> None:
    unit = db.begin(read_only=True)
    driver = unit.driver
    [pid] = driver.execute(MINE).fetchone() or ()
    db.finish(unit, commit=True)
    assert driver.pgconn.pipeline_status == PipelineStatus.ON
    unit = db.begin()
    assert unit.driver.execute(MINE).fetchone() == (pid,)
    assert unit.driver.info.transaction_status == TransactionStatus.INTRANS
    db.finish(unit, commit=False)


def test_a_connection_killed_between_two_requests_is_replaced(
    database: str, server: Postgres
) -> None:
    """The unread COMMIT lies in a connection whose server has gone."""
    unit = db.begin(read_only=True)
    [pid] = unit.driver.execute(MINE).fetchone() or ()
    db.finish(unit, commit=True)
    with databases.superuser(server) as killer:
        killer.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    with db.transaction(read_only=True):
        assert db.unit().driver.execute(MINE).fetchone() != (pid,)


def test_a_value_nobody_gave_is_an_error(database: str) -> None:
    with db.transaction(school_id=1), pytest.raises(KeyError):
        db.gather(PUPILS.asked(class_id=1))


def the_class(seed: Seed) -> tuple[db.Query, dict[str, Any]]:
    """A query of one row of school a, asked in whichever school is entered."""
    return CLASS_ANYWHERE.asked(class_id=seed.schools["a"].ids["class"])


def test_the_last_that_is_read_takes_commit_along(seed: Seed) -> None:
    """The connection is free and closed to this unit: nothing would guard what it asked now."""
    unit = db.begin(school_id=seed.schools["a"].id, read_only=True)
    driver = unit.driver
    assert db.gather(the_class(seed), last=True) == [[(seed.schools["a"].ids["class"],)]]
    assert driver.info.transaction_status == TransactionStatus.IDLE
    for ask in (lambda: db.gather(the_class(seed)), lambda: db.rows(select(1)), db.session):
        with pytest.raises(RuntimeError, match="after the last"):
            ask()
    db.finish(unit, commit=True)
    with db.transaction(school_id=seed.schools["b"].id, read_only=True):
        assert db.gather(the_class(seed)) == [[]]


def test_the_last_of_what_writes_waits_for_its_end(seed: Seed) -> None:
    with db.transaction(school_id=seed.schools["a"].id):
        db.gather(the_class(seed), last=True)
        assert db.unit().driver.info.transaction_status == TransactionStatus.INTRANS


def test_a_last_that_fails_is_rolled_back(seed: Seed) -> None:
    unit = db.begin(school_id=seed.schools["a"].id, read_only=True)
    with pytest.raises(psycopg.Error):
        db.gather(CLASS_ANYWHERE.asked(class_id=2**70), last=True)
    db.finish(unit, commit=False)
    with db.transaction(read_only=True):
        assert db.unit().driver.execute(MINE).fetchone()


def test_the_class_page_waits_twice(client_of: Callable[[str], PageClient], seed: Seed) -> None:
    client = client_of("class_teacher")
    path = f"/classes/{seed.schools['a'].ids['class']}"
    client.get(path)
    with counting() as count:
        client.get(path)
    assert count.waits <= 2, str(count)
    assert count.sent <= 2, "COMMIT goes with the last that is read"


def test_a_rolled_back_savepoint_costs_nobody_a_page(
    client_of: Callable[[str], PageClient],
) -> None:
    """psycopg then drops every prepared statement of the connection, ours among them."""
    client = client_of("class_teacher")
    client.get("/classes")
    with db.transaction() as session:
        for _ in range(8):
            db.unit().driver.execute(MINE)
        with contextlib.suppress(psycopg.DataError), db.unit().driver.transaction():
            db.unit().driver.execute("SELECT 1 / 0")
        session.connection().exec_driver_sql(MINE)
    client.get("/classes")
