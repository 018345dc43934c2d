"""Row-level security, asked of every table with every verb, as the roles that serve people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

import tenants  # noqa: F401  every mapper is known
from campus.embedded.postgres import Postgres
from tests.factories import Seed
from tests.rules.catalogue import mapped
from tests.support import databases

ROLES = ("web", "worker")
TABLES = sorted(mapped())
Connect = psycopg.Connection[Any]


@pytest.fixture(scope="module", params=ROLES)
def connection(
    request: pytest.FixtureRequest, server: Postgres, database: str
) -> Iterator[Connect]:
    """Signed in as the role, in this module's copy of the two schools."""
    url = server.url(request.param, database).replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def enter(connection: Connect, school: int | None) -> None:
    """Inside the open transaction, as db.begin does it."""
    connection.execute("SELECT set_config('campus.school', %s, true)", (str(school or ""),))


def count(connection: Connect, table: str, school: int | None, where: str = "true") -> int:
    """Rows the role sees."""
    with connection.transaction():
        enter(connection, school)
        query = sql.SQL("SELECT count(*) FROM {} WHERE ").format(sql.Identifier(table)) + sql.SQL(
            where
        )
        row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


# Tables from which the roles have lost a right of their own, on top of the policy.
KEPT = {"audit_entry", "audit_seal", "audit_head", "privacy_rules", "approval", "duty"}
REFUSED = {False: "row-level security", True: "row-level security|permission denied"}
# What the seed makes no row of: one of each, so that every table has something to hide.
ROWS = (
    "INSERT INTO setup_step (school_id, step) VALUES (%(school)s, 'identity')",
    "INSERT INTO privacy_rules (school_id, version, content) VALUES (%(school)s, 1, '{}')",
    "INSERT INTO import_habit (school_id, kind, title, field)"
    " VALUES (%(school)s, 'x', '姓名', 'name')",
    "INSERT INTO import_memory (school_id, kind, object_id, known)"
    " VALUES (%(school)s, 'x', 1, '{}')",
    "INSERT INTO pupil_number (school_id, pupil_id, kind, sealed, blind, tail)"
    " VALUES (%(school)s, %(child)s, 'id', '', '', '')",
    "INSERT INTO former_phone (school_id, guardian_id, phone)"
    " SELECT school_id, min(id), 'x' FROM guardian WHERE school_id = %(school)s GROUP BY 1",
    "INSERT INTO audit_seal (school_id, seq, entry_id, hash)"
    " SELECT school_id, 1, min(id), '' FROM audit_entry WHERE school_id = %(school)s GROUP BY 1",
    "INSERT INTO audit_head (school_id, seq, hash, mark) VALUES (%(school)s, 1, '', '')",
    "INSERT INTO turn_plan (school_id, year, new_classes, effective_on, first_starts_on,"
    " first_ends_on, second_starts_on, second_ends_on) VALUES (%(school)s, 2090, 1,"
    " '2090-09-01', '2090-09-01', '2091-01-20', '2091-02-20', '2091-07-01')",
    "INSERT INTO turn_choice (school_id, plan_id, kind, entry_year, number, object_id)"
    " SELECT school_id, id, 'stay', 2089, 1, 1 FROM turn_plan WHERE school_id = %(school)s",
)


@pytest.fixture(scope="module", autouse=True)
def something_in_every_table(server: Postgres, database: str, seed: Seed) -> None:
    """Rows of both schools where the seed has none."""
    with databases.superuser(server, database) as root:
        for school in seed.schools.values():
            for statement in ROWS:
                root.execute(statement, {"school": school.id, "child": school.ids["child"]})


@pytest.mark.parametrize("table", TABLES)
def test_select(table: str, connection: Connect, seed: Seed) -> None:
    """Nothing entered: nothing there. One school entered: its rows and no other's."""
    a, b = seed.schools["a"].id, seed.schools["b"].id
    assert count(connection, table, a) > 0, (
        f"the seed has no row in {table}, so this proves nothing"
    )
    assert count(connection, table, None) == 0
    assert count(connection, table, 999_999) == 0
    assert count(connection, table, a, f"school_id <> {a}") == 0
    assert count(connection, table, a, f"school_id = {b}") == 0


def test_a_setting_left_over_is_no_school(connection: Connect) -> None:
    """After a transaction the setting is the empty text, which must open nothing."""
    with connection.transaction():
        enter(connection, 1)
    assert connection.execute("SELECT current_setting('campus.school', true)").fetchone() == ("",)
    assert connection.execute("SELECT count(*) FROM pupil").fetchone() == (0,)


@pytest.mark.parametrize("table", TABLES)
def test_insert(
    table: str, connection: Connect, seed: Seed, server: Postgres, database: str
) -> None:
    """A row for another school is refused, whatever it holds."""
    a, b = seed.schools["a"].id, seed.schools["b"].id
    with databases.superuser(server, database) as root:
        found = root.execute(
            sql.SQL("SELECT to_jsonb(t) FROM {} t WHERE school_id = %s LIMIT 1").format(
                sql.Identifier(table)
            ),
            (b,),
        ).fetchone()
    assert found is not None
    statement = sql.SQL(
        "INSERT INTO {0} SELECT * FROM jsonb_populate_record(null::{0}, %s)"
    ).format(sql.Identifier(table))
    for school in (a, None):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match=REFUSED[table in KEPT]):
            with connection.transaction():
                enter(connection, school)
                connection.execute(statement, (psycopg.types.json.Jsonb(found[0]),))


@pytest.mark.parametrize("table", TABLES)
def test_update_and_delete(table: str, connection: Connect, seed: Seed) -> None:
    """Nothing of another school is changed or removed, and nothing moves to it."""
    a, b = seed.schools["a"].id, seed.schools["b"].id
    name = sql.Identifier(table)
    update = sql.SQL("UPDATE {} SET school_id = school_id WHERE school_id = %s").format(name)
    remove = sql.SQL("DELETE FROM {} WHERE school_id = %s").format(name)
    move = sql.SQL("UPDATE {} SET school_id = %s").format(name)
    append_only = table in KEPT
    for school in (a, None):
        for statement in (update, remove):
            assert changed(connection, school, statement, b) in (
                {0},
                {"refused"} if append_only else {0},
            )
    assert changed(connection, a, move, b) == {"refused"}


def changed(connection: Connect, school: int | None, statement: Any, value: int) -> set[int | str]:
    """How many rows one statement changes (undone again), or that it is refused."""
    try:
        with connection.transaction(force_rollback=True):
            enter(connection, school)
            return {connection.execute(statement, (value,)).rowcount}
    except psycopg.errors.InsufficientPrivilege:
        return {"refused"}


@pytest.mark.parametrize("role", ROLES)
def test_what_the_roles_may_not(role: str, server: Postgres, database: str) -> None:
    """No hat of the owner, no truncating, no new tables, no rewriting of what was logged."""
    url = server.url(role, database).replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in (
            "SET ROLE campus_owner",
            "TRUNCATE pupil",
            "CREATE TABLE mine (x int)",
            "ALTER TABLE pupil DISABLE ROW LEVEL SECURITY",
            "UPDATE audit_entry SET action = 'x'",
            "DELETE FROM audit_entry",
            "UPDATE account_event SET kind = 'x'",
            "DELETE FROM school",
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1'",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
