"""What people changed by hand is never overwritten silently; what they chose is remembered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from campus import db
from campus.actor import Actor
from tenants.people.models import Enrollment, Guardian, Guardianship, HomeroomClass, Pupil, Staff
from tenants.roster.report import Outcome, Report
from tenants.roster.run_import import import_roster
from tenants.roster.table import read_table

MOTHER = ("陈静", "妈妈", "12000000104")
MING = ("三年级2班", "1", "李小明", "男", "2017-11-03", *MOTHER)
WANG = ("王芳", "12000000103", "班主任", "三年级2班", "三年级2班 语文")


@pytest.fixture
def change(school_id: int) -> Callable[..., None]:
    """change(Model, column=value) as somebody's hand would."""

    def run(model: Any, **values: Any) -> None:
        with db.transaction(school_id=school_id) as session:
            session.execute(update(model).values(**values))

    return run


@pytest.fixture
def value(school_id: int) -> Callable[[Any], Any]:
    """value(Pupil.name) of the only row."""

    def run(column: Any) -> Any:
        with db.transaction(school_id=school_id, read_only=True) as session:
            return session.execute(select(column)).scalar_one()

    return run


@pytest.fixture
def bring_with(school_id: int, roster_file: Any) -> Callable[..., Report]:
    """bring_with(takes, pupils, staff) imports with answers to conflicts."""

    def run(takes: Any, pupils: list[Any], staff: list[Any] = []) -> Report:  # noqa: B006
        table = read_table(roster_file(pupils, staff))
        with db.transaction(school_id=school_id):
            return import_roster(Actor.system(school_id), table=table, takes=takes)

    return run


def test_a_seat_changed_by_hand_stays_and_is_asked(
    roster_file: Any, bring: Any, change: Any, value: Any
) -> None:
    bring(roster_file([MING]))
    change(Enrollment, seat_no=9)
    report = bring(roster_file([MING]))
    assert report.count(Outcome.CONFLICTS) == 1
    (found,) = report.problems
    assert (found.sheet, found.row, found.column, found.code) == (
        "学生",
        3,
        "座号",
        "changed-by-hand",
    )
    assert "改成了“9”" in found.message
    assert "名册里是“1”" in found.message
    assert value(Enrollment.seat_no) == 9


def test_the_rest_of_the_row_is_still_taken(
    roster_file: Any, bring: Any, change: Any, value: Any
) -> None:
    bring(roster_file([MING]))
    change(Enrollment, seat_no=9)
    born = (*MING[:4], "2017-11-13", *MING[5:])
    assert bring(roster_file([born])).count(Outcome.CONFLICTS) == 1
    assert (value(Enrollment.seat_no), value(Pupil.birthday).day) == (9, 13)


@pytest.mark.parametrize(("take", "seat"), [("ours", 9), ("theirs", 1)])
def test_an_answer_settles_it_for_this_and_the_next_time(
    take: str, seat: int, bring_with: Any, change: Any, value: Any
) -> None:
    bring_with({}, [MING])
    change(Enrollment, seat_no=9)
    assert bring_with({("学生", 3, "座号"): take}, [MING]).count(Outcome.CONFLICTS) == 0
    assert value(Enrollment.seat_no) == seat
    again = bring_with({}, [MING])
    assert again.count(Outcome.UNCHANGED) == 1
    assert value(Enrollment.seat_no) == seat


def test_a_new_value_of_the_file_is_taken_after_ours_was_kept(
    bring_with: Any, change: Any, value: Any
) -> None:
    bring_with({}, [MING])
    change(Enrollment, seat_no=9)
    bring_with({("学生", 3, "座号"): "ours"}, [MING])
    moved = (MING[0], "12", *MING[2:])
    assert bring_with({}, [moved]).count(Outcome.CHANGED) == 1
    assert value(Enrollment.seat_no) == 12


def test_a_value_only_the_file_changed_is_no_conflict(bring_with: Any, value: Any) -> None:
    bring_with({}, [MING])
    report = bring_with({}, [(MING[0], "5", *MING[2:])])
    assert report.count(Outcome.CHANGED) == 1
    (difference,) = report.changes["学生", 3]
    assert (difference.column, difference.ours, difference.theirs) == ("座号", "1", "5")
    assert value(Enrollment.seat_no) == 5


def test_a_child_renamed_by_hand_is_the_same_child(
    bring_with: Any, change: Any, value: Any
) -> None:
    bring_with({}, [MING])
    change(Pupil, name="李晓明")
    report = bring_with({}, [MING])
    assert (report.count(Outcome.NEW), report.count(Outcome.CONFLICTS)) == (0, 1)
    assert value(Pupil.name) == "李晓明"
    bring_with({("学生", 3, "姓名"): "theirs"}, [MING])
    assert value(Pupil.name) == "李小明"


def test_a_child_moved_by_hand_is_not_moved_back(
    school_id: int, bring_with: Any, value: Any
) -> None:
    bring_with({}, [MING, ("三年级3班", "1", "周宁")])
    with db.transaction(school_id=school_id) as session:
        classes = dict(session.execute(select(HomeroomClass.number, HomeroomClass.id)).all())
        session.execute(
            update(Enrollment)
            .where(Enrollment.class_id == classes[2])
            .values(class_id=classes[3], seat_no=2)
        )
    report = bring_with({("学生", 3, "班级"): "theirs"}, [MING])
    assert [one.column for one in report.problems if one.code == "changed-by-hand"] == [
        "班级",
        "座号",
    ]
    with db.transaction(school_id=school_id) as session:
        assert set(session.scalars(select(Enrollment.class_id))) == {classes[3]}


def test_a_tie_ended_by_hand_is_not_tied_again(bring_with: Any, change: Any, value: Any) -> None:
    bring_with({}, [MING])
    change(Guardianship, ended_at="2026-11-01T00:00:00Z")
    report = bring_with({}, [MING])
    assert [one.column for one in report.problems] == ["监护人1"]
    assert value(Guardianship.ended_at) is not None
    bring_with({("学生", 3, "监护人1"): "theirs"}, [MING])
    assert value(Guardianship.ended_at) is None


def test_a_guardian_renamed_by_hand_is_asked(bring_with: Any, change: Any, value: Any) -> None:
    bring_with({}, [MING])
    change(Guardian, name="陈静宜")
    assert bring_with({}, [MING]).count(Outcome.CONFLICTS) == 1
    assert value(Guardian.name) == "陈静宜"


def test_staff_are_asked_too(bring_with: Any, change: Any, value: Any) -> None:
    bring_with({}, [MING], [WANG])
    change(Staff, name="王方")
    report = bring_with({}, [], [WANG])
    assert [(one.sheet, one.column) for one in report.problems] == [("教职工", "姓名")]
    assert value(Staff.name) == "王方"
    assert bring_with({("教职工", 3, "姓名"): "ours"}, [], [WANG]).count(Outcome.UNCHANGED) == 1
    assert bring_with({}, [], [WANG]).count(Outcome.UNCHANGED) == 1
