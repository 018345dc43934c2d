"""A list older than a change of number: asked whom it means, and nobody is there twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from campus import db
from campus.actor import Actor
from campus.identity.actions import register_accounts
from campus.identity.models import Account
from campus.identity.phones import _change_everywhere
from tenants.people.enrol import join_guardians
from tenants.people.models import Guardian, Guardianship, Staff
from tenants.roster.report import Outcome, Report
from tenants.roster.run_import import import_roster
from tenants.roster.table import read_table

OLD, NEW = "12000000104", "12000000199"
MING = ("三年级2班", "1", "李小明", "男", "2017-11-03", "陈静", "妈妈", OLD)
SISTER = ("一年级1班", "7", "李小红", "女", "2019-01-03", "陈静", "妈妈", OLD)
WANG = ("王芳", "12000000103", "班主任", "三年级2班", "三年级2班 语文")
Bring = Callable[..., Report]


@pytest.fixture
def bring_with(school_id: int, roster_file: Any) -> Bring:
    """bring_with(pupils, staff=[], takes={})."""

    def run(pupils: list[Any], staff: list[Any] = [], takes: Any = {}) -> Report:  # noqa: B006
        table = read_table(roster_file(pupils, staff))
        with db.transaction(school_id=school_id):
            return import_roster(Actor.system(school_id), table=table, takes=takes, met=True)

    return run


@pytest.fixture
def moved(school_id: int, bring_with: Bring) -> Bring:
    """李小明's mother and teacher have joined and changed their numbers since the import."""
    bring_with([MING], [WANG])
    with db.transaction(school_id=school_id):
        accounts = register_accounts({OLD: "陈静"})
        join_guardians(Actor.system(school_id), accounts)
    change(OLD, NEW)
    change(WANG[1], "12000000198")
    return bring_with


def change(old: str, new: str) -> None:
    with db.transaction() as session:
        number = session.scalars(select(Account.id).where(Account.phone == old)).one()
        _change_everywhere(Actor(number, "本人", None, frozenset(), 0), new)


def count(school_id: int, model: Any) -> int:
    with db.transaction(school_id=school_id, read_only=True) as session:
        return session.scalars(select(func.count()).select_from(model)).one()


def phones(school_id: int) -> set[str]:
    with db.transaction(school_id=school_id, read_only=True) as session:
        return set(session.scalars(select(Guardian.phone)))


def test_the_old_list_asks_and_makes_nobody(moved: Bring, school_id: int) -> None:
    report = moved([MING], [WANG])
    assert [(one.sheet, one.column, one.code) for one in report.problems] == [
        ("学生", "监护人1手机", "changed-by-hand"),
        ("教职工", "手机", "changed-by-hand"),
    ]
    assert OLD not in str(report.problems)
    assert (report.count(Outcome.CONFLICTS), report.count(Outcome.NEW)) == (2, 0)
    assert phones(school_id) == {NEW}
    assert (count(school_id, Staff), count(school_id, Guardianship)) == (1, 1)


def test_ours_once_is_ours_next_time(moved: Bring, school_id: int) -> None:
    takes = {("学生", 3, "监护人1手机"): "ours", ("教职工", 3, "手机"): "ours"}
    assert moved([MING], [WANG], takes).count(Outcome.UNCHANGED) == 2
    assert moved([MING], [WANG]).count(Outcome.UNCHANGED) == 2
    assert phones(school_id) == {NEW}


def test_the_new_list_is_a_no_op(moved: Bring) -> None:
    new = moved([(*MING[:7], NEW)], [(WANG[0], "12000000198", *WANG[2:])])
    assert new.count(Outcome.UNCHANGED) == 2


def test_a_relation_changed_by_hand_since_is_still_asked(moved: Bring, school_id: int) -> None:
    with db.transaction(school_id=school_id) as session:
        session.scalars(select(Guardianship)).one().relation = "姑姑"
    report = moved([(*MING[:7], NEW)])
    assert [one.column for one in report.problems] == ["监护人1"]


def test_a_sibling_waits_for_the_answer_and_joins_the_mother(moved: Bring, school_id: int) -> None:
    report = moved([SISTER])
    assert (report.count(Outcome.CONFLICTS), report.count(Outcome.NEW)) == (1, 0)
    assert moved([SISTER], [], {("学生", 3, "监护人1手机"): "ours"}).count(Outcome.NEW) == 1
    assert phones(school_id) == {NEW}
    assert count(school_id, Guardianship) == 2
    assert moved([SISTER]).count(Outcome.UNCHANGED) == 1, "the answer is remembered"


def test_a_number_given_to_somebody_else_by_now(moved: Bring, school_id: int) -> None:
    """Months later the old number is another parent's: chosen, it is another person."""
    other = (*SISTER[:5], "周宁", "爸爸", OLD)
    assert moved([other], [], {("学生", 3, "监护人1手机"): "theirs"}).count(Outcome.NEW) == 1
    assert phones(school_id) == {NEW, OLD}
    assert moved([other]).count(Outcome.UNCHANGED) == 1
    with db.transaction(school_id=school_id, read_only=True) as session:
        names = dict(session.execute(select(Guardian.phone, Guardian.name)).all())
    assert names == {NEW: "陈静", OLD: "周宁"}


def test_a_kept_number_opens_no_account(moved: Bring, school_id: int) -> None:
    report = moved([], [("冯月", WANG[1], "任课教师", "", "")], {("教职工", 3, "手机"): "theirs"})
    assert [one.code for one in report.problems] == ["phone-kept"]
    assert count(school_id, Staff) == 1


def test_both_numbers_in_one_row_are_one_person(moved: Bring, school_id: int) -> None:
    twice = (*MING, "陈静", "妈妈", NEW)
    moved([twice], [], {("学生", 3, "监护人1手机"): "ours"})
    assert count(school_id, Guardianship) == 1
