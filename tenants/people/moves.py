"""Where a pupil goes: into another class, away, back, in from another school.

The past is never rewritten: a place or a duty ends, another begins. Every change goes through a
`Journal`, so that whoever moves people can take it back; many pupils cost no more statements than
one.
Days: ``on`` is the first day of the new, ``last_day`` the last of the old.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select

from campus import audit, clock, db
from campus.actor import Actor
from campus.errors import InvalidInput, NotFound
from tenants.people import scope
from tenants.people.bulk import insert_rows
from tenants.people.doors import Journal, among, open_doors
from tenants.people.models import (
    Assignment,
    Departure,
    Enrollment,
    HomeroomClass,
    Pupil,
)
from tenants.people.permissions import People
from tenants.people.pinyin import name_key

DAY = timedelta(days=1)
TRANSFER, SUSPENSION = "transfer", "suspension"
DEPARTURES = {TRANSFER: "转出", SUSPENSION: "休学"}


@dataclass(frozen=True, slots=True)
class Place:
    """A pupil's seat in a class."""

    pupil_id: int
    class_id: int
    seat_no: int | None = None


def move_pupils(actor: Actor, journal: Journal, places: Sequence[Place], *, on: date) -> None:
    """End each pupil's place the day before ``on`` and begin the new one."""
    actor.check(People.MOVE)
    if not places:
        return
    ids = [place.pupil_id for place in places]
    theirs = and_(Enrollment.pupil_id == among(ids), scope.current(Enrollment, on))
    journal.changed(Enrollment, theirs, {"ends_on": on - DAY})
    seat_pupils(actor, journal, places, on=on)


def seat_pupils(actor: Actor, journal: Journal, places: Sequence[Place], *, on: date) -> None:
    """Begin places of pupils who have none on ``on``."""
    actor.check(People.MOVE)
    columns: dict[str, list[Any]] = {
        "pupil_id": [place.pupil_id for place in places],
        "class_id": [place.class_id for place in places],
        "seat_no": [place.seat_no for place in places],
        "starts_on": [on for _ in places],
    }
    made = insert_rows(Enrollment, columns)
    journal.noted(Enrollment, Enrollment.id == among(made))
    audit.record(actor, "people.place", "pupil", _only(columns["pupil_id"]), pupils=len(made))


def _only(ids: Sequence[int]) -> int | None:
    return ids[0] if len(ids) == 1 else None


def close_classes(
    actor: Actor, journal: Journal, class_ids: Collection[int], *, last_day: date
) -> None:
    """The classes end: their pupils' places, their teachers' duties, the classes themselves."""
    actor.check(People.MOVE)
    if not class_ids:
        return
    for model in (Enrollment, Assignment):
        held = and_(model.class_id == among(class_ids), scope.current(model, last_day))
        still = or_(model.ends_on.is_(None), model.ends_on > last_day)
        journal.changed(model, and_(held, still), {"ends_on": last_day})
    closed = HomeroomClass.id == among(class_ids)
    journal.changed(HomeroomClass, closed, {"graduated_on": last_day})
    audit.record(actor, "people.close-classes", "class", None, classes=len(class_ids))


def change_class(
    actor: Actor,
    journal: Journal,
    *,
    pupil_id: int,
    class_id: int,
    on: date,
    seat_no: int | None = None,
) -> None:
    """Put one pupil into another class from ``on``; the next free seat unless one is given.

    Raises NotFound for a pupil or class out of reach, InvalidInput by field.
    """
    actor.check(People.MOVE)
    held = _standing(actor, pupil_id, on)
    if held.class_id == class_id:
        raise InvalidInput({"class_id": "孩子已经在这个班了，请选择另一个班。"})
    seat = _seat(actor, class_id, on, seat_no)
    move_pupils(actor, journal, [Place(pupil_id, class_id, seat)], on=on)


def _standing(actor: Actor, pupil_id: int, on: date) -> Any:
    """The pupil's place on ``on``, the pupil locked. Raises InvalidInput when another follows."""
    reach(actor, pupil_id)
    rows = db.rows(
        select(Enrollment.class_id, Enrollment.starts_on)
        .where(
            Enrollment.school_id == db.school_id(),
            Enrollment.pupil_id == pupil_id,
            or_(Enrollment.ends_on.is_(None), Enrollment.ends_on >= on),
        )
        .order_by(Enrollment.starts_on)
    )
    if not rows:
        raise InvalidInput({"on": f"孩子在 {clock.date_words(on)} 不在任何班里。"})
    if rows[-1].starts_on > on:
        day = clock.date_words(rows[-1].starts_on)
        raise InvalidInput({"on": f"孩子从 {day} 起已经另有安排，请先撤销那一次。"})
    return rows[-1]


