"""What a list leaves open beside what the school knows: asked or told, never guessed."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from campus import db
from campus.actor import Actor
from tenants.roster.report import Outcome, Report
from tenants.roster.run_import import import_roster
from tests.roster.reading import children, sheet

PHONE = "12000000304"


@pytest.fixture
def bring_lines(school_id: int) -> Callable[..., Report]:
    """bring_lines("班级|姓名", "三1|安一", takes={}) imports a sheet written as text."""

    def run(*lines: str, takes: Any = {}, **more: Any) -> Report:  # noqa: B006
        table = sheet("学生", *lines, **more)
        with db.transaction(school_id=school_id):
            return import_roster(Actor.system(school_id), table=table, takes=takes)

    return run


def codes(report: Report) -> list[str]:
    return [one.code for one in report.problems]


def test_a_child_missing_from_a_new_list_stays_and_is_named(bring_lines: Any) -> None:
    bring_lines("班级|姓名", "三1|安一", "三1|安二", "三2|安三")
    report = bring_lines("班级|姓名", "三1|安一")
    (told,) = report.problems
    assert told.code == "absent-from-list"
    assert "三年级（1）班有 1 个孩子不在这份名单里：安二。" in told.message
    assert codes(bring_lines("班级|姓名", "三1|安一", "三1|安二")) == []


def test_a_phone_of_many_children_is_tied_to_nobody_until_somebody_says_so(
    bring_lines: Any,
) -> None:
    lines = ["班级|姓名|联系电话", *(f"三1|安{at}|{PHONE}" for at in "一二三四五六七")]
    report = bring_lines(*lines)
    assert (codes(report), report.count(Outcome.NEW)) == (["phone-shared"], 7)
    assert not any(row.guardians for row in report.read.values())
    (question,) = report.questions
    takes = {(*question.place, question.column): "bring"}
    assert bring_lines(*lines, takes=takes).count(Outcome.CHANGED) == 7
    again = bring_lines(*lines)
    assert (codes(again), again.count(Outcome.UNCHANGED)) == ([], 7)


@pytest.mark.parametrize(
    ("names", "asked"),
    [
        ("安一 安二 安三", False),
        ("安一 王二", False),
        ("安一 王二 李三", True),
        ("安一 安二", False),
    ],
)
def test_brothers_and_sisters_share_a_phone_unasked(
    names: str, asked: bool, bring_lines: Any
) -> None:
    rows = (
        f"{grade}1|{name}|{PHONE}" for grade, name in zip("一三五", names.split(), strict=False)
    )
    assert codes(bring_lines("班级|姓名|家长电话", *rows)) == (["phone-shared"] if asked else [])


@pytest.mark.parametrize(("take", "new"), [("bring", 2), ("leave-out", 1), ("", 1)])
def test_a_leaver_is_enrolled_only_when_somebody_says_so(
    take: str, new: int, bring_lines: Any
) -> None:
    takes = {("学生", 3, "去留"): take} if take else {}
    report = bring_lines("班级|姓名|状态", "三1|安一|在读", "三1|安二|转出", takes=takes)
    assert report.count(Outcome.NEW) == new
    assert report.count(Outcome.CONFLICTS) == (0 if take else 1)
    (account,) = report.accounts()
    assert (account["lines"], account["skipped"]) == (3, 2 if take == "leave-out" else 1)


def test_a_leaver_of_the_school_stays_and_is_told(bring_lines: Any) -> None:
    bring_lines("班级|姓名", "三1|安一", "三1|安二")
    report = bring_lines("班级|姓名|备注", "三1|安一", "三1|安二|已转学")
    assert (codes(report), report.count(Outcome.UNCHANGED)) == (["maybe-left"], 2)


@pytest.mark.parametrize(("take", "new"), [("bring", 2), ("", 1)])
def test_a_hidden_row_is_asked_about(take: str, new: int, bring_lines: Any) -> None:
    takes = {("学生", 3, "去留"): take} if take else {}
    lines = ("班级|姓名", "三1|安一", "三1|安二")
    report = bring_lines(*lines, takes=takes, hidden=frozenset({3}))
    assert report.count(Outcome.NEW) == new
    assert bring_lines("班级|姓名", "三1|安一", hidden=frozenset({2})).count(Outcome.UNCHANGED) == 1


@pytest.mark.parametrize(("take", "sexes"), [("zero-boy", "男女"), ("zero-girl", "女男"), ("", "")])
def test_what_0_and_1_mean_is_asked(take: str, sexes: str, bring_lines: Any) -> None:
    takes = {("学生", 1, "性别"): take} if take else {}
    report = bring_lines("班级|姓名|性别", "三1|安一|0", "三1|安二|1", takes=takes)
    assert [("", "男", "女")[row.sex] for row in report.read.values()] == list(sexes or ("", ""))
    assert codes(report) == ([] if take else ["sex-coding"])


@pytest.mark.parametrize(("take", "sex"), [("by-number", "男"), ("by-cell", "女"), ("", "")])
def test_sex_against_the_id_number_is_asked(take: str, sex: str, bring_lines: Any) -> None:
    takes = {("学生", 2, "性别"): take} if take else {}
    lines = ("班级|姓名|性别|身份证号", "三1|安一|女|110105201805010139")
    report = bring_lines(*lines, takes=takes)
    assert children(report) == [" ".join(filter(None, ("三1 安一", sex, "2018-05-01")))]


def test_a_child_in_two_classes_enters_the_one_that_is_chosen(bring_lines: Any) -> None:
    lines = ("班级|姓名|生日", "三1|安一|2018-05-01", "三2|安一|2018-05-01")
    assert bring_lines(*lines).count(Outcome.CONFLICTS) == 2
    takes = {("学生", 2, "去留"): "bring", ("学生", 3, "去留"): "leave-out"}
    assert children(bring_lines(*lines, takes=takes)) == ["三1 安一 2018-05-01"]
    again = bring_lines(*lines)
    assert (again.count(Outcome.UNCHANGED), again.count(Outcome.CONFLICTS)) == (1, 1)


def test_two_namesakes_of_one_class_stay_two(bring_lines: Any) -> None:
    lines = ("班级|姓名|生日", "三1|安一|2018-05-01", "三1|安一|2018-09-12")
    assert bring_lines(*lines).count(Outcome.NEW) == 2
    assert bring_lines(*lines).count(Outcome.UNCHANGED) == 2


@pytest.mark.parametrize(
    "line", ["三1|安一|{day}|", "{grade}.{room}|安一|2018-05-01|", "{grade}.{room}|安一||120{n:08}"]
)
def test_ten_thousand_namesakes_are_answered_in_time(line: str, preview: Any) -> None:
    days = [date(2010, 1, 1) + timedelta(n) for n in range(5_000)]
    lines = [
        line.format(n=n % 700, grade=1 + n % 6, room=1 + n // 6 % 90, day=days[n % 5_000])
        for n in range(10_000)
    ]
    began = time.process_time()
    report = preview(sheet("学生", "班级|姓名|生日|家长电话", *lines))
    assert report.as_json()["rows"] == len(lines)
    assert time.process_time() - began < 10


STAFF_TITLES = "姓名|手机|职务|任教学科|任教班级"


@pytest.mark.parametrize(
    ("classes", "homeroom", "told"),
    [
        ("三1", (2024, 1), []),
        ("三1、三2", None, ["homeroom-which"]),
        ("", None, ["homeroom-which"]),
    ],
)
def test_a_class_teacher_of_one_class_has_it_and_of_several_is_told(
    classes: str, homeroom: Any, told: list[str], bring_lines: Any
) -> None:
    bring_lines("班级|姓名", "三1|安一", "三2|安二")
    report = bring_lines(STAFF_TITLES, f"王芳|12000000103|班主任|语文|{classes}")
    (row,) = report.read.values()
    assert (row.homeroom, codes(report), report.count(Outcome.NEW)) == (homeroom, told, 1)
