"""A unit of work: one transaction on one connection, which can be given back on the way.

One request, one connection: whoever wants a second one while it holds the first is refused, since
ten such requests would wait for each other. Before work that takes long (a password's hash, a
picture, the object store) or has transactions of its own, say `release`; who asks afterwards begins
another transaction in the same school. Everybody else reaches all of this as ``campus.db``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import psycopg
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from campus import database, engines, holding, wire

ENTER_SCHOOL = "SELECT set_config('campus.school', $1, true)"
AFTER_THE_LAST = "asked after the last of this transaction: see db.gather"
COMMIT, ROLLBACK = wire.Ask(b"COMMIT"), wire.Ask(b"ROLLBACK")


@dataclass(frozen=True, slots=True)
class Closing:
    """A write that travels with COMMIT: for rows that nobody reads in their own transaction.

    ``statement`` takes all rows as one JSON array in ``$1``; ``told`` gets the rows it returns once
    they are durable, in the order in which they were left.
    """

    statement: bytes
    told: Callable[[list[Any]], None] | None = None


@dataclass(slots=True, eq=False)
class Unit:
    """One open transaction: its connection, the school it entered, what to do once durable.

    ``pooled`` is None after `release`, until somebody asks again. ``school`` is that school's row
    in the registry, once somebody has read it; ``over`` is set when COMMIT has gone already, with
    the last that was read; ``ahead`` while writes are sent ahead; ``parts`` counts savepoints.
    """

    pooled: Connection | None
    school_id: int | None
    read_only: bool
    role: str = "web"
    entered: Any = None
    school: Any = None
    after_commit: list[Callable[[], None]] = field(default_factory=list)
    when_over: list[Callable[[], None]] = field(default_factory=list)
    closing: list[tuple[Closing, dict[str, Any]]] = field(default_factory=list)
    held: Session | None = None
    over: bool = False
    ahead: ExitStack | None = None
    parts: int = 0

    @property
    def connection(self) -> Connection:
        """SQLAlchemy's connection. Raises RuntimeError after the last: nothing guards it there."""
        if self.over:
            raise RuntimeError(AFTER_THE_LAST)
        if self.pooled is None:
            self.pooled, _ = engines.opened(
                self.role, ENTER_SCHOOL, (str(self.school_id or ""),), read_only=self.read_only
            )
        return self.pooled

    @property
    def session(self) -> Session:
        """The unit of work, made when first asked for: most pages only read and need none."""
        if self.over:
            raise RuntimeError(AFTER_THE_LAST)
        if self.held is None:
            self.held = database.database.session()
        return self.held

    @property
    def driver(self) -> wire.Driver:
        """The driver's own connection, inside this transaction."""
        raw = self.connection.connection.driver_connection
        assert isinstance(raw, wire.Driver)
        return raw


_unit: ContextVar[Unit | None] = holding.current


def begin(
    *,
    school_id: int | None = None,
    read_only: bool = False,
    entry: tuple[str, Sequence[Any]] | None = None,
    role: str = "web",
) -> Unit:
    """Open a transaction and make it current; BEGIN and the entry statement share one trip.

    ``entry`` is a statement that itself decides the school (a web request); its row is kept in
    ``Unit.entered``. Without it ``school_id`` is entered, or none: then no school row is visible.
    Raises RuntimeError while a connection is held.
    """
    holding.check_released("a second transaction")
    statement, arguments = entry or (ENTER_SCHOOL, (str(school_id or ""),))
    connection, row = engines.opened(role, statement, arguments, read_only=read_only)
    unit = Unit(connection, school_id, read_only, role, entered=row)
    _unit.set(unit)
    return unit


def finish(unit: Unit, *, commit: bool) -> None:
    """Commit or roll back, leave the school, then run what waited for durability."""
    try:
        lost = _end(unit, commit=commit)
    finally:
        _unit.set(None)
    _call(unit.after_commit if commit else [])
    _call([] if lost else unit.when_over)


def release() -> None:
    """Commit what was done and give the connection back, if one is held.

    Whoever asks the database next begins another transaction in the same school. Raises
    RuntimeError inside a savepoint, which could not be undone any more.
    """
    current = _unit.get()
    if current is None:
        return
    if current.parts or current.ahead is not None:
        raise RuntimeError("released inside a savepoint or db.ahead")
    _end(current, commit=True)
    _call(current.after_commit)


def _call(waiting: list[Callable[[], None]]) -> None:
    while waiting:
        waiting.pop(0)()


