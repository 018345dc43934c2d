"""The engines of this process, one for each role, and how a connection of theirs opens.

Connections are in driver autocommit and BEGIN is ours: BEGIN and the statement that enters the
school travel in one trip (see wire.py), which is what a page's speed depends on.

Every wait has an end, so that a database that hangs costs a request six seconds at most: for a free
connection, for a new one, for an answer (wire.Driver).
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from campus import wire

BEGIN, BEGIN_READING = wire.Ask(b"BEGIN"), wire.Ask(b"BEGIN READ ONLY")
# The database did not do it this time: gone, too busy, or out of room.
LOST = (psycopg.OperationalError, OperationalError, PoolExhausted)
# Seconds: for a connection to be free, for a new one (libpq knows no less), and for the answer of
# each role. The server's own limits (embedded/roles.py) are a second shorter.
FREE, CONNECTED = 3, 2
PATIENCE = {"web": wire.PATIENCE, "worker": 61.0}
_engines: dict[str, Engine] = {}


def options(role: str, pool_size: int) -> dict[str, Any]:
    """How every engine of ours is made, whoever makes it."""
    return {
        "isolation_level": "AUTOCOMMIT",
        "pool_size": pool_size,
        "max_overflow": 0,
        "pool_timeout": FREE,
        "pool_use_lifo": True,
        "hide_parameters": True,  # an error in a log must not carry a child's name
        # begin() and finish() are the only two who open and end: nothing is left to reset.
        "pool_reset_on_return": None,
        "skip_autocommit_rollback": True,
        "connect_args": {"connect_timeout": CONNECTED, "application_name": f"campus-{role}"},
    }


def connect(url: str, *, pool_size: int = 10, role: str = "web") -> None:
    """Point this process at a database. ``role`` names the engine (web, worker)."""
    use(role, create_engine(url, **options(role, pool_size)))


def use(role: str, engine: Engine) -> None:
    """Take an engine for a role; the one before it is closed."""
    disconnect(role)
    _engines[role] = engine

    @event.listens_for(engine, "do_connect")
    def bounded(_: Any, __: Any, args: tuple[Any, ...], options: dict[str, Any]) -> wire.Driver:
        return wire.Driver.connect(*args, **options)


def known() -> Mapping[str, Engine]:
    """The engines of this process by role."""
    return _engines


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
    pool, began = engine(role), time.monotonic()
    for attempt in (1, 2):
        connection = pool.connect()
        try:
            raw = connection.connection.driver_connection
            assert isinstance(raw, wire.Driver)
            raw.patience = PATIENCE[role]
            left = max(wire.PATIENCE - (time.monotonic() - began), 1.0)
            opening = BEGIN_READING if read_only else BEGIN
            asks = (opening, wire.Ask(statement.encode(), arguments))
            _, [row] = wire.trip(raw, asks, patience=left)
            return connection, row
        except wire.TimedOut:
            connection.invalidate()
            connection.close()
            raise  # another try would take as long
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
