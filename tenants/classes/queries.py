"""The class as its teachers see it. A page costs two statements here: the head and the pupils."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import select

from campus import clock, db
from campus.actor import Actor
from campus.errors import NotFound
from campus.pages import with_frame
from tenants.classes.attendance import HALVES, STATES, Tally, tally
from tenants.classes.statements import HEAD_ANYWHERE, HEAD_ASSIGNED, PUPILS
from tenants.people import naming, scope
from tenants.people.days import SchoolDay, school_day
from tenants.people.models import Pupil
from tenants.people.queries import given_name, polite, tint


class PupilCell(NamedTuple):
    """One pupil on the class page; a tuple, since the page unpacks 45 of them.

    ``state`` is None when present (or not taken).
    """

    id: int
    name: str
    seat_no: int | str
    tail: str
    tint: str
    state: str | None
    state_title: str


@dataclass(frozen=True, slots=True)
class AttendanceLine:
    """How many came; who took it and when."""

    tally: Tally
    taken_at: datetime
    taken_by: str


@dataclass(frozen=True, slots=True)
class FeedLine:
    """One line of what just happened in the class."""

    at: datetime
    text: str
    praise_id: int
    can_undo: bool


@dataclass(frozen=True, slots=True)
class ClassHead:
    """Everything of the class page but the pupils."""

    id: int
    label: str
    other_label: str
    pupil_count: int
    homeroom: str
    day: SchoolDay
    half: str
    half_title: str
    sheet_id: int | None
    taken_at: datetime | None
    taken_by: str
    feed: list[FeedLine]


def class_page(
    actor: Actor, class_id: int, *, day: date, half: str
) -> tuple[ClassHead, list[PupilCell]]:
    """The class page, asked together with the page's frame in one round trip.

    Raises NotFound for a class out of the actor's reach.
    """
    values = {"class_id": class_id, "day": day, "half": half, "account": actor.account_id}
    head = HEAD_ANYWHERE if scope.everywhere(actor) else HEAD_ASSIGNED
    heads, pupils = with_frame(
        head.asked(**values), PUPILS.asked(class_id=class_id, day=day, half=half), last=True
    )
    if not heads:
        raise NotFound
    return _class_head(class_id, heads[0], len(pupils), day, half), [cell(*row) for row in pupils]


def _class_head(class_id: int, row: Any, pupils: int, day: date, half: str) -> ClassHead:
    return ClassHead(
        id=class_id,
        label=naming.class_label(row.entry_year, row.number, day),
        other_label=naming.other_label(row.entry_year, row.number, day),
        pupil_count=pupils,
        homeroom=polite(row.homeroom) if row.homeroom else "",
        day=school_day(day, row.term_starts_on, row.told, row.known),
        half=half,
        half_title=HALVES[half],
        sheet_id=row.sheet_id,
        taken_at=row.taken_at,
        taken_by=polite(row.taken_by) if row.taken_by else "",
        feed=[_feed_line(item) for item in row.feed or ()],
    )


def _feed_line(item: list[Any]) -> FeedLine:
    at = datetime.fromisoformat(item[0])
    text = f"{polite(item[1])} 表扬了{brief(item[2].split('、'))}：{item[3]}"
    recent = (clock.now() - at).days < 1
    return FeedLine(at, text, item[4], bool(item[5]) and recent)


def brief(names: list[str]) -> str:
    """``李小明``, ``李小明、王子涵``, ``李小明等 5 人``."""
    return "、".join(names) if len(names) < 3 else f"{names[0]}等 {len(names)} 人"


@lru_cache(maxsize=8192)
def cell(pupil_id: int, name: str, seat_no: int | None, state: str | None) -> PupilCell:
    """One pupil as the class page draws it."""
    title = STATES[state] if state else ""
    tail = given_name(name)[-1]
    return PupilCell(pupil_id, name, seat_no or "", tail, tint(pupil_id), state, title)


def counted(pupils: list[PupilCell], head: ClassHead) -> AttendanceLine | None:
    """The numbers above the pupils; None while attendance is not taken."""
    if head.taken_at is None:
        return None
    states = [pupil.state for pupil in pupils if pupil.state]
    return AttendanceLine(tally(states, len(pupils)), head.taken_at, head.taken_by)


def names_of(pupil_ids: list[int]) -> str:
    """Whom a toast names: ``李小明``, or the first and how many."""
    names = db.session().scalars(
        select(Pupil.name).where(Pupil.school_id == db.school_id(), Pupil.id.in_(pupil_ids))
    )
    return brief(list(names))
