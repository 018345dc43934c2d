"""Rows held to the registry once a statement are held as a foreign key would hold them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from flask import Flask
from psycopg.errors import ForeignKeyViolation, LockNotAvailable

from campus.embedded.postgres import Postgres
from tests.support import databases

NOBODY = 987_654
ROWS = {
    "pupil": "INSERT INTO pupil (school_id, name, name_key) VALUES (%s, '甲', '甲')",
    "guardian": "INSERT INTO guardian (school_id, name, phone) VALUES (%s, '乙', '12000000001')",
    "import_memory": "INSERT INTO import_memory (school_id, kind, object_id, known)"
    " VALUES (%s, 'pupil', 1, '')",
}
ENTER = "SELECT set_config('campus.school', %s, false)"
SCHOOL = "INSERT INTO school (slug, name, short_name) VALUES (%s, %s, %s) RETURNING id"
Connection = psycopg.Connection[Any]


@pytest.fixture(scope="module")
def name(server: Postgres, app: Flask) -> Iterator[str]:
    with databases.scratch(server) as made:
        yield made


@pytest.fixture
def root(server: Postgres, name: str) -> Iterator[Connection]:
    with databases.superuser(server, name) as connection:
        yield connection


def opened(root: Connection, slug: str) -> int:
    """A school without a row anywhere else."""
    return root.execute(SCHOOL, (slug, slug, slug)).fetchall()[0][0]  # type: ignore[no-any-return]


@pytest.mark.parametrize("table", ROWS)
def test_no_row_is_of_a_school_that_is_not_there(root: Connection, table: str) -> None:
    with pytest.raises(ForeignKeyViolation, match=f"{table}: a row of school {NOBODY}"):
        root.execute(ROWS[table], (NOBODY,))
    school = opened(root, f"moved-{table}".replace("_", "-"))
    root.execute(ROWS[table], (school,))
    with pytest.raises(ForeignKeyViolation, match=f"{table}: a row of school {NOBODY}"):
        root.execute(f"UPDATE {table} SET school_id = %s WHERE school_id = %s", (NOBODY, school))


@pytest.mark.parametrize("table", ROWS)
@pytest.mark.parametrize("role", ["postgres", "campus_owner"])
def test_no_school_goes_while_rows_of_its_are_left(root: Connection, table: str, role: str) -> None:
    school = opened(root, f"left-{role}-{table}".replace("_", "-"))
    root.execute(ROWS[table], (school,))
    root.execute(f"SET ROLE {role}")
    root.execute(ENTER, ("1",))  # another school than the one that goes
    with pytest.raises(ForeignKeyViolation, match=f"school {school} still has rows in {table}"):
        root.execute("DELETE FROM school WHERE id = %s", (school,))
    root.execute(ENTER, (str(school),))
    root.execute(f"DELETE FROM {table} WHERE school_id = %s", (school,))
    root.execute(ENTER, ("1",))
    assert root.execute("DELETE FROM school WHERE id = %s", (school,)).rowcount == 1
    assert root.execute("SELECT current_setting('campus.school')").fetchall() == [("1",)]


def test_a_school_may_be_changed_but_not_its_number(root: Connection) -> None:
    school = opened(root, "renamed")
    root.execute(ROWS["pupil"], (school,))
    changed = root.execute("UPDATE school SET name = '新名', id = id WHERE id = %s", (school,))
    assert changed.rowcount == 1
    with pytest.raises(ForeignKeyViolation, match=f"school {school} still has rows in pupil"):
        root.execute("UPDATE school SET id = %s WHERE id = %s", (NOBODY, school))


def test_a_school_waits_for_who_is_still_writing(
    server: Postgres, name: str, root: Connection
) -> None:
    """The row of the registry is held from the first child on, not from the commit."""
    school = opened(root, "still-written")
    with databases.superuser(server, name) as writer:
        with writer.transaction():
            writer.execute(ROWS["guardian"], (school,))
            root.execute("SET lock_timeout = '200ms'")
            with pytest.raises(LockNotAvailable):
                root.execute("DELETE FROM school WHERE id = %s", (school,))
        with pytest.raises(ForeignKeyViolation):
            root.execute("DELETE FROM school WHERE id = %s", (school,))
