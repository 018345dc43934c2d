"""One connection of a web process to PostgreSQL, outside the pool: LISTEN, and work on a beat.

Whoever wants notices says ``follow(channel, call)``; whoever wants to look every two seconds says
``every_tick(call)`` and is given the connection (the outbox's relay holds its advisory lock on
it); whoever may have missed something says ``on_connect(call)``. The address must reach the server
itself: a pooler in transaction mode passes neither notices nor session locks.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from psycopg import sql
from sqlalchemy.engine import make_url

from campus import wire
from campus.realtime import background

TICK_SECONDS = 2.0

Connection = wire.Driver

_url = ""
_followers: dict[str, Callable[[str], None]] = {}
_ticks: list[Callable[[Connection], None]] = []
_connected: list[Callable[[], None]] = []


def point_at(url: str) -> None:
    """Use this database; takes SQLAlchemy's spelling of an address too."""
    global _url  # noqa: PLW0603
    plain = make_url(url).set(drivername="postgresql")
    _url = plain.render_as_string(hide_password=False)


def follow(channel: str, call: Callable[[str], None]) -> None:
    """Call with the payload of every notice on ``channel``; ``call`` must not wait long."""
    _followers[channel] = call


def every_tick(call: Callable[[Connection], None]) -> None:
    """Call every two seconds with the listening connection (autocommit)."""
    _ticks.append(call)


def on_connect(call: Callable[[], None]) -> None:
    """Call after each connection is made: notices sent before it are gone."""
    _connected.append(call)


@background.task("listener")
def _listen() -> None:
    with _connect() as connection:
        for channel in _followers:
            connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        for call in _connected:
            call()
        _attend(connection)


def _connect() -> Connection:
    # A server that vanished without a word is noticed after some 20 s, not after two hours.
    return wire.Driver.connect(
        _url,
        autocommit=True,
        connect_timeout=3,
        application_name="campus-listener",
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=2,
        tcp_user_timeout=20_000,
    )


def _attend(connection: Connection) -> None:
    next_tick = 0.0
    while True:
        if time.monotonic() >= next_tick:
            for tick in _ticks:
                tick(connection)
            next_tick = time.monotonic() + TICK_SECONDS
        wait = max(0.0, next_tick - time.monotonic())
        for notice in list(connection.notifies(timeout=wait, stop_after=1)):
            _followers[notice.channel](notice.payload)
