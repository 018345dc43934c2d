"""The database: base classes, one transaction per intention, the school binding.

Every table of ``tenants/`` derives from SchoolScoped and is guarded by row-level security on
``campus.school``. That setting is only ever made transaction-local, together with BEGIN, so it can
neither leak through the pool nor cost a round trip of its own.

What only read commits without waiting for the answer; the connection's next user reads that first.
How a connection opens is in engines.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any

import psycopg
from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Executable,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    MetaData,
    Row,
    and_,
    bindparam,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from campus import engines, query, wire
from campus.moments import Day, Moment

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
ENTER_SCHOOL = "SELECT set_config('campus.school', $1, true)"
COMMIT, ROLLBACK = wire.Ask(b"COMMIT"), wire.Ask(b"ROLLBACK")


class Base(DeclarativeBase):
    """Every table. Times carry a zone; a birthday is a DATE (Shanghai had summer time)."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {int: BigInteger, datetime: Moment(), date: Day()}  # noqa: RUF012


def _entered() -> int:
    return school_id()


class SchoolScoped(Base):
    """A table of one school's rows: school_id leads its primary key and every index."""

    __abstract__ = True

    school_id: Mapped[int] = mapped_column(
        ForeignKey("school.id"), primary_key=True, default=_entered, sort_order=-2
    )


class SchoolRow(SchoolScoped):
    """A school's row with an id of its own (unique together with the school)."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(Identity(), primary_key=True, sort_order=-1)


def within_school(column: str, table: str, target: str = "id") -> ForeignKeyConstraint:
    """A foreign key inside one school: plain ones bypass row-level security."""
    return ForeignKeyConstraint(["school_id", column], [f"{table}.school_id", f"{table}.{target}"])


def on(child: Any, parent: Any, column: str) -> ColumnElement[bool]:
    """The join along such a key: ``child.column`` is ``parent.id``, both of one school."""
    return and_(parent.school_id == child.school_id, parent.id == getattr(child, column))


@dataclass(frozen=True, slots=True)
class Closing:
    """A write that travels with COMMIT: for rows that nobody reads in their own transaction.

    ``statement`` takes all rows as one JSON array in ``$1``; ``told`` gets the rows it returns once
    they are durable, in the order in which they were left.
    """

    statement: bytes
    told: Callable[[list[Any]], None] | None = None


@dataclass(slots=True)
class Unit:
    """One open transaction: its connection, the school it entered, what to do once durable.

    ``school`` is that school's row in the registry, once somebody has read it; ``over`` is set when
    COMMIT has gone already, with the last that was read; ``ahead`` while writes are sent ahead.
    """

    pooled: Connection
    school_id: int | None
    read_only: bool
    entered: Any = None
    school: Any = None
    after_commit: list[Callable[[], None]] = field(default_factory=list)
    closing: list[tuple[Closing, dict[str, Any]]] = field(default_factory=list)
    held: Session | None = None
    over: bool = False
    ahead: ExitStack | None = None

    @property
    def connection(self) -> Connection:
        """SQLAlchemy's connection. Raises RuntimeError after the last: nothing guards it there."""
        if self.over:
            raise RuntimeError("asked after the last of this transaction: see db.gather")
        return self.pooled

    @property
    def session(self) -> Session:
        """The unit of work, made when first asked for: most pages only read and need none."""
        if self.held is None:
            self.held = Session(bind=self.connection, expire_on_commit=False)
        return self.held

    @property
    def driver(self) -> psycopg.Connection[Any]:
        """The driver's own connection, inside this transaction."""
        raw = self.connection.connection.driver_connection
        assert raw is not None
        return raw  # type: ignore[no-any-return]