def reach(actor: Actor, pupil_id: int) -> None:
    """Lock the pupil for this transaction. Raises NotFound out of the actor's reach."""
    found = db.session().scalar(
        select(Pupil.id)
        .where(
            Pupil.school_id == db.school_id(),
            Pupil.id == pupil_id,
            Pupil.id.in_(scope.taught_pupils(actor)),
        )
        .with_for_update()
    )
    if found is None:
        raise NotFound


def _seat(actor: Actor, class_id: int, on: date, wanted: int | None) -> int:
    """A free seat of an open class the actor reaches; the wanted one or the next."""
    session = db.session()
    still = or_(HomeroomClass.graduated_on.is_(None), HomeroomClass.graduated_on >= on)
    reached = and_(scope.visible_classes(actor), HomeroomClass.id == class_id, still)
    if session.scalar(select(HomeroomClass.id).where(reached)) is None:
        raise InvalidInput({"class_id": "请选择一个班。"})
    taken = set(
        session.scalars(
            select(Enrollment.seat_no).where(
                Enrollment.school_id == db.school_id(),
                Enrollment.class_id == class_id,
                or_(Enrollment.ends_on.is_(None), Enrollment.ends_on >= on),
            )
        )
    )
    if wanted is not None and wanted in taken:
        raise InvalidInput({"seat_no": f"{wanted} 号已经有人坐，请换一个座号，或留空由系统安排。"})
    return wanted or max((seat for seat in taken if seat is not None), default=0) + 1


def leave(
    actor: Actor,
    journal: Journal,
    *,
    pupil_id: int,
    kind: str,
    last_day: date,
    reason: str,
    next_school: str = "",
) -> None:
    """The pupil is here until the evening of ``last_day``: 转出 for good, or 休学 for a while.

    《中小学生学籍管理办法》(教基〔2025〕1号): a transfer is dealt with within 10 working days.
    """
    actor.check(People.MOVE)
    held = _standing(actor, pupil_id, last_day)
    if held.starts_on > last_day:
        raise InvalidInput({"on": "孩子那天还没有入班。"})
    theirs = and_(Enrollment.pupil_id == pupil_id, scope.current(Enrollment, last_day))
    journal.changed(Enrollment, theirs, {"ends_on": last_day})
    columns: dict[str, list[Any]] = {
        "pupil_id": [pupil_id],
        "kind": [kind],
        "last_day": [last_day],
        "reason": [reason],
        "next_school": [next_school],
    }
    made = insert_rows(Departure, columns)
    journal.noted(Departure, Departure.id == among(made))
    audit.record(actor, f"people.{kind}", "pupil", pupil_id)


def come_back(
    actor: Actor,
    journal: Journal,
    *,
    pupil_id: int,
    class_id: int,
    on: date,
    seat_no: int | None = None,
) -> None:
    """A pupil who left sits in a class again from ``on`` (复学). Raises InvalidInput by field."""
    actor.check(People.MOVE)
    reach(actor, pupil_id)
    away = and_(Departure.pupil_id == pupil_id, Departure.back_on.is_(None))
    left = db.session().scalar(
        select(func.max(Departure.last_day)).where(Departure.school_id == db.school_id(), away)
    )
    if left is None or left >= on:
        raise InvalidInput({"on": "孩子那天还在校，不需要办理复学。"})
    journal.changed(Departure, away, {"back_on": on})
    open_doors(journal, pupil_id=pupil_id)
    seat = _seat(actor, class_id, on, seat_no)
    seat_pupils(actor, journal, [Place(pupil_id, class_id, seat)], on=on)


def take_in(
    actor: Actor,
    journal: Journal,
    *,
    name: str,
    class_id: int,
    on: date,
    sex: int = 0,
    birthday: date | None = None,
    seat_no: int | None = None,
) -> int:
    """A pupil comes from another school into a class from ``on``; the new pupil's id."""
    actor.check(People.MOVE)
    seat = _seat(actor, class_id, on, seat_no)
    columns: dict[str, list[Any]] = {"name": [name], "name_key": [name_key(name)]}
    columns |= {"sex": [sex], "birthday": [birthday]}
    pupil_id = insert_rows(Pupil, columns)[0]
    journal.noted(Pupil, Pupil.id == pupil_id)
    seat_pupils(actor, journal, [Place(pupil_id, class_id, seat)], on=on)
    return pupil_id
