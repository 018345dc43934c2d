"""What a school calls its classes: chosen in the wizard, seen everywhere, read back in any form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from campus import db
from campus.actor import Actor
from tenants.people.calendar import Naming
from tenants.people.naming import (
    Grades,
    class_label,
    entry_label,
    graded_label,
    other_label,
    short_label,
    ways,
)
from tenants.roster.cell_values import BadCell
from tenants.roster.class_names import class_list, school_class, teaching
from tenants.roster.export import roster_xlsx
from tenants.roster.report import Outcome, Report
from tenants.setup.actions import set_school
from tests.roster.conftest import Line
from tests.support.empty_school import TODAY

PRIMARY, JUNIOR, NINE = Grades(TODAY, 1, 6), Grades(TODAY, 7, 9), Grades(TODAY, 1, 9)
LATE_JUNIOR = Grades(TODAY, 6, 9)  # five years of primary school before it


@pytest.mark.parametrize(
    ("naming", "long", "short", "other"),
    [
        (Naming.LONG, "三年级（2）班", "三（2）班", "2024级2班"),
        (Naming.SHORT, "三（2）班", "三（2）班", "2024级2班"),
        (Naming.ENTRY, "2024级2班", "2024级2班", "三年级（2）班"),
    ],
)
def test_the_names_of_one_class(
    naming: Naming, long: str, short: str, other: str, school_id: int
) -> None:
    key = (2024, 2, TODAY)
    with db.transaction(school_id=school_id):
        set_school(class_naming=naming)
        assert (class_label(*key), short_label(*key), other_label(*key)) == (long, short, other)
        assert graded_label(*key) == (f"{long} · 三年级" if naming == "entry" else long)
        assert school_class(long, PRIMARY) == (2024, 2)
        assert school_class(other, PRIMARY) == (2024, 2)


@pytest.mark.parametrize(
    ("entry_year", "grades", "label", "other"),
    [
        (2027, (1, 6), "2027级2班", "还没有入学"),
        (2020, (1, 6), "2020级2班", "已经毕业"),
        (2021, (7, 9), "2027级2班", "还没有入学"),
        (2017, (7, 9), "2023级2班", "已经毕业"),
    ],
)
def test_a_class_that_is_not_here_is_called_by_its_year(
    entry_year: int, grades: tuple[int, int], label: str, other: str, school_id: int
) -> None:
    """Next year's class that a school prepares, and one that left: neither has a grade now."""
    key = (entry_year, 2, TODAY)
    with db.transaction(school_id=school_id):
        set_school(class_naming=Naming.LONG, first_grade=grades[0], last_grade=grades[1])
        assert class_label(*key) == short_label(*key) == graded_label(*key) == label
        assert other_label(*key) == other


def test_a_junior_school_counts_the_entry_from_its_own_first_grade(school_id: int) -> None:
    """A 七年级 of 2026 came in 2026, though grades are counted from 2020 on."""
    with db.transaction(school_id=school_id):
        set_school(class_naming=Naming.ENTRY, first_grade=7, last_grade=9)
        assert ways() == (Naming.ENTRY, 7, 9)
        assert class_label(2020, 2, TODAY) == entry_label(2020, 2) == "2026级2班"
        assert other_label(2020, 2, TODAY) == "七年级（2）班"


@pytest.mark.parametrize(
    ("text", "grades", "key"),
    [
        *((text, PRIMARY, (2024, 2)) for text in ("三年级（2）班", "三(2)班", "302", "三2班")),
        *((text, PRIMARY, (2024, 2)) for text in ("小学三年级2班", "3年级2班", "2024级2班")),
        *((text, JUNIOR, (2020, 3)) for text in ("七年级（3）班", "初一（3）班", "2026级3班")),
        *((text, NINE, (2020, 3)) for text in ("七年级3班", "初一3班", "2020级3班", "703")),
        ("初一（1）班", LATE_JUNIOR, (2021, 1)),
        ("2026级1班", LATE_JUNIOR, (2021, 1)),
    ],
)
def test_a_class_is_recognised_in_any_form(text: str, grades: Grades, key: tuple[int, int]) -> None:
    assert school_class(text, grades) == key


@pytest.mark.parametrize(
    ("text", "grades", "said"),
    [
        ("七年级1班", PRIMARY, "本校是一到六年级，没有七年级"),
        ("三年级1班", JUNIOR, "本校是七到九年级，没有三年级"),
        ("初三1班", PRIMARY, "没有九年级"),
        ("2019级1班", PRIMARY, "2019 年入学的班现在不在校"),
        ("2027级1班", NINE, "2027 年入学的班现在不在校"),
    ],
)
def test_a_grade_the_school_has_not_is_refused(text: str, grades: Grades, said: str) -> None:
    with pytest.raises(BadCell, match=said):
        school_class(text, grades)


def test_lists_and_lessons_follow_the_grades() -> None:
    assert class_list("2026级1班、八年级2班", JUNIOR) == ((2020, 1), (2019, 2))
    assert teaching("2026级1班 语文; 九年级2班 数学", JUNIOR) == (
        ((2020, 1), "语文"),
        ((2018, 2), "数学"),
    )


@pytest.mark.parametrize("naming", list(Naming))
@pytest.mark.parametrize(("first", "last"), [(1, 6), (7, 9), (1, 9)])
def test_what_a_school_exports_it_reads_back_as_unchanged(
    naming: Naming,
    first: int,
    last: int,
    school_id: int,
    roster_file: Callable[..., Path],
    bring: Callable[..., Report],
    tmp_path: Path,
) -> None:
    with db.transaction(school_id=school_id):
        set_school(class_naming=naming, first_grade=first, last_grade=last)
        room = class_label(2026 - last + 1, 1, TODAY)
    assert room.startswith(("2", "六", "九"))
    rows: list[Line] = [(room, 1, "王小明", "男", date(2016, 5, 1), *[None] * 11)]
    staff: list[Any] = [("李老师", "12000005001", "班主任", room, f"{room} 语文")]
    assert bring(roster_file(rows, staff)).problems == []
    with db.transaction(school_id=school_id, read_only=False):
        exported = tmp_path / "again.xlsx"
        exported.write_bytes(roster_xlsx(Actor.system(school_id)))
    report = bring(exported)
    assert report.problems == []
    assert report.count(Outcome.UNCHANGED) == len(report.outcomes) == 2
