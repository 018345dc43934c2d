"""Who looked at what: for the school's leaders, and for a family about their own child."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, or_, select

from campus import clock, db, moments
from campus.actor import Actor
from campus.audit.models import AuditEntry, AuditHead
from campus.errors import NotFound
from campus.identity.models import Account
from campus.permissions import ROLE_TITLES, Role
from campus.schools.models import Membership
from tenants.oversight.permissions import Access
from tenants.oversight.reveal import ACTION as REVEALED
from tenants.oversight.reveal import reason_words
from tenants.people import custody
from tenants.people.models import Pupil, Staff

LOOKED = "look"
EXPORTED = "access.export"
WORDS = {LOOKED: "打开了学生档案", REVEALED: "看了家长电话", EXPORTED: "导出了资料"}
PAGE = 100
MOST_EXPORTED = 50_000
FAMILY_DAYS = 180
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter: days as they are in Shanghai, one pupil, one person of the staff."""

    since: date | None = None
    until: date | None = None
    pupil_id: int | None = None
    staff_id: int | None = None
    before: int | None = None

    @property
    def fingerprint(self) -> str:
        """The same filter in code, for an approval."""
        parts = (self.since, self.until, self.pupil_id, self.staff_id)
        return "|".join("" if part is None else str(part) for part in parts)


@dataclass(frozen=True, slots=True)
class Look:
    """One line: who did what when, concerning whom, and why."""

    id: int
    at: datetime
    who: str
    title: str
    staff_id: int | None
    what: str
    pupil_id: int | None
    pupil: str
    reason: str


def looks(actor: Actor, wanted: Wanted, limit: int = PAGE) -> list[Look]:
    """The newest first. Raises NotFound for a pupil or a colleague of nowhere."""
    actor.check(Access.RECORDS)
    _check_known(wanted)
    statement = (
        select(
            AuditEntry.id,
            AuditEntry.at,
            func.coalesce(Staff.name, Account.name),
            Staff.title,
            Staff.id,
            AuditEntry.action,
            Pupil.id,
            Pupil.name,
            AuditEntry.detail,
        )
        .outerjoin(
            Staff,
            and_(
                Staff.school_id == AuditEntry.school_id, Staff.account_id == AuditEntry.account_id
            ),
        )
        .outerjoin(Account, Account.id == AuditEntry.account_id)
        .outerjoin(
            Pupil,
            and_(
                AuditEntry.object_kind == "pupil",
                Pupil.school_id == AuditEntry.school_id,
                Pupil.id == AuditEntry.object_id,
            ),
        )
        .where(AuditEntry.school_id == db.school_id(), AuditEntry.action.in_(list(WORDS)))
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    return [_look(row) for row in db.rows(statement.where(*_conditions(wanted)))]


def _conditions(wanted: Wanted) -> list[Any]:
    found = []
    if wanted.since:
        found.append(AuditEntry.at >= clock.begins(wanted.since))
    if wanted.until:
        found.append(AuditEntry.at < clock.begins(wanted.until + DAY))
    if wanted.pupil_id:
        found += [AuditEntry.object_kind == "pupil", AuditEntry.object_id == wanted.pupil_id]
    if wanted.staff_id:
        found.append(Staff.id == wanted.staff_id)
    if wanted.before:
        found.append(AuditEntry.id < wanted.before)
    return found


def _look(row: Any) -> Look:
    reason = reason_words(row[8], row[6]) if row[5] == REVEALED else ""
    return Look(
        row[0],
        row[1],
        row[2] or "系统",
        row[3] or "",
        row[4],
        WORDS[row[5]],
        row[6],
        row[7] or "",
        reason,
    )


def _check_known(wanted: Wanted) -> None:
    if wanted.pupil_id and not name_of(Pupil, wanted.pupil_id):
        raise NotFound
    if wanted.staff_id and not name_of(Staff, wanted.staff_id):
        raise NotFound


def name_of(model: type[Pupil] | type[Staff], number: int) -> str:
    """The name of a pupil or colleague of this school, or nothing."""
    found = db.session().scalar(
        select(model.name).where(model.school_id == db.school_id(), model.id == number)
    )
    return found or ""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the school's chain, to be written down by somebody."""

    seq: int
    hash: str
    sealed_at: datetime


def head() -> Head | None:
    """The newest sealed line; None before the first."""
    row = db.session().execute(
        select(AuditHead.seq, AuditHead.hash, AuditHead.sealed_at).where(
            AuditHead.school_id == db.school_id(), AuditHead.seq > 0
        )
    )
    found = row.one_or_none()
    return Head(found[0], bytes(found[1]).hex(), found[2]) if found else None


@dataclass(frozen=True, slots=True)
class FamilyLook:
    """What a family learns: which office looked, on which day, how often; no names, no hours."""

    day: date
    role: str
    times: int
    phone: bool


def family_looks(actor: Actor, pupil_id: int) -> list[FamilyLook]:
    """Who of the school opened the file of one's own child. Raises NotFound.

    Who may not know of other guardians is told when the own number was looked at, not theirs.
    """
    sight = custody.sight_of(actor, pupil_id)
    whose = AuditEntry.detail["guardian"].as_integer()
    seen = AuditEntry.action == LOOKED
    revealed = AuditEntry.action == REVEALED
    if not sight.others:
        revealed = and_(revealed, whose.in_(sight.guardians))
    day = moments.day_of(AuditEntry.at)
    office = case(
        *(
            (Membership.roles.contains([role.value]), role.value)
            for role in Role
            if role not in (Role.GUARDIAN, Role.OPERATOR)
        ),
        else_=Role.TEACHER.value,
    )
    rows = db.rows(
        select(day, office, func.count(), func.bool_or(AuditEntry.action == REVEALED))
        .select_from(AuditEntry)
        .outerjoin(
            Membership,
            and_(
                Membership.school_id == AuditEntry.school_id,
                Membership.account_id == AuditEntry.account_id,
            ),
        )
        .where(
            AuditEntry.school_id == db.school_id(),
            AuditEntry.object_kind == "pupil",
            AuditEntry.object_id == pupil_id,
            or_(seen, revealed),
            AuditEntry.at > clock.now() - FAMILY_DAYS * DAY,
        )
        .group_by(day, office)
        .order_by(day.desc(), office)
        .limit(PAGE)
    )
    return [FamilyLook(row[0], ROLE_TITLES[Role(row[1])], row[2], row[3]) for row in rows]
