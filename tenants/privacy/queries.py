"""Tasks as pages show them, and who can be chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select

from campus import clock, db
from campus.actor import Actor
from campus.errors import NotFound
from campus.identity.models import Account
from tenants.people import calendar, naming, scope
from tenants.people.models import Enrollment, Guardian, Guardianship, HomeroomClass, Pupil
from tenants.privacy.models import (
    ASKED,
    BRING,
    DONE,
    ERASE_GUARDIAN,
    ERASE_OPTIONAL,
    ERASE_PUPIL,
    ERASE_SCHOOL,
    ERASURES,
    MINE,
    OPEN,
    PUPIL,
    SCHOOL,
    STATE_TITLES,
    TakeawayTask,
)

KIND_TITLES = {
    MINE: "成长册",
    PUPIL: "成长册",
    SCHOOL: "全校资料",
    BRING: "带入成长册",
    ERASE_OPTIONAL: "删除成长记录和照片",
    ERASE_PUPIL: "删除一名学生",
    ERASE_GUARDIAN: "删除一位监护人",
    ERASE_SCHOOL: "删除全校资料",
}
SHOWN = 30
KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task in words; ``mine`` whether the reader asked for it."""

    id: int
    kind: str
    title: str
    subject_id: int | None
    subject: str
    state: str
    state_title: str
    done: int
    total: int
    asked_at: datetime
    asked_by: str
    mine: bool
    due_at: datetime | None
    expires_at: datetime | None
    size: str
    problem: str
    detail: dict[str, Any]
    reason: str

    @property
    def open(self) -> bool:
        """Whether something still happens, or can be stopped."""
        return self.state in OPEN

    @property
    def asked(self) -> bool:
        """Whether a second person has to agree."""
        return self.state == ASKED

    @property
    def ready(self) -> bool:
        """Whether there is a file to fetch."""
        return self.state == DONE and self.expires_at is not None


def own_tasks(actor: Actor) -> list[TaskLine]:
    """What the actor, as a guardian, asked for about children who still are theirs."""
    children = scope.children_of(actor)
    mine = and_(TakeawayTask.asked_by == actor.account_id, TakeawayTask.kind == MINE)
    return _lines(actor, and_(mine, TakeawayTask.subject_id.in_(children)))


def office_tasks(actor: Actor, *kinds: str) -> list[TaskLine]:
    """What the office asked for; families' own requests are theirs alone."""
    wanted = kinds or (PUPIL, SCHOOL, BRING, *ERASURES)
    return _lines(actor, TakeawayTask.kind.in_(wanted))


def task(actor: Actor, task_id: int, *kinds: str) -> TaskLine:
    """One task of these kinds. A file is its asker's alone. Raises NotFound."""
    found = _lines(actor, and_(TakeawayTask.id == task_id, TakeawayTask.kind.in_(kinds)))
    if not found or (found[0].kind in (MINE, PUPIL) and not found[0].mine):
        raise NotFound
    return found[0]


def _lines(actor: Actor, condition: Any) -> list[TaskLine]:
    rows = db.rows(
        select(
            TakeawayTask.id,
            TakeawayTask.kind,
            TakeawayTask.subject_id,
            TakeawayTask.state,
            TakeawayTask.done,
            TakeawayTask.total,
            TakeawayTask.asked_at,
            TakeawayTask.asked_by,
            TakeawayTask.due_at,
            TakeawayTask.expires_at,
            TakeawayTask.size,
            TakeawayTask.problem,
            TakeawayTask.detail,
            TakeawayTask.reason,
            Account.name.label("asker"),
            func.coalesce(Pupil.name, Guardian.name, "").label("subject"),
        )
        .outerjoin(Account, Account.id == TakeawayTask.asked_by)
        .outerjoin(
            Pupil,
            and_(
                Pupil.school_id == TakeawayTask.school_id,
                Pupil.id == TakeawayTask.subject_id,
                TakeawayTask.kind != ERASE_GUARDIAN,
            ),
        )
        .outerjoin(
            Guardian,
            and_(
                Guardian.school_id == TakeawayTask.school_id,
                Guardian.id == TakeawayTask.subject_id,
                TakeawayTask.kind == ERASE_GUARDIAN,
            ),
        )
        .where(TakeawayTask.school_id == db.school_id(), condition)
        .order_by(TakeawayTask.id.desc())
        .limit(SHOWN)
    )
    return [_line(row, actor) for row in rows]


def _line(row: Any, actor: Actor) -> TaskLine:
    over = row.expires_at is not None and row.expires_at <= clock.now()
    state = "expired" if row.state == DONE and over else row.state
    return TaskLine(
        id=row.id,
        kind=row.kind,
        title=KIND_TITLES[row.kind],
        subject_id=row.subject_id,
        subject=row.subject,
        state=state,
        state_title=STATE_TITLES[state],
        done=row.done,
        total=row.total,
        asked_at=row.asked_at,
        asked_by=row.asker or "系统",
        mine=row.asked_by == actor.account_id,
        due_at=row.due_at,
        expires_at=row.expires_at,
        size=size_words(row.size),
        problem=row.problem,
        detail=row.detail,
        reason=row.reason,
    )


def size_words(size: int | None) -> str:
    """Bytes as people say them: 1.4 MB, or 32 KB when that says more."""
    if not size:
        return ""
    return f"{size / MIB:.1f} MB" if size >= MIB else f"{max(size // KIB, 1)} KB"


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to pick from a list; ``note`` says what tells two alike apart."""

    id: int
    title: str
    note: str = ""


def classes() -> list[Choice]:
    """Every class of the school that has begun, the youngest first."""
    today = clock.today()
    rows = db.rows(
        select(
            HomeroomClass.id,
            HomeroomClass.entry_year,
            HomeroomClass.number,
            HomeroomClass.graduated_on,
        )
        .where(
            HomeroomClass.school_id == db.school_id(),
            HomeroomClass.entry_year <= calendar.school_year_of(today),
        )
        .order_by(HomeroomClass.entry_year.desc(), HomeroomClass.number)
    )
    return [
        Choice(
            number,
            naming.entry_label(year, at) if graduated else naming.class_label(year, at, today),
            "已毕业" if graduated else "",
        )
        for number, year, at, graduated in rows
    ]


def pupils_of(class_id: int) -> list[Choice]:
    """Everybody who is or was in a class; whoever left is marked."""
    here = func.bool_or(scope.current(Enrollment))
    rows = db.rows(
        select(Pupil.id, Pupil.name, func.max(Enrollment.seat_no), here)
        .join(Enrollment, db.on(Enrollment, Pupil, "pupil_id"))
        .where(Pupil.school_id == db.school_id(), Enrollment.class_id == class_id)
        .group_by(Pupil.id, Pupil.name)
        .order_by(here.desc(), func.max(Enrollment.seat_no), Pupil.id)
    )
    return [
        Choice(number, name, "" if present else "已离开这个班") for number, name, _, present in rows
    ]


def guardians_of(pupil_id: int) -> list[Choice]:
    """The guardians tied to a pupil, with their relation."""
    rows = db.rows(
        select(Guardian.id, Guardian.name, Guardianship.relation)
        .join(Guardianship, db.on(Guardianship, Guardian, "guardian_id"))
        .where(Guardian.school_id == db.school_id(), Guardianship.pupil_id == pupil_id)
        .order_by(Guardianship.contact_order)
    )
    return [Choice(row[0], row[1], row[2]) for row in rows]
