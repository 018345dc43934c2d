"""What a school calls its classes and which grades it has: chosen once, read by all who name one.

The choice stands in the school's own row of the registry. A request has that row in hand, because
the entering statement read it; a job or a command asks once in its transaction.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sqlalchemy import select

from campus import clock, db
from campus.schools.models import School
from tenants.people import calendar
from tenants.people.calendar import Naming

TITLES = {
    Naming.LONG: "年级在前，写全",
    Naming.SHORT: "年级在前，写短",
    Naming.ENTRY: "入学年份在前",
}


class Ways(NamedTuple):
    """A school's way of naming classes, its lowest and its highest grade."""

    naming: Naming
    first_grade: int
    last_grade: int


class Grades(NamedTuple):
    """The grades a school has on a day: what a class that somebody wrote down may be."""

    today: date
    first: int
    last: int


def ways() -> Ways:
    """The entered school's ways. Raises LookupError outside a transaction or a school."""
    unit = db.unit()
    if unit.school is None:
        columns = (School.class_naming, School.first_grade, School.last_grade)
        [row] = db.rows(select(*columns).where(School.id == db.school_id()))
        unit.school = row
    held = unit.school
    return Ways(Naming(held.class_naming), held.first_grade, held.last_grade)


def grades_now() -> Grades:
    """The grades the entered school has today."""
    found = ways()
    return Grades(clock.today(), found.first_grade, found.last_grade)


def newest_entry(day: date) -> int:
    """The entry year of the classes that are in the school's lowest grade on ``day``."""
    return calendar.school_year_of(day) - ways().first_grade + 1


def label_in(found: Ways, entry_year: int, number: int, day: date) -> str:
    """A class's name in these ways; by its entry year while it is not at the school."""
    if found.naming is Naming.ENTRY or not _here(found, entry_year, day):
        return calendar.entry_label(entry_year, number, found.first_grade)
    if found.naming is Naming.SHORT:
        return calendar.short_label(entry_year, number, day)
    return calendar.class_label(entry_year, number, day)


def _here(found: Ways, entry_year: int, day: date) -> bool:
    """Whether the class is in one of the school's grades on ``day``."""
    return found.first_grade <= calendar.grade_of(entry_year, day) <= found.last_grade


def class_label(entry_year: int, number: int, day: date) -> str:
    """The school's name of a class: ``三年级（2）班``, ``三（2）班`` or ``2024级2班``."""
    return label_in(ways(), entry_year, number, day)


def short_label(entry_year: int, number: int, day: date) -> str:
    """The same where room is scarce: ``三（2）班``, or ``2024级2班``."""
    found = ways()
    if found.naming is Naming.ENTRY or not _here(found, entry_year, day):
        return label_in(found, entry_year, number, day)
    return calendar.short_label(entry_year, number, day)


def other_label(entry_year: int, number: int, day: date) -> str:
    """The class's other name, to stand beside the first: by entry year, or by grade.

    Of a class that is not at the school: why.
    """
    found = ways()
    if not _here(found, entry_year, day):
        early = calendar.grade_of(entry_year, day) < found.first_grade
        return "还没有入学" if early else "已经毕业"
    if found.naming is Naming.ENTRY:
        return calendar.class_label(entry_year, number, day)
    return calendar.entry_label(entry_year, number, found.first_grade)


def graded_label(entry_year: int, number: int, day: date) -> str:
    """The class's name with its grade in it, where the grade is what it is about.

    ``三年级（2）班``, ``三（2）班``, ``2024级2班 · 三年级``.
    """
    found = ways()
    label = label_in(found, entry_year, number, day)
    if found.naming is Naming.ENTRY and _here(found, entry_year, day):
        return f"{label} · {calendar.grade_title(entry_year, day)}"
    return label


def entry_label(entry_year: int, number: int) -> str:
    """``2024级2班``: the name for files that outlive a school year, whatever a school calls it."""
    return calendar.entry_label(entry_year, number, ways().first_grade)
