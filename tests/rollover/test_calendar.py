"""The edges of a school year: the last day of August, the first of September, a leap day."""

from __future__ import annotations

from datetime import date

import pytest

from campus import db
from tenants.people import calendar
from tenants.rollover.state import year_to_plan
from tests.rollover.conftest import House


@pytest.mark.parametrize(
    ("day", "planned"),
    [
        (date(2027, 8, 31), 2027),
        (date(2027, 9, 1), 2027),  # late: the year has begun and nobody opened it
        (date(2026, 9, 1), 2027),
        (date(2028, 2, 29), 2027),  # a leap day of a school that forgot
    ],
)
def test_which_year_is_planned(house: House, day: date, planned: int) -> None:
    with db.transaction(school_id=house.id, read_only=True):
        assert year_to_plan(day) == planned


@pytest.mark.parametrize(
    ("day", "grade"),
    [(date(2027, 8, 31), 3), (date(2027, 9, 1), 4), (date(2028, 2, 29), 4), (date(2028, 8, 31), 4)],
)
def test_a_class_of_2024_turns_on_the_first_of_september(day: date, grade: int) -> None:
    assert calendar.grade_of(2024, day) == grade
