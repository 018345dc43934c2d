"""The plan as it is kept: saved, left, taken up again. Nothing here touches a class or a pupil."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from campus import audit, db, texts
from campus.actor import Actor
from campus.errors import InvalidInput, NotFound
from tenants.people.bulk import add_rows
from tenants.people.calendar import YEAR_STARTS_MONTH, school_year_of
from tenants.people.models import HomeroomClass, Term
from tenants.people.naming import ways
from tenants.rollover.models import TurnChoice, TurnPlan
from tenants.rollover.permissions import Rollover
from tenants.rollover.plan import HOMEROOM, Basics, Choice, ClassLine, Newcomer, YearPlan
from tenants.rollover.state import ClassKey, staff_names

SAME_WEEKDAY = timedelta(days=364)
LATEST = timedelta(days=60)
SEXES = {"男": 1, "女": 2}
MOST_NEWCOMERS = 2000


@dataclass(frozen=True, slots=True)
class Terms:
    """The two terms' first and last school days."""

    first_starts_on: date
    first_ends_on: date
    second_starts_on: date
    second_ends_on: date


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan's settings; ``id`` is None while nothing was saved."""

    id: int | None
    basics: Basics
    terms: Terms


def load_draft(year: int) -> Draft:
    """The saved plan of a school year, or what a school would usually begin with.

    Which grades there are is read from the school's settings each time, never kept in the plan.
    """
    _, first, last = ways()
    held = db.session().scalar(
        select(TurnPlan).where(TurnPlan.school_id == db.school_id(), TurnPlan.year == year)
    )
    if held is None:
        newest = year - first + 1
        classes = _classes_of(newest) or _classes_of(newest - 1) or 1
        starts = date(year, YEAR_STARTS_MONTH, 1)
        return Draft(None, Basics(year, starts, first, last, classes), _usual_terms(year))
    newcomers = tuple(Newcomer(*one) for one in held.newcomers)
    return Draft(
        held.id,
        Basics(
            year, held.effective_on, first, last, held.new_classes, newcomers, _choices(held.id)
        ),
        Terms(held.first_starts_on, held.first_ends_on, held.second_starts_on, held.second_ends_on),
    )


def _choices(plan_id: int) -> tuple[Choice, ...]:
    rows = db.rows(
        select(
            TurnChoice.kind,
            TurnChoice.entry_year,
            TurnChoice.number,
            TurnChoice.object_id,
            TurnChoice.target,
        )
        .where(TurnChoice.school_id == db.school_id(), TurnChoice.plan_id == plan_id)
        .order_by(TurnChoice.id)
    )
    return tuple(Choice(row[0], (row[1], row[2]), row[3], row[4]) for row in rows)


def _classes_of(entry_year: int) -> int:
    rows = db.rows(
        select(func.count()).where(
            HomeroomClass.school_id == db.school_id(), HomeroomClass.entry_year == entry_year
        )
    )
    return int(rows[0][0])


def _usual_terms(year: int) -> Terms:
    """The last year's terms on the same weekdays, else September to January, February to July."""
    rows = db.rows(
        select(Term.starts_on, Term.ends_on)
        .where(
            Term.school_id == db.school_id(),
            Term.starts_on >= date(year - 1, 8, 1),
            Term.starts_on < date(year, 8, 1),
        )
        .order_by(Term.starts_on)
    )
    if len(rows) == 2:
        return Terms(*(day + SAME_WEEKDAY for row in rows for day in row))
    following = year + 1
    return Terms(
        date(year, 9, 1), date(following, 1, 22), date(following, 2, 22), date(following, 7, 9)
    )


def save_plan(
    actor: Actor,
    *,
    year: int,
    effective_on: date,
    new_classes: int,
    terms: Terms,
    newcomers: str,
    homerooms: Sequence[tuple[int, int]] = (),
) -> int:
    """Keep the year's settings; ``newcomers`` is a pasted list, ``homerooms`` (class, staff).

    Returns the plan's id. Raises InvalidInput by field, naming the line of the list.
    """
    actor.check(Rollover.TURN)
    _check_days(year, effective_on, terms)
    children = tuple(read_newcomers(newcomers, new_classes))
    _, first, last = ways()
    basics = Basics(year, effective_on, first, last, new_classes, children)
    plan_id = _keep(actor, year, basics, terms)
    db.session().execute(
        delete(TurnChoice).where(
            TurnChoice.school_id == db.school_id(),
            TurnChoice.plan_id == plan_id,
            TurnChoice.kind == HOMEROOM,
            TurnChoice.entry_year == basics.entering,
        )
    )
    keep_choices(
        plan_id,
        [Choice(HOMEROOM, (basics.entering, number), staff_id) for number, staff_id in homerooms],
    )
    audit.record(actor, "turn.plan", "turn_plan", plan_id, year=year, newcomers=len(children))
    return plan_id


