"""Databases of a run: migrated once, seeded once, then copied in tens of milliseconds.

`campus` is migrated to the head, `seeded` is its copy with two schools in it; a test module works
in a copy of `seeded` of its own, so nothing one module writes is seen by another.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from campus import db
from campus.embedded.postgres import Postgres
from campus.embedded.roles import DATABASE, LOGINS, OWNER
from campus.migrations.steps import upgrade

MIGRATED = DATABASE
SEEDED = "seeded"
BUSY_TRIES = 50
_numbers = itertools.count(1)


def migrate(server: Postgres) -> str:
    """Bring the template to the newest head; returns its name."""
    upgrade(server.url("migrator", MIGRATED))
    return MIGRATED


def clone(server: Postgres, name: str, template: str) -> str:
    """A copy of ``template`` with the grants a real database has (they are not copied)."""
    with superuser(server) as connection:
        for attempt in range(BUSY_TRIES):
            try:
                connection.execute(
                    _sql(
                        "CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy",
                        name,
                        template,
                        OWNER,
                    )
                )
                break
            except psycopg.errors.ObjectInUse:  # autovacuum looks into the template now and then
                if attempt == BUSY_TRIES - 1:
                    raise
                time.sleep(0.1)
        connection.execute(_sql("REVOKE ALL ON DATABASE {} FROM PUBLIC", name))
        for role in LOGINS.values():
            connection.execute(_sql("GRANT CONNECT ON DATABASE {} TO {}", name, role))
    return name


def fresh_name(purpose: str = "t") -> str:
    """A name no other process of this run uses."""
    return f"{purpose}_{os.getpid()}_{next(_numbers)}"


def drop(server: Postgres, name: str) -> None:
    """Remove a copy, whoever is still connected."""
    with superuser(server) as connection:
        connection.execute(_sql("DROP DATABASE IF EXISTS {} WITH (FORCE)", name))


@contextmanager
def superuser(server: Postgres, database: str = "postgres") -> Iterator[psycopg.Connection]:
    """An autocommit connection that passes by every guard: for set-up and for faults only."""
    with psycopg.connect(server.superuser_dsn, dbname=database, autocommit=True) as connection:
        yield connection


@contextmanager
def scratch(server: Postgres, template: str = MIGRATED) -> Iterator[str]:
    """A copy that lives as long as the block."""
    name = clone(server, fresh_name("scratch"), template)
    try:
        yield name
    finally:
        drop(server, name)


@contextmanager
def many() -> Iterator[None]:
    """As many connections as a web process has, for what happens at once; a test has one."""
    url = db.engine().url.render_as_string(hide_password=False)
    db.connect(url, pool_size=10)
    try:
        yield
    finally:
        db.connect(url, pool_size=1)


def _sql(template: str, *names: str) -> sql.Composed:
    return sql.SQL(template).format(*(sql.Identifier(name) for name in names))
