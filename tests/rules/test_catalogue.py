"""What PostgreSQL says about the tables is what the mappers and the house rules say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import create_engine

from campus.db import Base
from campus.embedded.postgres import Postgres
from campus.migrations import head
from campus.migrations.steps import alembic_config, downgrade, upgrade
from tests.rules import catalogue
from tests.support import databases


@pytest.fixture
def connection(server: Postgres, app: Flask) -> Iterator[psycopg.Connection[Any]]:
    """A superuser in the migrated, empty template; ``app`` has imported every mapper."""
    with databases.superuser(server, databases.MIGRATED) as connection:
        yield connection


@pytest.mark.parametrize(
    "guard",
    [
        catalogue.table_problems,
        catalogue.policy_problems,
        catalogue.key_problems,
        catalogue.foreign_key_problems,
        catalogue.held_problems,
        catalogue.bypass_problems,
    ],
    ids=lambda guard: guard.__name__,
)
def test_catalogue(guard: Any, connection: psycopg.Connection[Any]) -> None:
    assert list(guard(connection)) == []


def test_there_are_tables_to_guard(connection: psycopg.Connection[Any]) -> None:
    """A guard that looks at nothing is always content."""
    assert len(catalogue.mapped()) >= 23
    assert not catalogue.mapped() & set(catalogue.PLATFORM)


def test_the_head_is_what_the_mappers_say(server: Postgres, app: Flask) -> None:
    """Nobody adds a column to a mapper and forgets the migration."""
    engine = create_engine(server.url("migrator"))
    with engine.connect() as connection:
        connection.exec_driver_sql("SET ROLE campus_owner")
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, _: not (name or "").startswith(catalogue.QUEUE),
            },
        )
        differences = compare_metadata(context, Base.metadata)
    engine.dispose()
    assert [one for one in differences if "alembic_version" not in str(one)] == []


def test_every_step_goes_down_and_up_again(server: Postgres, app: Flask) -> None:
    """Down to nothing and up: what stands afterwards passes the same guards."""
    with databases.scratch(server) as name:
        url = server.url("migrator", name)
        downgrade(url, "base")
        with databases.superuser(server, name) as connection:
            left = connection.execute(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
                "AND relkind IN ('r', 'v', 'S') AND relname <> 'alembic_version'"
            ).fetchall()
            assert left == []
        upgrade(url)
        with databases.superuser(server, name) as connection:
            version = connection.execute("SELECT version_num FROM alembic_version").fetchall()
            assert version == [(head(),)]
            assert catalogue.catalogue_problems(connection) == []


def test_one_head(app: Flask) -> None:
    """Two branches of migrations conflict here, not in production."""
    assert head()
    assert alembic_config("x").get_main_option("script_location")
