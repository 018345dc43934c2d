"""Doing it: the whole school year at once, and the other moves with their way back.

Whoever begins a turn holds the school's turn lock until the transaction ends, so two
administrators never do it at once: the second finds it done.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import BigInteger, and_, func, literal, select

from campus import audit, clock, db
from campus.actor import Actor
from campus.errors import Conflict
from tenants.people.bulk import insert_rows
from tenants.people.doors import among
from tenants.people.enrol import NewPupil, enrol_pupils, open_classes
from tenants.people.models import (
    Assignment,
    Enrollment,
    HomeroomClass,
    Pupil,
    SchoolYear,
    Term,
)
from tenants.people.moves import Place, close_classes, move_pupils
from tenants.people.years import TermDates, open_year
from tenants.rollover.drafts import Draft, load_draft
from tenants.rollover.journal import Journal
from tenants.rollover.models import Turn
from tenants.rollover.permissions import Rollover
from tenants.rollover.plan import GRADUATES, NEW, ClassLine, YearPlan, plan_year
from tenants.rollover.state import load_state

YEAR = "year"
LOCK = 0x7475726E  # "turn"
STALE = "名单或安排在您看过之后有了变化，请重新看一遍预览，再点“开始新学年”。"


def begin(
    actor: Actor,
    kind: str,
    *,
    title: str,
    effective_on: date,
    pupil_id: int | None = None,
    year: int | None = None,
) -> Journal:
    """Open a turn's journal; one turn at a time in a school."""
    lock_turns()
    turn = Turn(
        school_id=db.school_id(),
        kind=kind,
        title=title,
        effective_on=effective_on,
        pupil_id=pupil_id,
        year=year,
        made_by=actor.account_id,
        made_at=clock.now(),
    )
    db.session().add(turn)
    db.session().flush()
    audit.record(actor, f"turn.{kind}", "turn", turn.id)
    return Journal(turn.id)


def lock_turns() -> None:
    """Wait until no other turn of this school is being done or undone."""
    key = literal((LOCK << 31) ^ db.school_id(), BigInteger)
    db.session().execute(select(func.pg_advisory_xact_lock(key)))


def year_plan(year: int) -> tuple[Draft, YearPlan]:
    """What the saved plan of a year would do now."""
    draft = load_draft(year)
    return draft, plan_year(load_state(draft.basics.effective_on), draft.basics)


def standing_turn(year: int) -> Turn | None:
    """The turn that opened a school year, unless it was undone."""
    return db.session().scalar(
        select(Turn).where(
            Turn.school_id == db.school_id(),
            Turn.kind == YEAR,
            Turn.year == year,
            Turn.undone_at.is_(None),
        )
    )


def apply_year(actor: Actor, *, year: int, seen: str = "") -> int:
    """Begin the school year as planned; the turn's id. ``seen`` is the mark of the preview
    a person looked at.

    Raises Conflict when it was begun already, or when the plan would do anything else than what
    was seen.
    """
    actor.check(Rollover.TURN)
    lock_turns()
    done = standing_turn(year)
    if done is not None:
        when = clock.ago(done.made_at)
        raise Conflict(
            f"{year}—{year + 1} 学年已经在{when}开始，没有重复办理。需要的话可以撤销那一次。"
        )
    draft, plan = year_plan(year)
    if seen and plan.mark != seen:
        raise Conflict(STALE)
    journal = begin(
        actor,
        YEAR,
        title=f"{year}—{year + 1} 学年",
        effective_on=draft.basics.effective_on,
        year=year,
    )
    _open_year(actor, journal, draft)
    classes = _open_classes(actor, journal, plan)
    _close(actor, journal, plan)
    _seat(actor, journal, plan, classes)
    _staff(actor, journal, plan, classes)
    return journal.turn_id


