"""The database: base classes, one transaction per intention, the school binding.

Every table of ``tenants/`` derives from SchoolScoped and is guarded by row-level security on
``campus.school``. That setting is only ever made transaction-local, together with BEGIN, so it can
neither leak through the pool nor cost a round trip of its own.

What only read commits without waiting for the answer; the connection's next user reads that first.
How a connection opens is in engines.py.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Executable,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Row,
    and_,
    bindparam,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from campus import database, engines, holding, query, units, wire

Base = database.Base


def _entered() -> int:
    return units.school_id()


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


connect, disconnect, engine = engines.connect, engines.disconnect, engines.engine
Closing, Unit = units.Closing, units.Unit
begin, finish, transaction, joined = units.begin, units.finish, units.transaction, units.joined
release, undo, enter = units.release, units.undo, units.enter
check_released, be_patient = holding.check_released, units.be_patient
unit, current_unit, session, school_id = (
    units.unit,
    units.current_unit,
    units.session,
    units.school_id,
)
at_end, after_commit, when_over = units.at_end, units.after_commit, units.when_over
Query = query.Query
AnySelect = query.AnySelect
AnyRow = Row[*tuple[Any, ...]]


@contextmanager
def savepoint() -> Iterator[Session]:
    """Part of the open transaction that can fail alone: then nothing of it stays, queued or sent.

    What of it is not yet sent is sent at its end, so that a refusal shows inside the block.
    """
    current = unit()
    current.session.flush()
    lists: tuple[list[Any], ...] = (current.closing, current.after_commit)
    before = [len(one) for one in lists]
    current.parts += 1
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
    finally:
        current.parts -= 1


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
        wire.flush(current.driver.pgconn, time.monotonic() + current.driver.patience)


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
    found = wire.trip(current.driver, (*asks, units.COMMIT))
    current.over = True
    return found[:-1]