connect, disconnect, engine = engines.connect, engines.disconnect, engines.engine
Query = query.Query
AnySelect = query.AnySelect
AnyRow = Row[*tuple[Any, ...]]
_unit: ContextVar[Unit | None] = ContextVar("campus_unit", default=None)


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
    """
    statement, arguments = entry or (ENTER_SCHOOL, (str(school_id or ""),))
    connection, row = engines.opened(role, statement, arguments, read_only=read_only)
    unit = Unit(connection, school_id, read_only, entered=row)
    _unit.set(unit)
    return unit


def finish(unit: Unit, *, commit: bool) -> None:
    """Commit or roll back, leave the school, then run what waited for durability."""
    try:
        if commit:
            if unit.held is not None:
                unit.held.flush()
            if unit.over:
                pass
            elif unit.read_only:
                wire.post(unit.driver, COMMIT)
            else:
                _send_left(unit, COMMIT)
        elif not unit.over:
            wire.trip(unit.driver, (ROLLBACK,), keep=False)
    except BaseException as error:
        lost = unit.pooled.invalidated or isinstance(error, psycopg.OperationalError)
        unit.pooled.invalidate()
        if commit or not lost:
            raise  # else the connection is gone, and with it what was to be rolled back
    finally:
        _unit.set(None)  # not before the flush: a new row's default asks for the school
        if unit.held is not None:
            unit.held.close()
        unit.pooled.close()
    if commit:
        for call in unit.after_commit:
            call()


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


@contextmanager
def savepoint() -> Iterator[Session]:
    """Part of the open transaction that can fail alone: then nothing of it stays, queued or sent.

    What of it is not yet sent is sent at its end, so that a refusal shows inside the block.
    """
    current = unit()
    current.session.flush()
    lists: tuple[list[Any], ...] = (current.closing, current.after_commit)
    before = [len(one) for one in lists]
    try:
        with current.driver.transaction():
            yield current.session
            current.session.flush()
    except BaseException:
        for added in list(current.session.new):
            current.session.expunge(added)
        current.session.expire_all()  # what it changed in memory is asked anew
        for one, length in zip(lists, before, strict=True):
            del one[length:]
        raise


def undo() -> None:
    """Take back all that the open transaction did; it goes on in its school as if just begun.

    For the page that explains a refusal: it shows what stands, not half an act.
    """
    current = unit()
    current.closing.clear()
    current.after_commit.clear()
    if current.held is not None:
        for pending in [*current.held.new, *current.held.deleted]:
            current.held.expunge(pending)
        current.held.expire_all()
    begun = engines.BEGIN_READING if current.read_only else engines.BEGIN
    entering = wire.Ask(ENTER_SCHOOL.encode(), (str(current.school_id or ""),))
    wire.trip(current.driver, (ROLLBACK, begun, entering), keep=False)


@contextmanager
def transaction(
    *, school_id: int | None = None, read_only: bool = False, role: str = "web"
) -> Iterator[Session]:
    """A transaction of its own, apart from any that is open: jobs, commands, sockets, tests."""
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


def unit() -> Unit:
    """The open transaction. Raises LookupError outside one."""
    current = _unit.get()
    if current is None:
        raise LookupError("no transaction is open: use db.transaction() or a request")
    return current


def current_unit() -> Unit | None:
    """The open transaction, or None."""
    return _unit.get()


def session() -> Session:
    """The session of the open transaction."""
    return unit().session


def school_id() -> int:
    """The school the open transaction entered. Raises LookupError when it entered none."""
    value = unit().school_id
    if value is None:
        raise LookupError("no school was entered")
    return value


def rows(statement: Executable, parameters: dict[str, Any] | None = None) -> Sequence[AnyRow]:
    """Run a read without the unit of work's bookkeeping; it sees what was flushed."""
    current = unit()
    if current.ahead is None:
        return current.connection.execute(statement, parameters or {}).all()
    current.ahead.close()  # whose answers come first
    found = current.connection.execute(statement, parameters or {}).all()
    current.ahead.enter_context(current.driver.pipeline())
    return found


@contextmanager
def ahead() -> Iterator[None]:
    """Let `send` go ahead: the server works on one statement while the next is put together.

    One that fails is raised by a later one, by `rows` or at the end of the block. Nothing else may
    be asked inside: its answer would not be there yet, and SQLAlchemy says so.
    """
    current = unit()
    if current.ahead is not None:
        yield
        return
    with ExitStack() as pipeline:
        pipeline.enter_context(current.driver.pipeline())
        current.ahead = pipeline
        try:
            yield
        finally:
            current.ahead = None


def send(statement: Executable) -> None:
    """Run a write that answers nothing; inside `ahead` without waiting for it."""
    current = unit()
    if current.held is not None:
        current.held.flush()
    current.connection.execute(statement)
    if current.ahead is not None:
        wire.flush(current.driver.pgconn)


SCHOOL: BindParameter[int] = bindparam("school", callable_=school_id, type_=BigInteger)


def gather(*asked: tuple[query.Query, dict[str, Any]], last: bool = False) -> list[list[Any]]:
    """Ask several queries in one round trip; the answers in the same order.

    ``last``: a page asks nothing after these, so COMMIT goes with them, if it only reads.
    """
    current = unit()
    if current.ahead is not None:
        raise RuntimeError("asked inside db.ahead, where answers are not waited for")
    asks = [one.ask(values) for one, values in asked]
    if not (last and current.read_only):
        return wire.trip(current.driver, asks, keep=current.read_only)
    found = wire.trip(current.driver, (*asks, COMMIT))
    current.over = True
    return found[:-1]


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