def _open_year(actor: Actor, journal: Journal, draft: Draft) -> None:
    """The year and its terms, unless the school opened them before."""
    year, terms = draft.basics.year, draft.terms
    first, last = date(year, 9, 1), date(year + 1, 8, 31)
    known = db.session().scalar(
        select(SchoolYear.id).where(
            SchoolYear.school_id == db.school_id(),
            SchoolYear.starts_on.between(first - timedelta(days=31), first + timedelta(days=31)),
        )
    )
    if known is not None:
        return
    made = open_year(
        actor,
        name=f"{year}—{year + 1}学年",
        starts_on=first,
        ends_on=last,
        terms=[
            TermDates("上学期", terms.first_starts_on, terms.first_ends_on),
            TermDates("下学期", terms.second_starts_on, terms.second_ends_on),
        ],
    )
    journal.noted(SchoolYear, SchoolYear.starts_on == first)
    journal.noted(Term, Term.id == among(made))


def _open_classes(actor: Actor, journal: Journal, plan: YearPlan) -> dict[Any, int]:
    """The ids of all classes by key, the new ones made."""
    missing = [line.key for line in plan.of(NEW) if line.class_id is None]
    classes = open_classes(actor, missing)
    if missing:
        made = HomeroomClass.id == among([classes[key] for key in missing])
        journal.noted(HomeroomClass, made)
    return classes


def _close(actor: Actor, journal: Journal, plan: YearPlan) -> None:
    """Repeating pupils leave a graduating class before it ends, so each row changes once."""
    day = plan.basics.effective_on
    repeats = [seat.pupil_id for line in plan.lines for seat in line.repeats]
    if repeats:
        theirs = and_(Enrollment.pupil_id == among(repeats), _on(Enrollment, day))
        journal.changed(Enrollment, theirs, {"ends_on": day - timedelta(days=1)})
    graduating = [line.class_id for line in plan.of(GRADUATES) if line.class_id is not None]
    close_classes(actor, journal, graduating, last_day=day - timedelta(days=1))


def _seat(actor: Actor, journal: Journal, plan: YearPlan, classes: dict[Any, int]) -> None:
    day = plan.basics.effective_on
    places = [
        Place(seat.pupil_id, classes[line.key], free)
        for line in plan.lines
        for seat, free in line.arrivals
    ]
    move_pupils(actor, journal, places, on=day)
    ids = enrol_pupils(actor, _new_pupils(plan, classes), starts_on=day)
    if ids:
        journal.noted(Pupil, Pupil.id == among(ids))
        journal.noted(Enrollment, Enrollment.pupil_id == among(ids))


def _new_pupils(plan: YearPlan, classes: dict[Any, int]) -> Sequence[NewPupil]:
    return [
        NewPupil(child.name, classes[line.key], seat, child.sex)
        for line in plan.lines
        for seat, child in enumerate(line.newcomers, start=line.size - len(line.newcomers) + 1)
    ]


def _staff(actor: Actor, journal: Journal, plan: YearPlan, classes: dict[Any, int]) -> None:
    day = plan.basics.effective_on
    ended = [duty.id for line in plan.lines if line.fate != GRADUATES for duty in line.ended]
    if ended:
        last = {"ends_on": day - timedelta(days=1)}
        journal.changed(Assignment, Assignment.id == among(ended), last)
    heads = [line for line in plan.lines if line.new_homeroom is not None]
    made = insert_rows(Assignment, _homerooms(heads, classes, day))
    if made:
        journal.noted(Assignment, Assignment.id == among(made))
    audit.record(actor, "turn.staff", "turn", journal.turn_id, ended=len(ended), begun=len(made))


def _homerooms(
    heads: Sequence[ClassLine], classes: dict[Any, int], day: date
) -> dict[str, list[Any]]:
    return {
        "staff_id": [line.new_homeroom for line in heads],
        "class_id": [classes[line.key] for line in heads],
        "subject_id": [None for _ in heads],
        "homeroom": [True for _ in heads],
        "starts_on": [day for _ in heads],
    }


def _on(model: Any, day: date) -> Any:
    eve = day - timedelta(days=1)
    return and_(model.starts_on <= eve, (model.ends_on.is_(None)) | (model.ends_on >= day))
