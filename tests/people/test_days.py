"""Which days have lessons, judged from term, weekday and what the school says of the day."""

from __future__ import annotations

from datetime import date

import pytest

from campus import db
from campus.actor import Actor
from campus.permissions import Role
from tenants.people.days import Kind, Special, day_on, school_day, set_specials, specials
from tests.support.seed import Seed

TERM = date(2026, 9, 1)
MONDAY, SATURDAY, SUNDAY = date(2026, 11, 23), date(2026, 11, 28), date(2026, 10, 11)


@pytest.mark.parametrize(
    ("day", "term", "told", "known", "kind", "weekday", "words", "line"),
    [
        (MONDAY, TERM, None, True, Kind.SCHOOL, 1, "", "第13周 星期一"),
        (SATURDAY, TERM, None, True, Kind.REST, 0, "是星期六，不上课", "第13周 星期六"),
        (MONDAY, None, None, True, Kind.OUT, 0, "不在学期里", "星期一"),
        (MONDAY, TERM, ["校庆", None], True, Kind.HOLIDAY, 0, "放假（校庆）", None),
        (SUNDAY, TERM, ["补课", 4], True, Kind.MAKE_UP, 4, "", "第6周 星期日 · 补星期四的课"),
        (SATURDAY, None, ["补课", 5], True, Kind.MAKE_UP, 5, "", "星期六 · 补星期五的课"),
        # A school that has set no term yet has not said when it teaches.
        (SATURDAY, None, None, False, Kind.SCHOOL, 6, "", "星期六"),
    ],
)
def test_a_day_is_judged(
    day: date,
    term: date | None,
    told: list[object] | None,
    known: bool,
    kind: Kind,
    weekday: int,
    words: str,
    line: str | None,
) -> None:
    found = school_day(day, term, told, known)
    assert (found.kind, found.weekday, found.closed_words) == (kind, weekday, words)
    assert found.open == bool(weekday)
    assert found.line == (line or "第13周 星期一 · 校庆放假")


def test_what_a_school_says_is_its_own_and_replaces_what_it_said(fresh: str, seed: Seed) -> None:
    first, last = date(2030, 3, 1), date(2030, 3, 31)
    off, made_up = Special(date(2030, 3, 4), "停电"), Special(date(2030, 3, 9), "补课", 1)
    a, b = (Actor.system(seed.schools[key].id) for key in "ab")
    with db.transaction(school_id=a.school_id):
        assert set_specials(a, first=first, last=last, days=[off, made_up]) == [off.day]
        assert set_specials(a, first=first, last=last, days=[off]) == []
        assert specials(first, last) == [off]
        assert day_on(off.day).kind is Kind.HOLIDAY
    with db.transaction(school_id=b.school_id, read_only=True):
        assert specials(first, last) == []
        assert day_on(off.day).kind is Kind.OUT


def test_only_an_administrator_sets_days(fresh: str, seed: Seed) -> None:
    teacher = seed.actor("class_teacher")
    assert Role.ADMIN not in teacher.roles
    with db.transaction(school_id=teacher.school_id), pytest.raises(Exception, match="不能"):
        set_specials(teacher, first=MONDAY, last=MONDAY, days=[])
