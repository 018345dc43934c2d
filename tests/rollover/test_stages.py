"""The year turns by the grades the school has, nine, three or five of them; no plan says so."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from campus import db
from campus.actor import Actor
from campus.errors import InvalidInput
from tenants.people.enrol import NewPupil, enrol_pupils, open_classes
from tenants.people.models import Enrollment, HomeroomClass
from tenants.people.naming import newest_entry
from tenants.rollover import actions, drafts
from tenants.rollover.plan import GRADUATES, HOMEROOM, NEW, Choice
from tenants.rollover.undo import undo_turn
from tenants.setup.actions import set_school
from tests.rollover.conftest import FIRST, NEXT, TODAY, House, everything

YEAR = 2027
TERMS = drafts.Terms(date(2027, 9, 1), date(2028, 1, 21), date(2028, 2, 21), date(2028, 7, 7))


def become(house: House, first: int, last: int) -> None:
    """Set the school's grades as the wizard does, and open the classes that are missing."""
    system = Actor.system(house.id)
    with db.transaction(school_id=house.id):
        set_school(first_grade=first, last_grade=last)
        keys = [(2026 - grade + 1, 1) for grade in range(first, last + 1)]
        missing = [key for key in keys if key not in house.classes]
        house.classes |= open_classes(system, missing)
        for key in missing:
            pupils = [NewPupil("新同学甲", house.classes[key], 1)]
            house.pupils[key] = enrol_pupils(system, pupils, starts_on=FIRST)


def lines(house: House) -> dict[tuple[int, int], tuple[str, str, str]]:
    with db.transaction(school_id=house.id, read_only=True):
        plan = actions.year_plan(YEAR)[1]
        return {line.key: (line.fate, line.now, line.next) for line in plan.lines}


def begin(house: House) -> int:
    with db.transaction(school_id=house.id):
        mark = actions.year_plan(YEAR)[1].mark
        return actions.apply_year(house.admin, year=YEAR, seen=mark)


def test_a_nine_year_school_turns_its_year(house: House) -> None:
    become(house, 1, 9)
    planned = lines(house)
    assert planned[2021, 1] == ("stays", "六年级（1）班", "七年级（1）班")
    assert planned[2018, 1] == (GRADUATES, "九年级（1）班", "毕业")
    assert planned[2019, 1] == ("stays", "八年级（1）班", "九年级（1）班")
    assert planned[2027, 1] == (NEW, "新开", "一年级（1）班")
    before = everything(house.id)
    turn_id = begin(house)
    with db.transaction(school_id=house.id) as session:
        gone = session.scalars(
            select(HomeroomClass.entry_year).where(HomeroomClass.graduated_on.is_not(None))
        ).all()
        assert list(gone) == [2018]
        places = dict(
            session.execute(
                select(Enrollment.pupil_id, Enrollment.ends_on).where(
                    Enrollment.class_id.in_([house.classes[2021, 1], house.classes[2018, 1]])
                )
            ).all()
        )
    assert {places[one] for one in house.pupils[2021, 1]} == {None}
    assert {places[one] for one in house.pupils[2018, 1]} == {date(2027, 8, 31)}
    with db.transaction(school_id=house.id):
        undo_turn(house.admin, turn_id=turn_id)
    after = everything(house.id)
    assert {name for name in before if before[name] != after[name]} <= {"audit_entry"}


def test_a_junior_school_takes_its_new_pupils_into_grade_seven(house: House) -> None:
    become(house, 7, 9)
    with db.transaction(school_id=house.id) as session:
        for key, number in house.classes.items():
            if key[0] > 2020:
                session.get_one(HomeroomClass, (house.id, number)).graduated_on = date(2026, 9, 2)
    with db.transaction(school_id=house.id):
        drafts.save_plan(
            house.admin,
            year=YEAR,
            effective_on=NEXT,
            new_classes=1,
            terms=TERMS,
            newcomers="1 王小新 男",
            homerooms=[(1, house.staff[0])],
        )
        draft = drafts.load_draft(YEAR)
        assert draft.basics.choices == (Choice(HOMEROOM, (2021, 1), house.staff[0]),)
        assert (draft.basics.first_title, draft.basics.last_title) == ("七年级", "九年级")
    planned = lines(house)
    # 2021级 of primary school's counting begins here: the key is taken up again as the new class.
    assert {key for key, line in planned.items() if line[0] == NEW} == {(2021, 1)}
    assert planned[2021, 1][2] == "七年级（1）班"
    assert planned[2020, 1] == ("stays", "七年级（1）班", "八年级（1）班")
    assert planned[2018, 1] == (GRADUATES, "九年级（1）班", "毕业")
    with db.transaction(school_id=house.id, read_only=True):
        assert newest_entry(TODAY) == 2020


@pytest.mark.parametrize(("last", "gone"), [(5, 2022), (6, 2021)])
def test_the_highest_grade_graduates_whatever_it_is(last: int, gone: int, house: House) -> None:
    """A school of five years (五年制) sets 最高年级 to five; nothing else says so."""
    become(house, 1, last)
    fates = {key[0]: line[0] for key, line in lines(house).items()}
    assert fates[gone] == GRADUATES
    assert fates[gone + 1] == "stays"


def test_changed_grades_are_a_changed_plan(house: House) -> None:
    """Who looked at the plan of a six-year school does not begin that of a nine-year one."""
    with db.transaction(school_id=house.id):
        seen = actions.year_plan(YEAR)[1].mark
    become(house, 1, 9)
    with db.transaction(school_id=house.id), pytest.raises(Exception, match="有了变化"):
        actions.apply_year(house.admin, year=YEAR, seen=seen)


def test_too_many_first_classes_are_refused_by_name(house: House) -> None:
    with db.transaction(school_id=house.id), pytest.raises(InvalidInput, match="第 1 行"):
        drafts.save_plan(
            house.admin,
            year=YEAR,
            effective_on=NEXT,
            new_classes=1,
            terms=TERMS,
            newcomers="9 王小新 男",
        )
