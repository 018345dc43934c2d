"""Each fault of a OneRoster set is told once, at its file, row and column; the rest comes in."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from tenants.people.naming import Grades
from tenants.roster.oneroster.reading import read_oneroster
from tenants.roster.report import Outcome, Report
from tenants.roster.rows import Roster
from tests.roster.oneroster.small_set import Files, cells, sound, spoilt, table
from tests.roster.oneroster.variant import Variant
from tests.roster.oneroster.variants import VARIANTS
from tests.support.empty_school import TODAY

GRADES = Grades(TODAY, 1, 6)
OURS = ("枫林小学", "枫林")


def read(files: Files, grades: Grades = GRADES) -> tuple[Roster, Report]:
    report = Report()
    return read_oneroster(table(files), report, grades, names=OURS), report


@pytest.mark.parametrize("old", [False, True])
def test_a_sound_set_has_no_fault(old: bool) -> None:
    roster, report = read(sound(old=old))
    assert report.problems == []
    assert [(one.name, one.class_key, len(one.guardians)) for one in roster.pupils] == [
        ("林一", (2024, 1), 2),
        ("江二", (2024, 1), 1),
    ]
    (teacher,) = roster.staff
    assert (teacher.homeroom, teacher.teaching) == ((2024, 1), (((2024, 1), "语文"),))


def _adds_up(one: dict[str, Any]) -> bool:
    """Every line of a file is read, skipped or refused."""
    parts = (one["read"], one["skipped"], one["refused"])
    return min(parts) >= 0 and sum(parts) == one["lines"]


def wrong(variant: Variant) -> list[str]:
    """What is not as it should be."""
    roster, report = read(spoilt(variant.change, old=variant.old))
    told = tuple((one.sheet, one.row, one.column) for one in report.problems)
    words = "".join(one.message for one in report.problems)
    sums = [one for one in report.accounts() if not _adds_up(one)]
    parents = sum(len(one.guardians) for one in roster.pupils)
    found = {
        "told": (told, variant.told),
        "accounts that do not add up": (sums, []),
        "pupils": (len(roster.pupils), variant.pupils),
        "staff": (len(roster.staff), variant.staff),
        "words": (variant.words if variant.words in words else words, variant.words),
        "parents": (parents, parents if variant.parents is None else variant.parents),
    }
    return [
        f"{key}: {is_} should be {wanted}" for key, (is_, wanted) in found.items() if is_ != wanted
    ]


def test_every_fault_is_told_once_and_costs_no_more_than_it_must() -> None:
    failed = {name: found for name, one in VARIANTS.items() if (found := wrong(one))}
    assert not failed, json.dumps(failed, ensure_ascii=False, indent=1)


def test_who_is_left_out_has_an_outcome_and_leads_to_the_reason() -> None:
    """A class that cannot be read costs its children: one sentence, and no row without an end."""
    variant = VARIANTS["classes.title is “向阳班”"]
    _, report = read(spoilt(variant.change))
    children = [("users.csv", 2), ("users.csv", 3)]
    assert [report.outcomes[place] for place in children] == [Outcome.REFUSED] * 2
    assert [report.because[place] for place in children] == [("classes.csv", 2)] * 2


def test_a_class_of_the_coming_year_is_counted_from_that_year() -> None:
    """In August 三年级1班 of the new year is this year's 二年级1班."""
    roster, report = read(sound(), Grades(date(2026, 8, 20), 1, 6))
    assert report.problems == []
    assert {one.class_key for one in roster.pupils} == {(2024, 1)}


def test_two_schools_of_the_same_size_and_neither_ours_are_asked() -> None:
    def alike(files: Files) -> None:
        VARIANTS["a child of another school"].change(files)
        at = files["roles.csv"][0].index("orgSourcedId")
        for line in files["roles.csv"][5:]:
            line[at] = "o2"

    roster, report = read(spoilt(alike))
    assert (roster.pupils, roster.staff) == ([], [])
    assert [(one.sheet, one.row, one.code) for one in report.problems] == [
        ("orgs.csv", 2, "school-unclear")
    ]


def test_a_thousand_rows_with_one_habit_are_one_sentence() -> None:
    _, report = read(spoilt(cells("users.csv", "enabledUser", "True")))
    (told,) = report.problems
    assert "同样的还有 5 行" in told.message
