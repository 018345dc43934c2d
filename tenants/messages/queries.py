"""A person's inbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from campus import db
from campus.actor import Actor
from tenants.messages.models import Notification
from tenants.people.models import Pupil
from tenants.people.queries import given_name
from tenants.people.scope import ACCOUNT

PAGE = 30


@dataclass(frozen=True, slots=True)
class Notice:
    """One line of the inbox."""

    seq: int
    kind: str
    title: str
    body: str
    at: datetime
    read: bool
    pupil_id: int | None
    child_call: str


# How many pieces of news wait, for the frame of every page.
UNREAD = (
    select(func.count())
    .select_from(Notification)
    .where(
        Notification.school_id == db.SCHOOL,
        Notification.account_id == ACCOUNT,
        Notification.read_at.is_(None),
        Notification.withdrawn_at.is_(None),
    )
    .scalar_subquery()
)


def inbox(actor: Actor, *, before: int | None = None) -> list[Notice]:
    """The actor's news, newest first, ``PAGE`` at a time, before a sequence number."""
    statement = (
        select(Notification, Pupil.name)
        .outerjoin(Pupil, db.on(Notification, Pupil, "pupil_id"))
        .where(
            Notification.school_id == db.school_id(),
            Notification.account_id == actor.account_id,
            Notification.withdrawn_at.is_(None),
        )
        .order_by(Notification.seq.desc())
        .limit(PAGE)
    )
    if before is not None:
        statement = statement.where(Notification.seq < before)
    return [_notice(row[0], row[1]) for row in db.session().execute(statement)]


def _notice(row: Notification, pupil_name: str | None) -> Notice:
    return Notice(
        row.seq,
        row.kind,
        row.title,
        row.body,
        row.created_at,
        row.read_at is not None,
        row.pupil_id,
        given_name(pupil_name) if pupil_name else "",
    )
