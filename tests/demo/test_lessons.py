"""Timetables: nobody in two places at once, whatever the staff."""

from __future__ import annotations

from collections import Counter
from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenants.demo.families import Phones
from tenants.demo.imagine import HEJIATU, imagine_hejiatu
from tenants.demo.lessons import SLOTS, Lesson, Week, arrange
from tenants.demo.staff import lessons_of
from tests.support.effort import examples


def placed(week: Week) -> Counter[Lesson]:
    for sides in (week.classes, week.teachers):
        for own in sides.values():
            assert all(0 <= slot < SLOTS for slot in own)
    for key, own in week.classes.items():
        for slot, lesson in own.items():
            assert lesson.class_key == key
            assert week.teachers[lesson.teacher][slot] is lesson
    return Counter(lesson for own in week.classes.values() for lesson in own.values())


def test_the_demo_school_has_a_timetable_without_clashes() -> None:
    random = Random(1)
    imagined = imagine_hejiatu(HEJIATU, random, Phones(random), date(2026, 11, 23))
    lessons = lessons_of(imagined.staff, imagined.classes)
    assert placed(arrange(lessons, random)) == Counter(lessons)
    assert 100 <= len(imagined.staff) <= 120
    assert 1_550 <= len(imagined.children) <= 1_700
    assert 2_600 <= len(imagined.guardians) <= 3_300


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=250), st.integers())
def test_whatever_fits_is_placed(pairs: list[tuple[int, int]], seed: int) -> None:
    full: Counter[tuple[str, int]] = Counter()
    lessons = []
    for class_key, teacher in pairs:
        if full["class", class_key] < SLOTS and full["teacher", teacher] < SLOTS:
            full["class", class_key] += 1
            full["teacher", teacher] += 1
            lessons.append(Lesson(class_key, teacher, "语文"))
    assert placed(arrange(lessons, Random(seed))) == Counter(lessons)


def test_full_weeks_need_the_chains() -> None:
    lessons = [Lesson(key, (key + turn) % 35, "语文") for key in range(35) for turn in range(35)]
    Random(3).shuffle(lessons)
    assert placed(arrange(lessons, Random(3))) == Counter(lessons)


def test_more_lessons_than_slots_are_refused() -> None:
    with pytest.raises(ValueError, match="over 35"):
        arrange([Lesson("a", number, "语文") for number in range(36)], Random(0))
