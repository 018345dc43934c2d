"""班级怎么叫: chosen in the wizard, on every page at once, whoever looks."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from campus import db
from campus.schools.models import School
from tests.setup.conftest import Wizard
from tests.support.queries import counting

NAMES = [("long", "三年级（2）班"), ("short", "三（2）班"), ("entry", "2024级2班")]


@pytest.mark.parametrize(("naming", "name"), NAMES)
def test_every_page_calls_the_class_as_chosen(
    naming: str, name: str, filled: Wizard, browser_of: Any, peopled: int
) -> None:
    filled.save("stages", naming=naming)
    admin = filled.browser
    assert admin.page("/classes").select_one(".class-card h3").get_text() == name
    link = admin.page("/classes").select_one(".class-card")["href"]
    page = admin.page(link)
    assert page.h1.get_text() == name
    other = "三年级（2）班" if naming == "entry" else "2024级2班"
    assert other in page.select_one(".page-head p").get_text()
    assert name in admin.page("/families").get_text()
    with db.transaction() as session:
        session.scalars(select(School).where(School.id == peopled)).one().status = "open"
    family = browser_of("guardian")
    assert name in family.page("/home").select_one(".sub").get_text()
    assert name in family.page("/my-children").get_text()


def test_the_choice_shows_what_each_name_looks_like(wizard: Wizard) -> None:
    shown = wizard.page("stages")
    examples = [one.parent.b.get_text() for one in shown.select("input[name=naming]")]
    assert examples == [name for _, name in NAMES]
    wizard.save("stages", naming="entry", preset="junior")
    shown = wizard.page("stages")
    assert shown.find("input", value="entry").has_attr("checked")
    examples = [one.parent.b.get_text() for one in shown.select("input[name=naming]")]
    assert examples == ["七年级（2）班", "七（2）班", "2026级2班"]


def test_a_page_asks_nothing_more_for_its_names(filled: Wizard) -> None:
    """The ways stand in the school's row, which the entering statement has read."""
    filled.browser.get("/classes")
    with counting() as count:
        filled.browser.get("/classes")
    assert not [one for one in count.statements if "class_naming FROM school" in one]


def test_the_grades_chosen_are_the_school_s(wizard: Wizard, preparing: int) -> None:
    wizard.save("stages", preset="nine")
    wizard.save("stages", preset="primary", last_grade="5")
    with db.transaction() as session:
        school = session.scalars(select(School).where(School.id == preparing)).one()
        assert (school.class_naming, school.first_grade, school.last_grade) == ("long", 1, 5)
    assert "一年级到五年级：五年级的班毕业" in wizard.browser.page("/turn/plan").get_text()
