"""The days unlike others as the rows of a form: days off, and make-up days (调休补课).

Which days the state gives off is decided anew each year and printed nowhere in this house, so none
are offered: a school copies its province's calendar.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import func, select

from campus import clock, db
from tenants.classes.models import AttendanceSheet
from tenants.people.days import SATURDAY, Special, weekday_name
from tenants.people.years import TermDates

HOLIDAY_FIELDS = ("holiday", "holiday_from", "holiday_to")
MAKE_UP_FIELDS = ("make_up", "make_up_as")
FIELDS = (*HOLIDAY_FIELDS, *MAKE_UP_FIELDS)
UNNAMED, MAKE_UP = "放假", "补课"
WEEKDAYS = {str(number): weekday_name(number) for number in range(1, SATURDAY)}
DAY = timedelta(days=1)
MOST_TOLD = 3


@dataclass(frozen=True, slots=True)
class Holiday:
    """Days without lessons inside a term, both included."""

    name: str
    starts_on: date
    ends_on: date

    def days(self) -> list[date]:
        """Every day of it."""
        return [self.starts_on + at * DAY for at in range((self.ends_on - self.starts_on).days + 1)]


@dataclass(frozen=True, slots=True)
class Rows:
    """What a form's rows say, and what could not be read of them, by field."""

    holidays: list[Holiday]
    make_ups: list[Special]
    wrong: dict[str, str]

    def specials(self, holidays: Sequence[Holiday] | None = None) -> list[Special]:
        """Day by day, in order; ``holidays`` stands in for those that were read."""
        chosen = self.holidays if holidays is None else holidays
        off = [Special(day, one.name) for one in chosen for day in one.days()]
        return sorted([*off, *self.make_ups], key=lambda one: one.day)

    def problems(self, terms: Sequence[TermDates]) -> dict[str, str]:
        """What is wrong with them in these terms, by field."""
        return {
            **_holiday_problems(terms, self.holidays),
            **_make_up_problems(terms, self.make_ups, self.holidays),
            **self.wrong,
        }


def read_rows(given: Mapping[str, Sequence[str]]) -> Rows:
    """Read the rows that were filled in; blank ones do not count."""
    wrong: dict[str, str] = {}
    holidays = _read_holidays(given, wrong)
    return Rows(holidays, _read_make_ups(given, wrong), wrong)


def _filled(given: Mapping[str, Sequence[str]], fields: Sequence[str]) -> list[tuple[int, Any]]:
    """(row number, its cells) of every row with something in it."""
    columns = [[text.strip() for text in given.get(name, ())] for name in fields]
    width = max(len(column) for column in columns)
    rows = zip(*([*column, *[""] * (width - len(column))] for column in columns), strict=True)
    return [(place, row) for place, row in enumerate(rows, start=1) if any(row)]


def _read_holidays(given: Mapping[str, Sequence[str]], wrong: dict[str, str]) -> list[Holiday]:
    """One day may leave its last day empty."""
    found = []
    for place, (name, first, last) in _filled(given, HOLIDAY_FIELDS):
        starts, ends = clock.day_in(first), clock.day_in(last or first)
        if starts is None or ends is None:
            wrong["holiday"] = f"「假期」第 {place} 行的日期应像 2026-10-01 这样。"
            continue
        found.append(Holiday(name or UNNAMED, starts, ends))
    return found


def _read_make_ups(given: Mapping[str, Sequence[str]], wrong: dict[str, str]) -> list[Special]:
    found = []
    for place, (text, weekday) in _filled(given, MAKE_UP_FIELDS):
        if not text:
            continue  # only a weekday was left standing
        day = clock.day_in(text)
        if day is None:
            wrong["make_up"] = f"「补课日」第 {place} 行的日期应像 2026-10-10 这样。"
            continue
        if weekday not in WEEKDAYS:
            wrong["make_up"] = f"「补课日」{clock.date_words(day)}：请选补星期几的课。"
            continue
        found.append(Special(day, MAKE_UP, int(weekday)))
    return found


def _inside(terms: Sequence[TermDates], first: date, last: date) -> bool:
    return any(term.starts_on <= first and last <= term.ends_on for term in terms)


def _holiday_problems(terms: Sequence[TermDates], days: Sequence[Holiday]) -> dict[str, str]:
    """Backwards, outside a term, on top of one another."""
    ordered = sorted(days, key=lambda one: one.starts_on)
    for one in ordered:
        if one.ends_on < one.starts_on:
            return {"holiday": f"「假期」{one.name}：最后一天早于第一天。"}
        if not _inside(terms, one.starts_on, one.ends_on):
            return {"holiday": f"「假期」{one.name}：不在学期里面，寒暑假不用写。"}
    for one, after in pairwise(ordered):
        if after.starts_on <= one.ends_on:
            return {"holiday": f"「假期」{one.name}和{after.name}的日子重了。"}
    return {}


def _make_up_problems(
    terms: Sequence[TermDates], days: Sequence[Special], holidays: Sequence[Holiday]
) -> dict[str, str]:
    """On a day of lessons, outside a term, on a day off, twice."""
    seen: set[date] = set()
    for day in (one.day for one in days):
        why = ""
        if not _inside(terms, day, day):
            why = "不在学期里面"
        elif any(one.starts_on <= day <= one.ends_on for one in holidays):
            why = "也写在假期里，请去掉一处"
        elif day.isoweekday() < SATURDAY:
            why = f"是{weekday_name(day.isoweekday())}，本来就上课，不用写"
        elif day in seen:
            why = "写了两次"
        if why:
            return {"make_up": f"「补课日」{clock.date_words(day)}{why}。"}
        seen.add(day)
    return {}


def rows_of(days: Sequence[Special]) -> dict[str, list[str]]:
    """The rows a form shows for these days: neighbours off under one name are one row."""
    found: list[Holiday] = []
    for one in days:
        if one.weekday is not None:
            continue
        last = found[-1] if found else None
        if last and last.name == one.name and last.ends_on + DAY == one.day:
            found[-1] = Holiday(last.name, last.starts_on, one.day)
        else:
            found.append(Holiday(one.name, one.day, one.day))
    made_up = [one for one in days if one.weekday is not None]
    return {
        "holiday": [one.name for one in found],
        "holiday_from": [one.starts_on.isoformat() for one in found],
        "holiday_to": [one.ends_on.isoformat() for one in found],
        "make_up": [one.day.isoformat() for one in made_up],
        "make_up_as": [str(one.weekday) for one in made_up],
    }


def kept_words(days: Sequence[date]) -> str:
    """Which of these days, newly off, have attendance already, in a sentence; empty for none."""
    rows = db.rows(
        select(AttendanceSheet.day, func.count(AttendanceSheet.class_id.distinct()))
        .where(AttendanceSheet.school_id == db.school_id(), AttendanceSheet.day.in_(days))
        .group_by(AttendanceSheet.day)
        .order_by(AttendanceSheet.day)
    )
    if not rows:
        return ""
    told = "、".join(f"{clock.date_words(day)}（{count} 个班）" for day, count in rows[:MOST_TOLD])
    more = f"等 {len(rows)} 天" if len(rows) > MOST_TOLD else ""
    return f"{told}{more}已经点过名，记录都还在；改成放假以后不再点名。"
