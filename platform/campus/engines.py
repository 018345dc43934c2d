"""The engines of this process, one for each role, and how a connection of theirs opens.

Connections are in driver autocommit and BEGIN is ours: BEGIN and the statement that enters the
school travel in one trip (see wire.py), which is what a page's speed depends on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from campus import wire

BEGIN, BEGIN_READING = wire.Ask(b"BEGIN"), wire.Ask(b"BEGIN READ ONLY")
# The database did not do it this time: gone, too busy, or out of room.
LOST = (psycopg.OperationalError, OperationalError, PoolExhausted)
_engines: dict[str, Engine] = {}


def connect(url: str, *, pool_size: int = 10, role: str = "web") -> None:
    """Point this process at a database. ``role`` names the engine (web, worker)."""
    disconnect(role)
    _engines[role] = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        pool_use_lifo=True,
        hide_parameters=True,  # an error in a log must not carry a child's name
        # begin() and finish() are the only two who open and end: nothing is left to reset.
        pool_reset_on_return=None,
        skip_autocommit_rollback=True,
        connect_args={"connect_timeout": 3, "application_name": f"campus-{role}"},
    )


def disconnect(role: str = "web") -> None:
    """Close every pooled connection of one engine."""
    engine = _engines.pop(role, None)
    if engine is not None:
        engine.dispose()


def engine(role: str = "web") -> Engine:
    """The engine of one role. Raises KeyError before connect()."""
    return _engines[role]


def opened(
    role: str, statement: str, arguments: Sequence[Any], *, read_only: bool
) -> tuple[Connection, Any]:
    """A connection after BEGIN and ``statement``, in one trip, and the one row that it answered."""
    pool = engine(role)
    for attempt in (1, 2):
        connection = pool.connect()
        try:
            raw = connection.connection.driver_connection
            assert raw is not None
            opening = BEGIN_READING if read_only else BEGIN
            _, [row] = wire.trip(raw, (opening, wire.Ask(statement.encode(), arguments)))
            return connection, row
        except (psycopg.OperationalError, psycopg.errors.InvalidSqlStatementName):
            # The server restarted while the connection lay in the pool, or what was prepared on it
            # is gone: one fresh try.
            connection.invalidate()
            connection.close()
            if attempt == 2:
                raise
            pool.dispose()
        except BaseException:
            connection.invalidate()
            connection.close()
            raise
    raise AssertionError("unreachable")
