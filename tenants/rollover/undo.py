"""Taking a turn back within seven days: every row as it was, or a sentence that says why not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from psycopg.errors import ForeignKeyViolation
from sqlalchemy import ARRAY, and_, cast, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.exc import IntegrityError

from campus import audit, clock, db, moments, personal_data
from campus.actor import Actor
from campus.errors import Conflict, NotFound
from campus.schools.models import Membership
from tenants.classes.models import AttendanceSheet, Praise
from tenants.messages.actions import withdraw
from tenants.people.models import (
    Assignment,
    Departure,
    Enrollment,
    HomeroomClass,
    Pupil,
    SchoolYear,
    Term,
)
from tenants.people.permissions import People
from tenants.rollover.actions import YEAR, lock_turns
from tenants.rollover.models import Turn, TurnChange
from tenants.rollover.permissions import Rollover

UNDO_WITHIN = timedelta(days=7)
SOURCE = "turn"
WHOLE = frozenset({YEAR, "merge", "split"})  # what whole classes go through
# In this order rows are taken back: what points at others first.
TABLES: tuple[Any, ...] = (
    Departure,
    Enrollment,
    Assignment,
    Term,
    SchoolYear,
    Pupil,
    HomeroomClass,
    Membership,
)
# What a refusal calls them; other tables are called what their capabilities call them.
TITLES = {
    "departure": "转学或休学",
    "enrollment": "学生的班级",
    "assignment": "老师的任课",
    "term": "学期",
    "school_year": "学年",
    "pupil": "学生资料",
    "homeroom_class": "班级",
    "membership": "家长的身份",
}


def undo_turn(actor: Actor, *, turn_id: int) -> Turn:
    """Restore exactly what the turn changed and remove what it made; the turn.

    Raises NotFound, or Conflict with the reason: undone before, too late, or something later
    builds on it.
    """
    actor.check(People.MOVE)
    lock_turns()
    turn = _standing(turn_id)
    if turn.kind in WHOLE:
        actor.check(Rollover.TURN)
    _check_untouched(turn)
    _check_lived(turn)
    _restore(turn)
    turn.undone_at, turn.undone_by = clock.now(), actor.account_id
    withdraw(source_kind=SOURCE, source_id=turn.id)
    audit.record(actor, "turn.undo", "turn", turn.id)
    return turn


def _standing(turn_id: int) -> Turn:
    turn = db.session().scalar(
        select(Turn).where(Turn.school_id == db.school_id(), Turn.id == turn_id)
    )
    if turn is None:
        raise NotFound
    if turn.undone_at is not None:
        raise Conflict(f"这一次已经在{clock.ago(turn.undone_at)}撤销过了。")
    if clock.now() - turn.made_at > UNDO_WITHIN:
        raise Conflict("已经超过 7 天，不能撤销了。可以用转班、复学等方式逐个更正。")
    return turn


def _mine(turn: Turn, table: str) -> Any:
    return and_(
        TurnChange.school_id == db.school_id(),
        TurnChange.turn_id == turn.id,
        TurnChange.table_name == table,
    )


def _keys(model: Any) -> list[str]:
    names = [column.name for column in model.__table__.primary_key.columns]
    return [name for name in names if name != "school_id"]


def _same(model: Any, document: Any) -> Any:
    """Whether a row of ``model`` is the one a kept document tells of."""
    table = model.__table__
    return and_(
        table.c.school_id == db.school_id(),
        *(
            table.c[name] == cast(document[name].astext, table.c[name].type)
            for name in _keys(model)
        ),
    )


def _check_untouched(turn: Turn) -> None:
    """Every row must still be what the turn left; a row changed twice must be as left last."""
    for model in TABLES:
        table = model.__table__
        keys = [TurnChange.after[name].astext for name in _keys(model)]
        kept = (
            select(TurnChange.after)
            .where(_mine(turn, table.name))
            .ext(distinct_on(*keys))
            .order_by(*keys, TurnChange.id.desc())
            .subquery()
        )
        now = func.to_jsonb(table.table_valued())
        odd = (
            select(kept.c.after)
            .outerjoin(table, _same(model, kept.c.after))
            .where(or_(table.c.school_id.is_(None), now != kept.c.after))
            .limit(1)
        )
        if db.rows(odd):
            raise Conflict(_later(turn, TITLES[table.name]))


def _later(turn: Turn, what: str) -> str:
    """Names the later turn, when there is one."""
    rows = db.rows(
        select(Turn.title, Turn.made_at)
        .where(Turn.school_id == db.school_id(), Turn.id > turn.id, Turn.undone_at.is_(None))
        .order_by(Turn.id.desc())
        .limit(1)
    )
    if rows:
        return f"之后又改过{what}（{rows[0][0]}，{clock.ago(rows[0][1])}），请先撤销那一次。"
    return f"之后{what}又改过，撤销会弄丢那些改动，所以没有撤销。"


def _check_lived(turn: Turn) -> None:
    """Refuse once a class that received somebody was called over or praised since."""
    classes = select(cast(TurnChange.after["class_id"].astext, Enrollment.class_id.type)).where(
        _mine(turn, "enrollment"), TurnChange.before.is_(None)
    )
    called = select(AttendanceSheet.class_id, AttendanceSheet.day).where(
        AttendanceSheet.school_id == db.school_id(),
        AttendanceSheet.class_id.in_(classes),
        AttendanceSheet.day >= turn.effective_on,
        AttendanceSheet.taken_at > turn.made_at,
    )
    if rows := db.rows(called.limit(1)):
        raise Conflict(f"新的班级在 {clock.date_words(rows[0][1])} 已经点过名，不能撤销了。")
    praised = select(Praise.id).where(
        Praise.school_id == db.school_id(),
        Praise.class_id.in_(classes),
        Praise.created_at > turn.made_at,
        moments.day_of(Praise.created_at) >= turn.effective_on,
        Praise.retracted_at.is_(None),
    )
    if db.rows(praised.limit(1)):
        raise Conflict("新的班级里已经有了点评，不能撤销了。")


def _restore(turn: Turn) -> None:
    try:
        with db.savepoint():
            for model in TABLES:
                _put_back(turn, model)
                if model is not Membership:  # never made by a turn, never to be deleted by us
                    _remove(turn, model)
    except IntegrityError as error:
        raise Conflict(_in_use(error)) from error


def _put_back(turn: Turn, model: Any) -> None:
    """Set every column of a changed row to what it was before the turn first changed it."""
    table = model.__table__
    keys = [TurnChange.after[name].astext for name in _keys(model)]
    kept = (
        select(TurnChange.before.label("before"))
        .where(_mine(turn, table.name), TurnChange.before.is_not(None))
        .ext(distinct_on(*keys))
        .order_by(*keys, TurnChange.id)
        .subquery()
    )
    values = {
        column.name: _value(kept.c.before, column)
        for column in table.columns
        if not column.primary_key
    }
    db.session().execute(
        update(table).where(_same(model, kept.c.before)).values(values),
        execution_options={"synchronize_session": False},
    )


def _value(document: Any, column: Any) -> Any:
    if isinstance(column.type, ARRAY):
        items = func.jsonb_array_elements_text(document[column.name]).column_valued("item")
        return func.array(select(items).scalar_subquery())
    return cast(document[column.name].astext, column.type)


def _remove(turn: Turn, model: Any) -> None:
    made = select(TurnChange.after).where(
        _mine(turn, model.__table__.name), TurnChange.before.is_(None)
    )
    kept = made.subquery()
    db.session().execute(
        delete(model.__table__).where(_same(model, kept.c.after)),
        execution_options={"synchronize_session": False},
    )


def _in_use(error: IntegrityError) -> str:
    cause = error.orig
    table = cause.diag.table_name if isinstance(cause, ForeignKeyViolation) else None
    what = TITLES.get(table or "") or personal_data.title(table or "") or "新的记录"
    return f"之后已经有了{what}，撤销会让它们没有归处，所以没有撤销。"
