"""Grades, labels and weeks, derived and never typed: entry year → grade, day → week of term.

Pure, so it knows no school: what one calls its classes and which grades it has, says naming.py.
A class's entry year is the one its first grade began in, or would have: a 七年级 of 2026 in a
junior school has the entry year 2020, so that grades are counted alike everywhere.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

NUMERALS = "零一二三四五六七八九"
YEAR_STARTS_MONTH = 9


class Naming(StrEnum):
    """What a school calls its classes; the form is a school's choice, the class is the same."""

    LONG = "long"
    SHORT = "short"
    ENTRY = "entry"


def school_year_of(day: date) -> int:
    """The calendar year in which the school year holding ``day`` began (1 September)."""
    return day.year if day.month >= YEAR_STARTS_MONTH else day.year - 1


def grade_of(entry_year: int, day: date) -> int:
    """1 in the first year; may exceed the stage for a graduated class."""
    return school_year_of(day) - entry_year + 1


def class_label(entry_year: int, number: int, day: date) -> str:
    """``三年级（2）班``; ``2027级（2）班`` in years in which it has no grade."""
    return f"{grade_title(entry_year, day)}（{number}）班"


def short_label(entry_year: int, number: int, day: date) -> str:
    """``三（2）班``."""
    return f"{_grade(entry_year, day)}（{number}）班"


def grade_title(entry_year: int, day: date) -> str:
    """``三年级``; ``2027级`` in years in which it has no grade."""
    grade = _grade(entry_year, day)
    return grade if grade.endswith("级") else f"{grade}年级"


def entry_label(entry_year: int, number: int, first_grade: int = 1) -> str:
    """``2024级2班``, which never changes: the year the class came to the school's first grade."""
    return f"{entry_year + first_grade - 1}级{number}班"


def _grade(entry_year: int, day: date) -> str:
    grade = grade_of(entry_year, day)
    return NUMERALS[grade] if 0 < grade < len(NUMERALS) else f"{entry_year}级"


def week_of_term(starts_on: date, day: date) -> int:
    """1 for the week (Monday to Sunday) that holds the term's first day; 0 or less before it."""
    return (_monday(day) - _monday(starts_on)).days // 7 + 1


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
