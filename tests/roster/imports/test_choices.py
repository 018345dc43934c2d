"""What an import leaves to its reader can be chosen, and is over when the import is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from campus import db
from campus.actor import Actor
from tenants.people.models import Assignment, Enrollment, Pupil, Staff
from tenants.roster.imports.models import ImportRun
from tenants.roster.imports.queries import CLOSED, TITLES, titles_of
from tenants.roster.questions import BRING, LEAVE_OUT, is_answer
from tenants.roster.report import Outcome, Report
from tenants.roster.run_import import import_roster
from tenants.roster.table import read_table

TWINS = [("三年级2班", "1", "周宁"), ("三年级2班", "2", "周宁")]
VAGUE = ("三年级2班", "", "周宁", "男")
MING = ("三年级2班", "1", "李小明", "男", "2017-11-03", "陈静", "妈妈", "12000000104")
WANG = ("王芳", "12000000103", "班主任", "三年级2班")
ZHAO = ("赵敏", "12000000106", "班主任", "三年级2班", "三年级2班 数学")


@pytest.fixture
def bring_with(school_id: int, roster_file: Any) -> Callable[..., Report]:
    """bring_with(takes, pupils, staff) imports with answers."""

    def run(takes: Any, pupils: list[Any], staff: list[Any] = []) -> Report:  # noqa: B006
        table = read_table(roster_file(pupils, staff))
        with db.transaction(school_id=school_id):
            return import_roster(Actor.system(school_id), table=table, takes=takes)

    return run


@pytest.fixture
def ask(school_id: int) -> Callable[..., list[Any]]:
    """The rows of a query, in order."""

    def run(*columns: Any) -> list[Any]:
        with db.transaction(school_id=school_id, read_only=True) as session:
            return [tuple(row) for row in session.execute(select(*columns).order_by(columns[0]))]

    return run


def open_question(report: Report, code: str) -> tuple[tuple[str, int, str], list[str]]:
    """The one question of a report: where its answer goes, and the answers it offers."""
    [question] = report.questions
    assert question.code == code and question.holds
    assert report.count(Outcome.CONFLICTS) == 1
    assert all(is_answer(take) for take, _ in question.choices)
    return (*question.place, question.column), [take for take, _ in question.choices]


def test_which_of_two_namesakes(bring_with: Any, ask: Any) -> None:
    bring_with({}, TWINS)
    [first, second] = [row[0] for row in ask(Pupil.id)]
    place, takes = open_question(bring_with({}, [VAGUE]), "namesakes")
    assert takes == [f"held-{first}", f"held-{second}", BRING, LEAVE_OUT]
    chosen = bring_with({place: f"held-{second}"}, [VAGUE])
    assert (chosen.questions, chosen.count(Outcome.CHANGED)) == ([], 1)
    assert [row[1] for row in ask(Pupil.id, Pupil.sex)] == [0, 1]
    left = bring_with({place: LEAVE_OUT}, [VAGUE])
    assert left.questions == [] and left.count(Outcome.CONFLICTS) == 0
    assert bring_with({place: BRING}, [VAGUE]).count(Outcome.NEW) == 1
    assert len(ask(Pupil.id)) == 3


def test_one_child_is_nobody_twice(bring_with: Any, ask: Any) -> None:
    """Of two rows that mean the same child the second asks again; a stranger's id is no answer."""
    bring_with({}, TWINS)
    [first, _] = [row[0] for row in ask(Pupil.id)]
    rows = [(*VAGUE, "2017-01-02"), (*VAGUE, "2017-02-03")]
    places = [(*one.place, one.column) for one in bring_with({}, rows).questions]
    assert len(places) == 2
    assert open_question(bring_with({places[0]: "held-999999"}, rows[:1]), "namesakes")
    both = bring_with(dict.fromkeys(places, f"held-{first}"), rows)
    assert [(*one.place, one.column) for one in both.questions] == places[1:]
    assert len(ask(Pupil.id)) == 2


def test_whether_a_child_moved(bring_with: Any, ask: Any) -> None:
    bring_with({}, [MING])
    moved = ("三年级3班", *MING[1:])
    place, takes = open_question(bring_with({}, [moved]), "maybe-moved")
    assert takes == [LEAVE_OUT, BRING]
    assert bring_with({place: LEAVE_OUT}, [moved]).questions == []
    assert len(ask(Enrollment.id)) == 1
    assert bring_with({place: BRING}, [moved]).count(Outcome.NEW) == 1
    assert len(ask(Enrollment.id)) == 2


def test_a_class_that_has_its_teacher(bring_with: Any, ask: Any) -> None:
    bring_with({}, [MING], [WANG])
    place, takes = open_question(bring_with({}, [], [ZHAO]), "homeroom-taken")
    assert takes == [BRING, LEAVE_OUT] and len(ask(Staff.id)) == 1
    assert bring_with({place: LEAVE_OUT}, [], [ZHAO]).questions == []
    assert len(ask(Staff.id)) == 1
    assert bring_with({place: BRING}, [], [ZHAO]).count(Outcome.NEW) == 1
    homerooms = ask(Assignment.staff_id, Assignment.homeroom)
    assert [one for _, one in homerooms].count(True) == 1, "the class teacher stays"


@pytest.mark.parametrize("take", ["held-", "held-1 ", "held--1", "held-" + "9" * 30, "held-１", ""])
def test_what_is_no_answer(take: str) -> None:
    assert not is_answer(take)


@pytest.mark.parametrize("state", ["columns", "working", "ready", "failed", "done", "cancelled"])
def test_an_import_that_is_over_asks_for_nothing(state: str) -> None:
    titles = titles_of(ImportRun(state=state))
    over = state in CLOSED
    assert titles[Outcome.CONFLICTS] == ("没有选，没有动" if over else TITLES[Outcome.CONFLICTS])
    assert titles.keys() == TITLES.keys()
