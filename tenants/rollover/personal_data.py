"""What the rollover keeps of people: moves, and whole rows as long as a move can be undone."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, or_, select

from campus import db
from campus.erasure import Erasure, Subject
from campus.personal_data import Kept, PersonalData, Rule
from tenants.rollover.models import Turn, TurnChange, TurnChoice, TurnPlan


def _erase_traces(erasure: Erasure, who: Subject) -> None:
    """Copies of a person's rows in the journal; a pupil's name in plans of the next year too."""
    _erase_copies(erasure, who)
    if who.kind == "pupil":
        _erase_from_plans(erasure, who)


def _erase_copies(erasure: Erasure, who: Subject) -> None:
    found: list[ColumnElement[bool]] = [
        or_(
            side[f"{who.kind}_id"].astext == str(who.id),
            and_(TurnChange.table_name == who.kind, side["id"].astext == str(who.id)),
        )
        for side in (TurnChange.before, TurnChange.after)
    ]
    if who.kind == "pupil":
        moves = select(Turn.id).where(Turn.school_id == db.school_id(), Turn.pupil_id == who.id)
        found.append(TurnChange.turn_id.in_(moves))
    erasure.delete(TurnChange, or_(*found))


def _erase_from_plans(erasure: Erasure, who: Subject) -> None:
    for plan in db.session().scalars(select(TurnPlan).where(TurnPlan.school_id == db.school_id())):
        left = [one for one in plan.newcomers if one[1] not in who.words]
        if left != plan.newcomers:
            erasure.counts[TurnPlan.__tablename__] += len(plan.newcomers) - len(left)
            plan.newcomers = left
    repeats = and_(TurnChoice.kind == "repeat", TurnChoice.object_id == who.id)
    erasure.delete(TurnChoice, repeats)


PERSONAL_DATA = PersonalData(
    tables={
        "turn": Rule(Kept.DUTY, "升级、转班的记录"),
        "turn_change": Rule(Kept.DUTY, "升级、转班改了什么"),
        "turn_plan": Rule(Kept.HOUSE, "升级计划"),
        "turn_choice": Rule(Kept.HOUSE, "升级计划里的例外"),
    },
    erase_traces=_erase_traces,
)
