"""A person's inbox, and whom a notice would reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from campus import clock, db
from campus.actor import Actor
from tenants.messages.models import Notification
from tenants.people import naming, scope
from tenants.people.models import Enrollment, HomeroomClass, Pupil
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


@dataclass(frozen=True, slots=True)
class ClassReach:
    """One class a notice would go to: its children, and whose families hear of it."""

    label: str
    pupils: int
    reached: int


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a notice would reach: ``people`` are the accounts of guardians who have joined."""

    classes: tuple[ClassReach, ...]
    people: int

    @property
    def families(self) -> int:
        """Children whose family hears of it."""
        return sum(one.reached for one in self.classes)

    @property
    def unreached(self) -> int:
        """Children of whom no guardian has joined."""
        return sum(one.pupils - one.reached for one in self.classes)


def reach_of(class_ids: Sequence[int]) -> Reach:
    """Whom a notice to these classes would reach today."""
    today = clock.today()
    placed = select(Enrollment.class_id, Enrollment.pupil_id).where(
        Enrollment.school_id == db.school_id(),
        Enrollment.class_id == func.any(list(class_ids)),
        scope.current(Enrollment),
    )
    pupils: dict[int, set[int]] = {class_id: set() for class_id in class_ids}
    for class_id, pupil_id in db.rows(placed):
        pupils[class_id].add(pupil_id)
    joined = db.rows(scope.guardian_accounts(placed.with_only_columns(Enrollment.pupil_id)))
    heard = {pupil_id for pupil_id, _ in joined}
    named = db.rows(
        select(HomeroomClass.id, HomeroomClass.entry_year, HomeroomClass.number)
        .where(
            HomeroomClass.school_id == db.school_id(),
            HomeroomClass.id == func.any(list(class_ids)),
        )
        .order_by(HomeroomClass.entry_year.desc(), HomeroomClass.number)
    )
    lines = tuple(
        ClassReach(
            naming.class_label(entry_year, number, today),
            len(pupils[class_id]),
            len(pupils[class_id] & heard),
        )
        for class_id, entry_year, number in named
    )
    return Reach(lines, len({account for _, account in joined}))


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
