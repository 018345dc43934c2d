"""News that leaves after commit: written with the change, sent once that is durable.

``publish("messages.new", to=[accounts], data={…ids, counters})`` writes a row in the open
transaction. After commit a web process hints at once and marks the row sent; what another process
wrote, or a dead one left, the relay sends: one in the whole cluster, by an advisory lock. A hint
may come twice, never for a change that was rolled back. Rows sent are kept for a day.
"""

from __future__ import annotations

import logging
import re
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import gevent
from gevent.event import Event
from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Identity,
    Index,
    Select,
    Text,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from campus import db, realtime
from campus.realtime.listener import Connection

CHANNEL = "campus_outbox"
RELAY_LOCK = 0x63616D707573  # "campus"
RELAY_BATCH = 200
LEFT_BEHIND = timedelta(seconds=1)
KEPT = timedelta(days=1)
PRUNE_BATCH = 5_000
PRUNE_EVERY_TICKS = 300
MARK_SECONDS = 0.2
MAX_PENDING = 10_000

Data = Mapping[str, int | str | bool]

log = logging.getLogger(__name__)


class Outbox(db.Base):
    """One hint for some accounts of one school. Ids and counters only, so no row is private."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_unsent", "id", postgresql_where=text("sent_at IS NULL")),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    event: Mapped[str] = mapped_column(Text)
    account_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    payload: Mapped[dict[str, int | str | bool]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    sent_at: Mapped[datetime | None]


class Note(NamedTuple):
    """A written row on its way to this process's sockets."""

    id: int
    school_id: int
    event: str
    account_ids: list[int]
    payload: Data


EVENTS: set[str] = set()
_muted: ContextVar[bool] = ContextVar("campus_outbox_muted", default=False)
_CODE = re.compile(r"[A-Za-z0-9_.:-]{0,64}")
_pending: deque[Note] = deque()
_wake = Event()
_sent: list[int] = []


def register(events: Iterable[str]) -> None:
    """Allow these events; `create_app` passes what each capability declares."""
    EVENTS.update(events)


@contextmanager
def muted() -> Iterator[None]:
    """Within it nothing is published: for making history nobody waits for (the demo schools)."""
    token = _muted.set(True)
    try:
        yield
    finally:
        _muted.reset(token)


def publish(event: str, *, to: Iterable[int], data: Data | None = None) -> None:
    """Hint ``event`` to the accounts ``to`` of the school entered, once this transaction commits.

    ``data`` holds ids, counters and codes, never what a person wrote. Nobody addressed: nothing
    happens. Raises ValueError for an event no capability declared or data that is no code,
    LookupError outside a transaction or a school.
    """
    if event not in EVENTS:
        raise ValueError(f"{event!r} is not among any capability's events")
    payload = {name: _checked(name, value) for name, value in (data or {}).items()}
    accounts = sorted(set(to))
    if not accounts or _muted.get():
        return
    note = {
        "school_id": db.school_id(),
        "event": event,
        "account_ids": accounts,
        "payload": payload,
    }
    db.at_end(CARRIED if realtime.running() else LEFT_TO_OTHERS, note)


def _checked(name: str, value: int | str | bool) -> int | str | bool:
    if name == "event" or (isinstance(value, str) and not _CODE.fullmatch(value)):
        raise ValueError(f"{name} of a hint must be an id, a counter or a code")
    return value


def _post(notes: list[Any]) -> None:
    for note in notes:
        if len(_pending) < MAX_PENDING:  # beyond that the relay is the better queue
            _pending.append(Note(*note))
    _wake.set()


_WRITTEN = b"""
INSERT INTO outbox (school_id, event, account_ids, payload)
SELECT school_id, event, account_ids, payload
  FROM jsonb_to_recordset($1::jsonb) AS note
       (school_id bigint, event text, account_ids bigint[], payload jsonb)
RETURNING id, school_id, event, account_ids, payload
"""
CARRIED = db.Closing(_WRITTEN, _post)
# A process without sockets of its own tells those that have some.
LEFT_TO_OTHERS = db.Closing(
    b"WITH made AS (" + _WRITTEN + b") SELECT pg_notify('campus_outbox', id::text) FROM made"
)


@realtime.task("outbox courier")
def _carry() -> None:
    _wake.wait()
    _wake.clear()
    while _pending:
        _send(_pending.popleft())
        gevent.sleep(0)


def _send(note: Note) -> None:
    realtime.deliver(note.event, note.school_id, note.account_ids, note.payload)
    _sent.append(note.id)


@realtime.task("outbox marker")
def _mark() -> None:
    gevent.sleep(MARK_SECONDS)
    if not _sent:
        return
    ids, _sent[:] = list(_sent), []  # if the mark fails the relay hints again, which is harmless
    with db.transaction() as session:
        session.execute(update(Outbox).where(Outbox.id.in_(ids)).values(sent_at=func.now()))


class Relay:
    """Sends what nobody else did. Only the process that holds the advisory lock works."""

    def __init__(self, key: int = RELAY_LOCK) -> None:
        self._key = key
        self._leads_on: Connection | None = None
        self._ticks = 0

    def tick(self, connection: Connection) -> None:
        """Every two seconds: send what lies unsent for a second or more, prune now and then."""
        if not self.leads(connection):
            return
        while len(send_unsent()) == RELAY_BATCH:
            gevent.sleep(0)
        self._ticks += 1
        if self._ticks % PRUNE_EVERY_TICKS == 1:
            prune()

    def notice(self, payload: str) -> None:
        """A process without sockets has just committed row ``payload``."""
        if self._leads_on is not None and not self._leads_on.closed:
            send_unsent([int(payload)])

    def leads(self, connection: Connection) -> bool:
        """Whether this connection holds the lock; takes it when nobody does."""
        if self._leads_on is connection:
            return True
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (self._key,)).fetchone()
        self._leads_on = connection if row and row[0] else None
        return self._leads_on is not None


def send_unsent(ids: Collection[int] | None = None) -> Sequence[int]:
    """Send and mark the rows ``ids``, or up to 200 left behind; return those sent, in order."""
    with db.transaction() as session:
        notes = session.scalars(_unsent(ids)).all()
        for note in notes:
            realtime.deliver(note.event, note.school_id, note.account_ids, note.payload)
        sent = [note.id for note in notes]
        if sent:
            session.execute(
                update(Outbox)
                .where(Outbox.id.in_(sent))
                .values(sent_at=func.now())
                .execution_options(synchronize_session=False)
            )
    return sent


def _unsent(ids: Collection[int] | None) -> Select[Outbox]:
    query = select(Outbox).where(Outbox.sent_at.is_(None)).order_by(Outbox.id)
    if ids is not None:
        return query.where(Outbox.id.in_(ids))
    return query.where(Outbox.created_at < func.now() - LEFT_BEHIND).limit(RELAY_BATCH)


def prune() -> int:
    """Delete rows sent more than a day ago, 5,000 at most; return how many."""
    old = select(Outbox.id).where(Outbox.sent_at < func.now() - KEPT).limit(PRUNE_BATCH)
    with db.transaction() as session:
        gone = session.execute(
            delete(Outbox)
            .where(Outbox.id.in_(old))
            .returning(Outbox.id)
            .execution_options(synchronize_session=False)
        )
        return len(gone.all())


RELAY = Relay()
realtime.every_tick(RELAY.tick)
realtime.follow(CHANNEL, RELAY.notice)
