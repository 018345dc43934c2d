"""The school year with its two terms, days off and make-up days: what is wrong, and setting it.

A year that exists keeps its rows: the timetable hangs on the terms. One term can be changed by
itself at any time; what was recorded on a day that is now off stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import or_, select

from campus import db
from campus.actor import Actor
from campus.errors import InvalidInput
from tenants.people.bulk import update_rows
from tenants.people.days import set_specials
from tenants.people.models import SchoolYear, Term
from tenants.people.years import TermDates, open_year
from tenants.setup.actions import claim, finish
from tenants.setup.held import (
    held_year,
    reach_term,
    terms_of,
    year_began,
    year_values,
)
from tenants.setup.special import kept_words, read_rows

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
    **rows: Sequence[str],
) -> str:
    """Set the school year ``year`` with its terms, days off and make-up days.

    Returns a sentence about attendance already taken on days that are now off; it stays. Raises
    InvalidInput by field for terms that overlap, leave too long a gap, or cross another year's, and
    for days that cannot be.
    """
    step = claim(actor, "calendar", version)
    terms = (
        TermDates(FIRST, first_starts, first_ends),
        TermDates(SECOND, second_starts, second_ends),
    )
    days = read_rows(rows)
    wrong = {**days.problems(terms), **term_problems(year, *terms)}
    if wrong:
        raise InvalidInput(wrong)
    first, last = _set_year(actor, year, terms)
    off = set_specials(actor, first=first, last=last, days=days.specials())
    finish(actor, step, _said(year))
    return kept_words(off)


def set_term(
    actor: Actor, *, version: int, term_id: int, starts: date, ends: date, **rows: Sequence[str]
) -> str:
    """Set one term's dates, days off and make-up days, whenever the school needs to.

    Returns as `set_calendar` does. Raises NotFound, InvalidInput by field.
    """
    step = claim(actor, "calendar", version)
    term, year = reach_term(term_id)
    days = read_rows(rows)
    wrong = {**days.problems([TermDates(term.name, starts, ends)]), **_bounds(year, starts, ends)}
    if wrong:
        raise InvalidInput(wrong)
    _refuse_crossing([TermDates(term.name, starts, ends)], [term_id], field="starts")
    first, last = min(starts, term.starts_on), max(ends, term.ends_on)
    around = {
        "starts_on": [min(starts, year.starts_on)],
        "ends_on": [max(ends, year.ends_on)],
    }
    update_rows(SchoolYear, [year.id], around)
    update_rows(Term, [term_id], {"starts_on": [starts], "ends_on": [ends]})
    off = set_specials(actor, first=first, last=last, days=days.specials())
    finish(actor, step, _said(year_began(year)))
    return kept_words(off)


def _bounds(year: SchoolYear, starts: date, ends: date) -> dict[str, str]:
    """A term of a length that can be, inside its school year."""
    began = year_began(year)
    opens, closes = date(began, 8, 1), date(began + 1, 8, 31)
    if not SHORTEST <= ends - starts <= LONGEST:
        weeks = f"{SHORTEST.days // 7} 到 {LONGEST.days // 7} 周"
        return {"ends": f"「最后一天」要比第一天晚 {weeks}。"}
    if not opens <= starts <= ends <= closes:
        return {"starts": f"学期应在 {began} 年 8 月到 {began + 1} 年 8 月之间。"}
    return {}


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


def _said(year: int) -> dict[str, Any]:
    """What is kept as answered: the year as the tables have it now."""
    held = held_year(year)
    return (year_values(held) if held else None) or {"year": str(year)}


def _set_year(actor: Actor, year: int, terms: tuple[TermDates, TermDates]) -> tuple[date, date]:
    """Write the year; from which day to which it was or is one of lessons."""
    held = held_year(year)
    starts, ends = date(year, 9, 1), date(year + 1, 8, 31)
    bounds = (min(starts, terms[0].starts_on), max(ends, terms[1].ends_on))
    before = terms_of(held.id) if held else []
    ids = [one.id for one in before]
    _refuse_crossing(terms, ids)
    span = (terms[0].starts_on, terms[1].ends_on)
    if held is None:
        name = f"{year}—{year + 1}学年"
        open_year(actor, name=name, starts_on=bounds[0], ends_on=bounds[1], terms=terms)
        return span
    if len(ids) != len(terms):
        raise InvalidInput({"year": "「学年」里的学期不是两个，请联系平台运维核对。"})
    update_rows(SchoolYear, [held.id], {"starts_on": [bounds[0]], "ends_on": [bounds[1]]})
    lasting = (min(span[0], before[0].starts_on), max(span[1], before[1].ends_on))
    update_rows(Term, ids, _columns(terms))
    return lasting


def _columns(terms: Sequence[TermDates]) -> Mapping[str, Sequence[Any]]:
    return {
        "name": [one.name for one in terms],
        "starts_on": [one.starts_on for one in terms],
        "ends_on": [one.ends_on for one in terms],
    }


def _refuse_crossing(terms: Sequence[TermDates], own: Sequence[int], field: str = "year") -> None:
    crossing = db.session().scalar(
        select(Term.name).where(
            Term.school_id == db.school_id(),
            Term.id.not_in(own),
            or_(*((Term.starts_on <= t.ends_on) & (Term.ends_on >= t.starts_on) for t in terms)),
        )
    )
    if crossing:
        name = "「学年」" if field == "year" else "这个学期"
        raise InvalidInput({field: f"{name}和已有的{crossing}日期重叠，请核对年份。"})
