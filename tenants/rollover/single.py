"""One pupil at any time: another class, 转出, 转入, 休学, 复学; each a turn with its way back."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from campus import clock, db
from campus.actor import Actor
from campus.errors import InvalidInput
from tenants.messages.actions import NOTICE, News, notify
from tenants.people import moves, naming, scope
from tenants.people.doors import close_doors
from tenants.people.models import HomeroomClass, Pupil
from tenants.people.permissions import People
from tenants.people.queries import given_name, place_of
from tenants.rollover.actions import begin, lock_turns
from tenants.rollover.undo import SOURCE

BACK, AHEAD = timedelta(days=60), timedelta(days=400)


def change_class(
    actor: Actor, *, pupil_id: int, class_id: int, on: date, seat_no: int | None = None
) -> int:
    """Move a pupil into another class from ``on``: 转班, 留级 or 跳级 by the entry year; the turn.

    Raises NotFound for a pupil out of reach, InvalidInput by field.
    """
    _ready(actor, pupil_id, on)
    place, goal = place_of(pupil_id), _class(class_id)
    verb = _verb(place.entry_year, goal.entry_year) if place else "转班"
    now = naming.short_label(place.entry_year, place.number, on) if place else ""
    label = naming.short_label(goal.entry_year, goal.number, on)
    journal = begin(
        actor, "class", title=f"{verb}：{now} → {label}", effective_on=on, pupil_id=pupil_id
    )
    moves.change_class(actor, journal, pupil_id=pupil_id, class_id=class_id, on=on, seat_no=seat_no)
    return journal.turn_id


def _verb(now: int, then: int) -> str:
    """A later entry year is a lower grade."""
    if now == then:
        return "转班"
    return "留级" if then > now else "跳级"


def _ready(actor: Actor, pupil_id: int, day: date) -> None:
    """Permission, the school's turn lock, then the pupil: always in this order."""
    actor.check(People.MOVE)
    _check_day(day)
    lock_turns()
    moves.reach(actor, pupil_id)


def _check_day(day: date) -> None:
    today = clock.today()
    if not today - BACK <= day <= today + AHEAD:
        raise InvalidInput({"on": "日期应在过去 60 天到今后 400 天之内。"})


def _class(class_id: int) -> HomeroomClass:
    found = db.session().scalar(
        select(HomeroomClass).where(
            HomeroomClass.school_id == db.school_id(), HomeroomClass.id == class_id
        )
    )
    if found is None:
        raise InvalidInput({"class_id": "请选择一个班。"})
    return found


def transfer_out(
    actor: Actor,
    *,
    pupil_id: int,
    on: date,
    reason: str,
    next_school: str = "",
    tell: bool = True,
) -> int:
    """转出 with ``on`` as the last day; the family is told and reads until that evening.

    Then it is shut out and its sockets are cut (jobs.py does it that night); the records stay.
    Returns the turn.
    """
    _ready(actor, pupil_id, on)
    title = f"转出：{next_school}" if next_school else "转出"
    journal = begin(actor, "out", title=title, effective_on=on, pupil_id=pupil_id)
    moves.leave(
        actor,
        journal,
        pupil_id=pupil_id,
        kind=moves.TRANSFER,
        last_day=on,
        reason=reason,
        next_school=next_school,
    )
    if tell:
        _tell(journal.turn_id, pupil_id, on, next_school)
    if on < clock.today():
        close_doors(journal, pupil_id=pupil_id, day=clock.today())
    return journal.turn_id


def _tell(turn_id: int, pupil_id: int, last_day: date, next_school: str) -> None:
    name = db.session().scalars(
        select(Pupil.name).where(Pupil.school_id == db.school_id(), Pupil.id == pupil_id)
    )
    call = given_name(name.one())
    goal = f"转往{next_school}。" if next_school else ""
    body = (
        f"在校的最后一天是 {clock.day(last_day)}。{goal}这一天结束后，您将不能再进入学校的页面；"
        "成长记录由学校保管，需要带走请与班主任联系。"
    )
    accounts = db.session().execute(scope.guardian_accounts([pupil_id])).all()
    notify(
        [News(account, f"{call}的转学手续已经办理", body, pupil_id) for _, account in accounts],
        kind=NOTICE,
        source_kind=SOURCE,
        source_id=turn_id,
        class_id=None,
        at=clock.now(),
    )


def suspend(actor: Actor, *, pupil_id: int, on: date, reason: str) -> int:
    """休学 with ``on`` as the last day; the family stays. Returns the turn."""
    _ready(actor, pupil_id, on)
    journal = begin(actor, "suspend", title="休学", effective_on=on, pupil_id=pupil_id)
    moves.leave(
        actor, journal, pupil_id=pupil_id, kind=moves.SUSPENSION, last_day=on, reason=reason
    )
    return journal.turn_id


def come_back(
    actor: Actor, *, pupil_id: int, class_id: int, on: date, seat_no: int | None = None
) -> int:
    """复学 (or back from another school) into a class from ``on``; the turn."""
    _ready(actor, pupil_id, on)
    goal = _class(class_id)
    label = naming.short_label(goal.entry_year, goal.number, on)
    journal = begin(actor, "back", title=f"复学：{label}", effective_on=on, pupil_id=pupil_id)
    moves.come_back(actor, journal, pupil_id=pupil_id, class_id=class_id, on=on, seat_no=seat_no)
    return journal.turn_id


def take_in(
    actor: Actor,
    *,
    name: str,
    class_id: int,
    on: date,
    sex: int = 0,
    birthday: date | None = None,
    seat_no: int | None = None,
) -> int:
    """转入: a new pupil in a class from ``on``; the pupil's id."""
    actor.check(People.MOVE)
    _check_day(on)
    lock_turns()
    goal = _class(class_id)
    label = naming.short_label(goal.entry_year, goal.number, on)
    journal = begin(actor, "in", title=f"转入：{label}", effective_on=on)
    return moves.take_in(
        actor,
        journal,
        name=name,
        class_id=class_id,
        on=on,
        sex=sex,
        birthday=birthday,
        seat_no=seat_no,
    )
