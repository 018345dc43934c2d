"""Several statements, one round trip: libpq's pipeline with one flush, one sync and one wait.

psycopg's own pipeline talks to the server at every ``execute``, and under gevent each of these
waits costs as much as the query. Here all that is asked leaves at once and its answers are read
together. Values are dumped and loaded by psycopg; errors are psycopg's.

What pages ask is prepared on its connection under a name of ours. psycopg prepares what goes
through it under names of its own, and drops all of them, ours too, when it sees a savepoint rolled
back: so what follows in a writing transaction travels unprepared (``keep=False``), and a connection
that has lost our names is replaced by db.begin. What `post` has sent is answered unread; the next
`trip` reads it, and a connection in pipeline mode is the sign of that.

Nothing is waited for without end. The server cancels a long statement itself; `Driver.patience` is
a second more than it allows, for a server that says nothing at all.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import psycopg
from gevent import monkey
from gevent.socket import wait_read, wait_write
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, PipelineStatus
from psycopg.pq.abc import PGconn, PGresult

Key = tuple[bytes, tuple[int, ...]]
LOST = "the server closed the connection while it was asked"
SILENT = "the server did not answer in time"
PATIENCE = 5.0


class TimedOut(psycopg.OperationalError):
    """The server did not answer in time: it hangs, or the way to it does."""


class Driver(psycopg.Connection[Any]):
    """A connection that waits ``patience`` seconds for an answer, then is closed: see TimedOut."""

    patience = PATIENCE

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """psycopg's own wait, with an end where it has none."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        until = time.monotonic() + self.patience
        try:
            return super().wait(gen, interval, self.patience)
        except psycopg.OperationalError as error:
            if time.monotonic() < until:
                raise
            self.pgconn.finish()
            raise TimedOut(SILENT) from error


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


def trip(
    driver: Driver, asks: Sequence[Ask], *, keep: bool = True, patience: float | None = None
) -> list[list[Any]]:
    """Send all, wait once, and return the rows of each. ``keep`` prepares them for the next time.

    ``patience`` is the connection's unless given: so long in all.

    Raises the first statement's psycopg.Error that failed; those after it were not run. A trip that
    is broken off (a timeout, a lost server) closes the connection: nobody can read on from there.
    """
    pgconn = driver.pgconn
    until = time.monotonic() + (driver.patience if patience is None else patience)
    try:
        owed = pgconn.pipeline_status == PipelineStatus.ON
        if not owed:
            pgconn.enter_pipeline_mode()
        transformer = Transformer(driver)
        learned = _send(driver, transformer, asks, keep=keep, until=until)
        found = _read(pgconn, syncs=1 + owed, until=until)
        pgconn.exit_pipeline_mode()
    except BaseException:
        pgconn.finish()
        raise
    return _loaded(driver, transformer, asks, learned, found[1:] if owed else found)


def post(driver: Driver, ask: Ask) -> None:
    """Send one statement whose answer nobody waits for, such as the COMMIT of what only read."""
    driver.pgconn.enter_pipeline_mode()
    until = time.monotonic() + driver.patience
    _send(driver, Transformer(driver), [ask], keep=False, until=until)


def _send(
    driver: Driver,
    transformer: Any,
    asks: Sequence[Ask],
    *,
    keep: bool,
    until: float,
) -> list[tuple[Key, bytes] | None]:
    """Put everything on the wire; for each ask its key when it is prepared on this trip."""
    pgconn = driver.pgconn
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
    flush(pgconn, until)
    return learned


def flush(pgconn: PGconn, until: float) -> None:
    """Until the last byte is on the wire: psycopg leaves what the socket does not take at once."""
    while pgconn.flush():
        _wait(pgconn.socket, until, select.POLLOUT)


def _read(pgconn: PGconn, *, syncs: int, until: float) -> list[PGresult]:
    """All results up to the last sync. Raises psycopg.OperationalError when the server is gone."""
    found: list[PGresult] = []
    ended = False  # a result is followed by one None; two in a row come from no server
    while syncs:
        while pgconn.is_busy():
            _wait(pgconn.socket, until)
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


def _wait(socket: int, until: float, what: int = select.POLLIN) -> None:
    """Until there is something to read (or room to write); other greenlets run meanwhile.

    Raises TimedOut at the moment ``until``.
    """
    left = max(until - time.monotonic(), 0.0)
    if monkey.is_module_patched("select"):
        wait = wait_read if what == select.POLLIN else wait_write
        wait(socket, left, TimedOut(SILENT))
        return
    poll = select.poll()
    poll.register(socket, what)
    if not poll.poll(left * 1000):
        raise TimedOut(SILENT)


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
