"""Grades, labels, weeks, names: computed, so that the turn of the year renames nothing."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campus import clock
from tenants.people import calendar
from tenants.people.pinyin import name_key
from tenants.people.queries import given_name, polite
from tenants.people.surnames import split


@pytest.mark.parametrize(
    ("entry_year", "day", "label"),
    [
        (2024, date(2024, 9, 1), "一年级（2）班"),
        (2024, date(2025, 8, 31), "一年级（2）班"),
        (2024, date(2025, 9, 1), "二年级（2）班"),
        (2024, date(2026, 1, 1), "二年级（2）班"),
        (2024, date(2029, 9, 1), "六年级（2）班"),
        (2024, date(2024, 8, 31), "2024级（2）班"),
    ],
)
def test_the_year_turns_on_the_first_of_september(entry_year: int, day: date, label: str) -> None:
    """31 August is still last year; a class that has not begun is called by its entry year."""
    assert calendar.class_label(entry_year, 2, day) == label


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (date(2026, 8, 30), 0),
        (date(2026, 8, 31), 1),
        (date(2026, 9, 1), 1),
        (date(2026, 9, 6), 1),
        (date(2026, 9, 7), 2),
        (date(2026, 11, 16), 12),
        (date(2026, 11, 22), 12),
        (date(2026, 8, 24), 0),
    ],
)
def test_week_one_holds_the_first_day(day: date, week: int) -> None:
    """Term begins Tuesday 1 September 2026: its Monday, the 31st of August, is week 1 too."""
    assert calendar.week_of_term(date(2026, 9, 1), day) == week


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_day_has_one_school_year(day: date) -> None:
    began = date(calendar.school_year_of(day), 9, 1)
    assert began <= day < date(began.year + 1, 9, 1)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 200))
def test_weeks_run_from_monday_to_sunday(start: date, ahead: int) -> None:
    day = date.fromordinal(start.toordinal() + ahead)
    week = calendar.week_of_term(start, day)
    assert week >= 1
    after = calendar.week_of_term(start, date.fromordinal(day.toordinal() + 1))
    assert after - week == (1 if day.isoweekday() == 7 else 0)


@pytest.mark.parametrize(
    ("name", "called", "teacher"),
    [
        ("李小明", "小明", "李老师"),
        ("李明", "李明", "李老师"),
        ("欧阳明月", "明月", "欧阳老师"),
        ("阿依古丽·买买提", "阿依古丽", "阿老师"),
        ("𠮷田花子", "田花子", "𠮷老师"),
        ("上官莉", "莉", "上官老师"),
        ("司马", "司马", "司老师"),
    ],
)
def test_what_people_are_called(name: str, called: str, teacher: str) -> None:
    assert given_name(name) == called
    assert polite(name) == teacher


@pytest.mark.parametrize(
    ("name", "family", "given"),
    [
        ("上官莉", "上官", "莉"),
        ("申屠一诺", "申屠", "一诺"),
        ("司马", "司", "马"),
        ("李明", "李", "明"),
        ("𠮷田", "𠮷", "田"),
        ("阿依古丽·买买提", "买买提", "阿依古丽"),
        ("Anna Smith", "Smith", "Anna"),
        ("云", "云", "云"),
    ],
)
def test_a_name_has_a_family_and_a_given_part(name: str, family: str, given: str) -> None:
    assert split(name) == (family, given)


def test_names_sort_as_a_roster_does() -> None:
    names = ["张三", "曾一", "单雄", "阿里", "欧阳锋", "解珍", "翟亮", "陈晨", "㛃某"]
    ordered = sorted(names, key=name_key)
    assert ordered == [
        "阿里",
        "陈晨",
        "欧阳锋",
        "单雄",
        "解珍",
        "曾一",
        "翟亮",
        "张三",
        "㛃某",
    ] or (ordered[0] == "阿里" and ordered.index("曾一") < ordered.index("张三"))
    assert name_key("翟亮").startswith("zhai2")
    assert name_key("单雄").startswith("shan4")


@given(st.text(min_size=1, max_size=20))
def test_any_name_has_a_key(name: str) -> None:
    assert name_key(name).endswith(name)


def test_time_is_shanghai_s() -> None:
    """Screens show the school's clock whatever the server's zone says."""
    moment = clock.now().replace(year=2026, month=11, day=23, hour=8, minute=2)
    assert clock.hm(moment) == "08:02"
    assert clock.day(date(2026, 11, 23)) == "11月23日 星期一"