def _keep(actor: Actor, year: int, basics: Basics, terms: Terms) -> int:
    values: dict[str, Any] = {
        "new_classes": basics.new_classes,
        "effective_on": basics.effective_on,
        **asdict(terms),
        "newcomers": [[one.number, one.name, one.sex] for one in basics.newcomers],
        "saved_by": actor.account_id,
        "saved_at": func.now(),
    }
    return (
        db.session()
        .execute(
            insert(TurnPlan)
            .values(school_id=db.school_id(), year=year, **values)
            .on_conflict_do_update(index_elements=["school_id", "year"], set_=values)
            .returning(TurnPlan.id)
        )
        .scalar_one()
    )


def _check_days(year: int, effective_on: date, terms: Terms) -> None:
    first = date(year, YEAR_STARTS_MONTH, 1)
    if school_year_of(effective_on) != year or effective_on > first + LATEST:
        raise InvalidInput(
            {"effective_on": f"生效日期应在 {year} 年 9 月 1 日到 10 月 31 日之间。"}
        )
    days = [
        ("first_ends_on", terms.first_starts_on, terms.first_ends_on),
        ("second_starts_on", terms.first_ends_on, terms.second_starts_on),
        ("second_ends_on", terms.second_starts_on, terms.second_ends_on),
    ]
    for name, earlier, later in days:
        if later <= earlier:
            raise InvalidInput({name: "这一天应在前一个日期之后。"})
    if (
        not date(year, 8, 1)
        <= terms.first_starts_on
        <= terms.second_ends_on
        <= date(year + 1, 8, 31)
    ):
        raise InvalidInput({"first_starts_on": f"两个学期应在 {year}—{year + 1} 学年之内。"})


def read_newcomers(text: str, new_classes: int) -> list[Newcomer]:
    """Lines ``1 李小明 男`` (class, name, perhaps the sex). Raises InvalidInput naming the line."""
    found = []
    lines = [line.replace("，", " ").replace(",", " ").split() for line in text.splitlines()]
    for place, parts in enumerate(lines, start=1):
        if not parts:
            continue
        where = f"第 {place} 行"
        if len(parts) not in (2, 3):
            raise InvalidInput({"newcomers": f"{where}应是“班号 姓名 性别”，例如：1 李小明 男。"})
        number = texts.number(parts[0].removesuffix("班"), 4) or 0
        if not 1 <= number <= new_classes:
            raise InvalidInput({"newcomers": f"{where}的班号应在 1 到 {new_classes} 之间。"})
        if len(parts) == 3 and parts[2] not in SEXES:
            raise InvalidInput({"newcomers": f"{where}的性别请写“男”或“女”。"})
        if not 2 <= len(parts[1]) <= 30:
            raise InvalidInput({"newcomers": f"{where}的姓名应是 2 到 30 个字。"})
        if not texts.seen(parts[1]):
            raise InvalidInput({"newcomers": f"{where}的姓名里有看不见的符号，请重新填写。"})
        found.append(Newcomer(number, parts[1], SEXES[parts[2]] if len(parts) == 3 else 0))
    if len(found) > MOST_NEWCOMERS:
        raise InvalidInput({"newcomers": f"一次最多 {MOST_NEWCOMERS} 名新生，更多请用名册导入。"})
    return found


def save_class(actor: Actor, *, draft: Draft, line: ClassLine, choices: Sequence[Choice]) -> None:
    """Replace what was chosen on one class's page; a plan never saved is saved as it stands.

    Raises InvalidInput for a 班主任 who does not work here.
    """
    actor.check(Rollover.TURN)
    plan_id = draft.id or _keep(actor, draft.basics.year, draft.basics, draft.terms)
    _replace(plan_id, line.key, choices)
    audit.record(actor, "turn.choose", "class", line.class_id, choices=len(choices))


def line_of(plan: YearPlan, class_id: int) -> ClassLine:
    """The line of one class. Raises NotFound for a class that is not in the plan."""
    found = next((line for line in plan.lines if line.class_id == class_id), None)
    if found is None:
        raise NotFound
    return found


def _replace(plan_id: int, key: ClassKey, choices: Sequence[Choice]) -> None:
    db.session().execute(
        delete(TurnChoice).where(
            TurnChoice.school_id == db.school_id(),
            TurnChoice.plan_id == plan_id,
            TurnChoice.entry_year == key[0],
            TurnChoice.number == key[1],
        )
    )
    keep_choices(plan_id, choices)


def keep_choices(plan_id: int, choices: Sequence[Choice]) -> None:
    """Add choices to a plan. Raises InvalidInput for a 班主任 who does not work here."""
    known = {number for number, _ in staff_names()}
    heads = {one.object_id for one in choices if one.kind == HOMEROOM}
    if heads - known:
        raise InvalidInput({"homeroom": "请选择本校的老师。"})
    add_rows(
        TurnChoice,
        {
            "plan_id": [plan_id for _ in choices],
            "kind": [one.kind for one in choices],
            "entry_year": [one.key[0] for one in choices],
            "number": [one.key[1] for one in choices],
            "object_id": [one.object_id for one in choices],
            "target": [one.target for one in choices],
        },
    )
