"""What the pages of the turn show beside the plan itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select

from campus import clock, db
from campus.actor import Actor
from campus.errors import NotFound
from campus.identity.models import Account
from tenants.people import calendar, naming, scope
from tenants.people.models import Departure, HomeroomClass, Pupil
from tenants.people.moves import DEPARTURES
from tenants.people.queries import GuardianLine, given_name, guardians_of, place_of
from tenants.rollover.models import Turn
from tenants.rollover.undo import UNDO_WITHIN, WHOLE

SHOWN = 50


@dataclass(frozen=True, slots=True)
class TurnLine:
    """One turn as the list shows it."""

    id: int
    kind: str
    title: str
    pupil_id: int | None
    pupil: str
    effective_on: date
    made_at: datetime
    made_by: str
    undone_at: datetime | None

    @property
    def undoable(self) -> bool:
        """Whether the seven days still run."""
        return self.undone_at is None and clock.now() - self.made_at <= UNDO_WITHIN

    @property
    def whole(self) -> bool:
        """Whether whole classes went through it: then only who turns the year takes it back."""
        return self.kind in WHOLE


def turns(*, pupil_id: int | None = None) -> list[TurnLine]:
    """The latest turns of the school, or of one reached pupil, newest first."""
    statement = (
        select(
            Turn.id,
            Turn.kind,
            Turn.title,
            Turn.pupil_id,
            func.coalesce(Pupil.name, ""),
            Turn.effective_on,
            Turn.made_at,
            func.coalesce(Account.name, "系统"),
            Turn.undone_at,
        )
        .outerjoin(Pupil, db.on(Turn, Pupil, "pupil_id"))
        .outerjoin(Account, Account.id == Turn.made_by)
        .where(Turn.school_id == db.school_id())
        .order_by(Turn.id.desc())
        .limit(SHOWN)
    )
    if pupil_id is not None:
        statement = statement.where(Turn.pupil_id == pupil_id)
    return [TurnLine(*row) for row in db.rows(statement)]


@dataclass(frozen=True, slots=True)
class ClassOption:
    """A class to choose."""

    id: int
    label: str
    grade: str
    entry_year: int


def class_options(day: date) -> list[ClassOption]:
    """Every class open on ``day``, the first grade first, named as on that day."""
    rows = db.rows(
        select(HomeroomClass.id, HomeroomClass.entry_year, HomeroomClass.number)
        .where(
            HomeroomClass.school_id == db.school_id(),
            HomeroomClass.entry_year <= naming.newest_entry(day),
            or_(HomeroomClass.graduated_on.is_(None), HomeroomClass.graduated_on >= day),
        )
        .order_by(HomeroomClass.entry_year.desc(), HomeroomClass.number)
    )
    return [
        ClassOption(
            row[0],
            naming.class_label(row[1], row[2], day),
            calendar.grade_title(row[1], day),
            row[1],
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class PupilPage:
    """A pupil as the page of moves shows it; ``away`` is 转出, 休学 or empty."""

    id: int
    name: str
    call: str
    place: Any
    class_label: str
    away: str
    away_since: date | None
    guardians: list[GuardianLine]


def pupil_page(actor: Actor, pupil_id: int) -> PupilPage:
    """One pupil, also one who left. Raises NotFound out of the actor's reach."""
    rows = db.rows(
        select(Pupil.id, Pupil.name).where(
            Pupil.school_id == db.school_id(),
            Pupil.id == pupil_id,
            Pupil.id.in_(scope.taught_pupils(actor)),
        )
    )
    if not rows:
        raise NotFound
    name, place, today = rows[0].name, place_of(pupil_id), clock.today()
    left = db.rows(
        select(Departure.kind, Departure.last_day)
        .where(
            Departure.school_id == db.school_id(),
            Departure.pupil_id == pupil_id,
            Departure.back_on.is_(None),
        )
        .order_by(Departure.id.desc())
        .limit(1)
    )
    return PupilPage(
        pupil_id,
        name,
        given_name(name),
        place,
        naming.class_label(place.entry_year, place.number, today) if place else "",
        DEPARTURES[left[0].kind] if left else "",
        left[0].last_day if left else None,
        guardians_of(pupil_id, given_name(name)),
    )
