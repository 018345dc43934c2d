"""The school year with its two terms and days off: what is wrong with it, and setting it.

A year that exists keeps its rows: the timetable hangs on the terms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import or_, select

from campus import db
from campus.actor import Actor
from campus.errors import InvalidInput
from tenants.onboarding.wizard.actions import claim, finish
from tenants.onboarding.wizard.weeks import Holiday
from tenants.people.bulk import update_rows
from tenants.people.models import SchoolYear, Term
from tenants.people.years import TermDates, open_year

FIRST, SECOND = "上学期", "下学期"
# Longer or shorter is a slip of the year or the month, not a term.
SHORTEST, LONGEST = timedelta(weeks=8), timedelta(weeks=27)
LONGEST_BREAK = timedelta(days=75)


def set_calendar(
    actor: Actor,
    *,
    version: int,
    year: int,
    first_starts: date,
    first_ends: date,
    second_starts: date,
    second_ends: date,
    holiday: Sequence[str] = (),
    holiday_from: Sequence[str] = (),
    holiday_to: Sequence[str] = (),
) -> None:
    """Set the school year ``year`` with its terms and days off.

    Raises InvalidInput by field for terms that overlap, leave too long a gap, or cross another
    year's, and for days off outside a term.
    """
    row = claim(actor, "calendar", version)
    terms = (
        TermDates(FIRST, first_starts, first_ends),
        TermDates(SECOND, second_starts, second_ends),
    )
    wrong = term_problems(year, *terms)
    days, unread = read_holidays(holiday, holiday_from, holiday_to)
    wrong = {**holiday_problems(terms, days), **unread, **wrong}
    if wrong:
        raise InvalidInput(wrong)
    _set_year(actor, year, terms)
    listed = [[one.name, one.starts_on.isoformat(), one.ends_on.isoformat()] for one in days]
    finish(
        actor,
        row,
        {
            "year": year,
            "terms": [[one.starts_on.isoformat(), one.ends_on.isoformat()] for one in terms],
            "holidays": listed,
        },
    )


def term_problems(year: int, first: TermDates, second: TermDates) -> dict[str, str]:
    """What is wrong with the dates of two terms, by field."""
    wrong: dict[str, str] = {}
    for name, term in (("second", second), ("first", first)):
        length = term.ends_on - term.starts_on
        if not SHORTEST <= length <= LONGEST:
            wrong[f"{name}_ends"] = (
                f"「{term.name}最后一天」要比第一天晚 "
                f"{SHORTEST.days // 7} 到 {LONGEST.days // 7} 周。"
            )
    opens, closes = date(year, 8, 1), date(year + 1, 8, 31)
    if not opens <= first.starts_on <= date(year, 10, 31):
        wrong["first_starts"] = f"「上学期第一天」应在 {year} 年 8 月到 10 月之间。"
    if not first.ends_on <= second.starts_on <= closes:
        wrong["second_starts"] = "「下学期第一天」要在上学期最后一天之后、8 月底之前。"
    elif first.ends_on == second.starts_on:
        wrong["second_starts"] = "「下学期第一天」和上学期最后一天重了一天。"
    elif second.starts_on - first.ends_on > LONGEST_BREAK:
        days = (second.starts_on - first.ends_on).days - 1
        wrong["second_starts"] = (
            f"「下学期第一天」离上学期结束空了 {days} 天，寒假没有这么长，请核对。"
        )
    if second.ends_on > closes:
        wrong["second_ends"] = f"「下学期最后一天」不能晚于 {closes.year} 年 8 月 31 日。"
    return wrong


def read_holidays(
    names: Sequence[str], firsts: Sequence[str], lasts: Sequence[str]
) -> tuple[list[Holiday], dict[str, str]]:
    """The rows that were filled in, and what could not be read; blank rows do not count.

    One day may leave its last day empty.
    """
    found: list[Holiday] = []
    wrong: dict[str, str] = {}
    width = max(len(names), len(firsts), len(lasts))
    columns = [[*column, *[""] * (width - len(column))] for column in (names, firsts, lasts)]
    for place, (name, first, last) in enumerate(zip(*columns, strict=True), start=1):
        if not any(text.strip() for text in (name, first, last)):
            continue
        try:
            starts = date.fromisoformat(first.strip())
            ends = date.fromisoformat(last.strip() or first.strip())
        except ValueError:
            wrong["holiday"] = f"「假期」第 {place} 行的日期应像 2026-10-01 这样。"
            continue
        found.append(Holiday(name.strip() or "放假", starts, ends))
    return found, wrong


def day_of(text: str) -> date | None:
    """A date as a form sends it; None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def holiday_problems(terms: Sequence[TermDates], days: Sequence[Holiday]) -> dict[str, str]:
    """What is wrong with the days off: backwards, outside a term, on top of one another."""
    ordered = sorted(days, key=lambda one: one.starts_on)
    for one in ordered:
        if one.ends_on < one.starts_on:
            return {"holiday": f"「假期」{one.name}：最后一天早于第一天。"}
        if not any(t.starts_on <= one.starts_on and one.ends_on <= t.ends_on for t in terms):
            return {"holiday": f"「假期」{one.name}：不在学期里面，寒暑假不用写。"}
    for one, after in pairwise(ordered):
        if after.starts_on <= one.ends_on:
            return {"holiday": f"「假期」{one.name}和{after.name}的日子重了。"}
    return {}


def _set_year(actor: Actor, year: int, terms: tuple[TermDates, TermDates]) -> None:
    held = _held(year)
    starts, ends = date(year, 9, 1), date(year + 1, 8, 31)
    bounds = (min(starts, terms[0].starts_on), max(ends, terms[1].ends_on))
    ids = _terms_of(held.id) if held else []
    _refuse_crossing(terms, ids)
    if held is None:
        name = f"{year}—{year + 1}学年"
        open_year(actor, name=name, starts_on=bounds[0], ends_on=bounds[1], terms=terms)
        return
    if len(ids) != len(terms):
        raise InvalidInput({"year": "「学年」里的学期不是两个，请联系平台运维核对。"})
    update_rows(SchoolYear, [held.id], {"starts_on": [bounds[0]], "ends_on": [bounds[1]]})
    update_rows(Term, ids, _columns(terms))


def _columns(terms: Sequence[TermDates]) -> Mapping[str, Sequence[Any]]:
    return {
        "name": [one.name for one in terms],
        "starts_on": [one.starts_on for one in terms],
        "ends_on": [one.ends_on for one in terms],
    }


def _held(year: int) -> SchoolYear | None:
    """The year that began in this calendar year, whenever its first day was."""
    return db.session().scalar(
        select(SchoolYear).where(
            SchoolYear.school_id == db.school_id(),
            SchoolYear.starts_on.between(date(year, 8, 1), date(year + 1, 7, 31)),
        )
    )


def _terms_of(year_id: int) -> list[int]:
    return list(
        db.session().scalars(
            select(Term.id)
            .where(Term.school_id == db.school_id(), Term.year_id == year_id)
            .order_by(Term.starts_on)
        )
    )


def _refuse_crossing(terms: Sequence[TermDates], own: Sequence[int]) -> None:
    crossing = db.session().scalar(
        select(Term.name).where(
            Term.school_id == db.school_id(),
            Term.id.not_in(own),
            or_(*((Term.starts_on <= t.ends_on) & (Term.ends_on >= t.starts_on) for t in terms)),
        )
    )
    if crossing:
        raise InvalidInput({"year": f"「学年」和已有的{crossing}日期重叠，请核对年份。"})
