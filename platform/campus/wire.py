"""Several statements, one round trip: libpq's pipeline with one flush, one sync and one wait.

psycopg's own pipeline talks to the server at every ``execute``, and under gevent each of these
waits costs as much as the query. Here all that is asked leaves at once and its answers are read
together. Values are dumped and loaded by psycopg; errors are psycopg's.

What pages ask is prepared on its connection under a name of ours. psycopg prepares what goes
through it under names of its own, and drops all of them, ours too, when it sees a savepoint rolled
back: so what follows in a writing transaction travels unprepared (``keep=False``), and a connection
that has lost our names is replaced by db.begin. What `post` has sent is answered unread; the next
`trip` reads it, and a connection in pipeline mode is the sign of that.
"""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import psycopg
from gevent import monkey
from gevent.socket import wait_read
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, PipelineStatus
from psycopg.pq.abc import PGconn, PGresult

Driver = psycopg.Connection[Any]
Key = tuple[bytes, tuple[int, ...]]
LOST = "the server closed the connection while it was asked"


class Ask(NamedTuple):
    """One statement with ``$1`` parameters; ``shape`` makes a row of the driver's tuple."""

    text: bytes
    values: Sequence[Any] = ()
    shape: Callable[[Sequence[Any]], Any] = tuple


@dataclass(slots=True)
class Prepared:
    """The statements one connection has prepared: by text and types of the values, their names."""

    names: dict[Key, bytes] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)


_prepared: WeakKeyDictionary[Driver, Prepared] = WeakKeyDictionary()


def trip(driver: Driver, asks: Sequence[Ask], *, keep: bool = True) -> list[list[Any]]:
    """Send all, wait once, and return the rows of each. ``keep`` prepares them for the next time.

    Raises the first statement's psycopg.Error that failed; those after it were not run. A trip that
    is broken off (a timeout, a lost server) closes the connection: nobody can read on from there.
    """
    pgconn = driver.pgconn
    try:
        owed = pgconn.pipeline_status == PipelineStatus.ON
        if not owed:
            pgconn.enter_pipeline_mode()
        transformer = Transformer(driver)
        learned = _send(driver, pgconn, transformer, asks, keep=keep)
        found = _read(pgconn, syncs=1 + owed)
        pgconn.exit_pipeline_mode()
    except BaseException:
        pgconn.finish()
        raise
    return _loaded(driver, transformer, asks, learned, found[1:] if owed else found)


def post(driver: Driver, ask: Ask) -> None:
    """Send one statement whose answer nobody waits for, such as the COMMIT of what only read."""
    pgconn = driver.pgconn
    pgconn.enter_pipeline_mode()
    _send(driver, pgconn, Transformer(driver), [ask], keep=False)


def _send(
    driver: Driver,
    pgconn: PGconn,
    transformer: Any,
    asks: Sequence[Ask],
    *,
    keep: bool,
) -> list[tuple[Key, bytes] | None]:
    """Put everything on the wire; for each ask its key when it is prepared on this trip."""
    prepared = _prepared.get(driver) or _prepared.setdefault(driver, Prepared())
    learned: list[tuple[Key, bytes] | None] = []
    for text, values, _ in asks:
        dumped = transformer.dump_sequence(values, [PyFormat.AUTO] * len(values))
        key = (text, transformer.types or ())
        name = prepared.names.get(key) if keep else None
        if name is None and keep:
            name = b"campus_%d" % next(prepared.numbers)
            pgconn.send_prepare(name, text, transformer.types)
            learned.append((key, name))
        else:
            learned.append(None)
        if name is None:
            pgconn.send_query_params(text, dumped, transformer.types, transformer.formats)
        else:
            pgconn.send_query_prepared(name, dumped, transformer.formats)
    pgconn.pipeline_sync()
    flush(pgconn)
    return learned


def flush(pgconn: PGconn) -> None:
    """Until the last byte is on the wire: psycopg leaves what the socket does not take at once."""
    while pgconn.flush():
        select.select([], [pgconn.socket], [])


def _read(pgconn: PGconn, *, syncs: int) -> list[PGresult]:
    """All results up to the last sync. Raises psycopg.OperationalError when the server is gone."""
    found: list[PGresult] = []
    ended = False  # a result is followed by one None; two in a row come from no server
    while syncs:
        while pgconn.is_busy():
            _wait(pgconn.socket)
            pgconn.consume_input()
        result = pgconn.get_result()
        if result is None:
            if ended:
                raise psycopg.OperationalError(LOST)
            ended = True
            continue
        ended = False
        if result.status == ExecStatus.PIPELINE_SYNC:
            syncs -= 1
        else:
            found.append(result)
    return found


def _wait(socket: int) -> None:
    """Until there is something to read; other greenlets run meanwhile."""
    if monkey.is_module_patched("select"):
        wait_read(socket)
    else:
        poll = select.poll()
        poll.register(socket, select.POLLIN)
        poll.poll()


def _loaded(
    driver: Driver,
    transformer: Any,
    asks: Sequence[Ask],
    learned: Sequence[tuple[Key, bytes] | None],
    found: Sequence[PGresult],
) -> list[list[Any]]:
    names = _prepared[driver].names
    results = iter(found)
    rows: list[list[Any]] = []
    for ask, new in zip(asks, learned, strict=True):
        if new is not None:
            _good(next(results), driver)
            names[new[0]] = new[1]
        result = _good(next(results), driver)
        if result.status == ExecStatus.TUPLES_OK:
            transformer.set_pgresult(result)
            rows.append(transformer.load_rows(0, result.ntuples, ask.shape))
        else:
            rows.append([])
    return rows


def _good(result: PGresult, driver: Driver) -> PGresult:
    if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        return result
    raise error_from_result(result, encoding=driver.info.encoding)