def be_patient(seconds: int) -> None:
    """Let the open transaction take its time: a hundred thousand rows are one statement.

    Only for commands and jobs; a page keeps the short limits of its role.
    """
    current, most = unit(), f"{seconds}s"
    current.session.execute(
        text(
            "SELECT set_config('statement_timeout', :most, true),"
            " set_config('idle_in_transaction_session_timeout', :most, true)"
        ),
        {"most": most},
    )
    current.driver.patience = seconds + 1.0


def _end(unit: Unit, *, commit: bool) -> bool:
    """Commit or roll back and give the connection back; what was left for the end is sent.

    Whether the connection was lost, and with it what was to be rolled back.
    """
    if unit.pooled is None and not (commit and unit.closing):
        return False
    try:
        if not unit.over:
            _close(unit, commit=commit)
    except BaseException as error:
        pooled = unit.pooled
        lost = pooled is None or pooled.invalidated or isinstance(error, psycopg.OperationalError)
        if pooled is not None:
            pooled.invalidate()
        if commit or not lost:
            raise
        return True
    finally:
        if unit.held is not None:
            database.database.session.remove()
        if unit.pooled is not None:
            unit.pooled.close()
        unit.held, unit.pooled, unit.over = None, None, False
    return False


def _close(unit: Unit, *, commit: bool) -> None:
    if not commit:
        wire.trip(unit.driver, (ROLLBACK,), keep=False)
        return
    if unit.held is not None:
        unit.held.flush()
    if unit.read_only:
        wire.post(unit.driver, COMMIT)
    else:
        _send_left(unit, COMMIT)


def _send_left(unit: Unit, *last: wire.Ask) -> None:
    """Send what was left for the end, and ``last``, in one trip; if one fails, so does the unit."""
    left: dict[Closing, list[dict[str, Any]]] = {}
    for closing, row in unit.closing:
        left.setdefault(closing, []).append(row)
    unit.closing.clear()
    asks = [wire.Ask(one.statement, (json.dumps(rows),)) for one, rows in left.items()]
    answers = wire.trip(unit.driver, (*asks, *last), keep=False)
    for closing, answer in zip(left, answers, strict=False):
        if closing.told is not None:
            unit.after_commit.append(partial(closing.told, answer))


def undo() -> None:
    """Take back all that the open transaction did; it goes on in its school as if just begun.

    For the page that explains a refusal: it shows what stands, not half an act.
    """
    current = unit()
    current.closing.clear()
    current.after_commit.clear()
    _end(current, commit=False)


@contextmanager
def transaction(
    *, school_id: int | None = None, read_only: bool = False, role: str = "web"
) -> Iterator[Session]:
    """A transaction of its own; one that is open already must have been released before."""
    outer = _unit.get()
    unit = begin(school_id=school_id, read_only=read_only, role=role)
    try:
        yield unit.session
    except BaseException:
        finish(unit, commit=False)
        raise
    else:
        finish(unit, commit=True)
    finally:
        _unit.set(outer)


@contextmanager
def joined(*, read_only: bool = False) -> Iterator[Session]:
    """The open transaction where there is one, else one of its own."""
    current = _unit.get()
    if current is not None:
        yield current.session
        return
    with transaction(read_only=read_only) as own:
        yield own


def unit() -> Unit:
    """The open transaction. Raises LookupError outside one."""
    current = _unit.get()
    if current is None:
        raise LookupError("no transaction is open: use db.transaction() or a request")
    return current


def current_unit() -> Unit | None:
    """The open transaction, or None."""
    return _unit.get()


def school_id() -> int:
    """The school the open transaction entered. Raises LookupError when it entered none."""
    value = unit().school_id
    if value is None:
        raise LookupError("no school was entered")
    return value


def session() -> Session:
    """The session of the open transaction."""
    return unit().session


def enter(school_id: int) -> None:
    """Enter a school in the open transaction; what was left for the end in another goes first."""
    current = unit()
    if current.closing:
        _send_left(current)
    current.session.execute(
        text("SELECT set_config('campus.school', :school, true)"), {"school": str(school_id)}
    )
    current.school_id, current.school = school_id, None


def at_end(closing: Closing, row: dict[str, Any]) -> None:
    """Leave a row (what JSON can say) for the end of the open transaction."""
    unit().closing.append((closing, row))


def after_commit(call: Callable[[], None]) -> None:
    """Run ``call`` once the open transaction is durable; never if it is rolled back."""
    unit().after_commit.append(call)


def when_over(call: Callable[[], None]) -> None:
    """Run ``call`` once the open transaction is over, however it ended, and nothing is held."""
    unit().when_over.append(call)
