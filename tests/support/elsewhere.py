"""The whole run at another hour, and with the database in another zone.

``CAMPUS_TEST_CLOCK=00:30`` lets it be half past midnight in the school when the run begins, for
Python and for PostgreSQL alike; ``CAMPUS_TEST_ZONE=America/Los_Angeles`` puts the sessions of the
database there. Both are for trying folders by hand; what must hold on every run is in
tests/classes/test_zones.py. Servers that a test starts as processes of their own keep our time.
"""

from __future__ import annotations

import os
from datetime import datetime, time, timedelta

from psycopg import sql

from campus import clock
from campus.embedded.postgres import Postgres
from tests.support import databases

ZONE, HOUR, SHIFT = "CAMPUS_TEST_ZONE", "CAMPUS_TEST_CLOCK", "CAMPUS_TEST_SHIFT"
HALF_A_DAY = timedelta(hours=12)
# Found before PostgreSQL's own, also by the defaults of columns made later.
NOW = """
CREATE SCHEMA moved;
GRANT USAGE ON SCHEMA moved TO PUBLIC;
CREATE FUNCTION moved.now() RETURNS timestamptz LANGUAGE sql STABLE
  RETURN pg_catalog.now() + interval {};
"""
PATH = "ALTER SYSTEM SET search_path = public, moved, pg_catalog"


def set_clock() -> None:
    """Once in each process: the first decides by how much, its workers inherit that."""
    if os.environ.get(HOUR) and SHIFT not in os.environ:
        os.environ[SHIFT] = str(int(_shift(os.environ[HOUR]).total_seconds()))
    if shift := timedelta(seconds=int(os.environ.get(SHIFT, "0"))):
        clock.now = lambda: datetime.now(clock.SHANGHAI) + shift


def _shift(hour: str) -> timedelta:
    now = datetime.now(clock.SHANGHAI)
    wanted = datetime.combine(clock.day_of(now), time.fromisoformat(hour), clock.SHANGHAI)
    shift = wanted - now
    if shift > HALF_A_DAY:
        return shift - 2 * HALF_A_DAY
    return shift + 2 * HALF_A_DAY if shift < -HALF_A_DAY else shift


def move(server: Postgres) -> None:
    """Before the first migration: the server's zone, and its ``now()``."""
    zone, shift = os.environ.get(ZONE), os.environ.get(SHIFT)
    if zone:
        with databases.superuser(server) as connection:
            setting = sql.SQL("ALTER SYSTEM SET timezone = {}").format(sql.Literal(zone))
            connection.execute(setting)
    if shift:
        with databases.superuser(server, databases.MIGRATED) as connection:
            connection.execute(sql.SQL(NOW).format(sql.Literal(f"{shift} seconds")))
            connection.execute(sql.SQL(PATH))
    with databases.superuser(server) as connection:
        connection.execute("SELECT pg_reload_conf()")
