"""Days off and make-up days: set with the year, changed term by term."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from campus import db
from campus.actor import Actor
from tenants.classes.attendance import take_attendance
from tenants.classes.models import AttendanceSheet
from tenants.people.days import Kind, day_on
from tenants.people.models import HomeroomClass, Term
from tests.setup.conftest import Wizard

MADE_UP = {"make_up": ["2026-10-10"], "make_up_as": ["4"]}
TERM_FORM: dict[str, Any] = {
    "starts": "2026-09-01",
    "ends": "2027-01-29",
    "holiday": ["国庆", "运动会"],
    "holiday_from": ["2026-10-01", "2026-11-12"],
    "holiday_to": ["2026-10-07", ""],
    "make_up": ["2026-10-10", "2026-10-11"],
    "make_up_as": ["4", "5"],
}
WRONG = [
    ({"make_up": ["2026-10-12"], "make_up_as": ["4"]}, "10月12日是星期一，本来就上课"),
    ({"make_up": ["2026-10-04"], "make_up_as": ["4"]}, "10月4日也写在假期里"),
    ({"make_up": ["2027-02-06"], "make_up_as": ["4"]}, "2月6日不在学期里面"),
    ({"make_up": ["2026-10-10"], "make_up_as": [""]}, "请选补星期几的课"),
    ({"make_up": ["十月十日"], "make_up_as": ["4"]}, "「补课日」第 1 行的日期"),
    ({"make_up": ["2026-10-10"] * 2, "make_up_as": ["4", "5"]}, "10月10日写了两次"),
]


def kinds(school_id: int, *days: date) -> list[Kind]:
    with db.transaction(school_id=school_id, read_only=True):
        return [day_on(day).kind for day in days]


def first_term(school_id: int) -> int:
    with db.transaction(school_id=school_id) as session:
        return session.scalars(select(Term.id).order_by(Term.starts_on)).first() or 0


def send(wizard: Wizard, term_id: int, status: int = 303, **changed: Any) -> BeautifulSoup:
    """Send a term's page as it stands, with these fields changed."""
    field = wizard.browser.page(f"/setup/terms/{term_id}").find("input", attrs={"name": "version"})
    assert field is not None
    form = {"version": field["value"], **TERM_FORM, **changed}
    answer = wizard.browser.post(f"/setup/terms/{term_id}", form, status)
    return BeautifulSoup(answer.get_data(), "html5lib")


def test_the_wizard_s_days_are_the_school_s(wizard: Wizard, preparing: int) -> None:
    wizard.save("calendar", **MADE_UP)
    found = kinds(preparing, date(2026, 10, 7), date(2026, 10, 10), date(2026, 10, 17))
    assert found == [Kind.HOLIDAY, Kind.MAKE_UP, Kind.REST]
    page = wizard.page("calendar")
    assert len(page.select(".weeks td.holiday")) == 7
    [made_up] = page.select(".weeks td.make-up")
    assert made_up["title"] == "补星期四的课"
    assert page.find("input", attrs={"name": "make_up"})["value"] == "2026-10-10"
    [chosen] = page.select("select[name=make_up_as] option[selected]")
    assert chosen["value"] == "4"
    assert "放假 7 天 · 补课 1 天" in page.get_text()


@pytest.mark.parametrize(("rows", "said"), WRONG, ids=lambda one: one if type(one) is str else "")
def test_a_day_that_cannot_be_is_named(rows: dict[str, Any], said: str, wizard: Wizard) -> None:
    assert said in wizard.errors("calendar", **rows)


def test_one_term_is_changed_after_the_school_is_in_use(wizard: Wizard, preparing: int) -> None:
    wizard.save("calendar", **MADE_UP)
    term_id = first_term(preparing)
    send(wizard, term_id, ends="2027-01-22")
    found = kinds(preparing, date(2026, 11, 12), date(2026, 10, 11), date(2027, 1, 25))
    assert found == [Kind.HOLIDAY, Kind.MAKE_UP, Kind.OUT]
    # The other term and the year's form are the same calendar.
    assert wizard.page("calendar").find("input", id="first_ends")["value"] == "2027-01-22"
    send(wizard, term_id, holiday=[], holiday_from=[], holiday_to=[], make_up=[], make_up_as=[])
    assert kinds(preparing, date(2026, 11, 12), date(2026, 10, 11)) == [Kind.SCHOOL, Kind.REST]


def test_a_wrong_term_is_drawn_again_with_what_was_typed(wizard: Wizard, preparing: int) -> None:
    wizard.save("calendar")
    term_id = first_term(preparing)
    page = send(wizard, term_id, 422, ends="2026-09-20")
    assert "「最后一天」要比第一天晚 8 到 27 周" in page.get_text()
    assert page.find("input", id="ends")["value"] == "2026-09-20"
    assert "日期重叠" in send(wizard, term_id, 422, ends="2027-02-25").get_text()
    assert (
        "2026 年 8 月到 2027 年 8 月"
        in send(wizard, term_id, 422, starts="2026-05-01", ends="2026-09-30").get_text()
    )
    assert "10月12日" in send(wizard, term_id, 422, **WRONG[0][0]).get_text()


def test_of_two_administrators_the_second_is_told(
    wizard: Wizard, browser_of: Any, preparing: int
) -> None:
    wizard.save("calendar")
    term_id = first_term(preparing)
    stale = {"version": "1", **TERM_FORM}
    send(wizard, term_id)
    answer = browser_of("second").post(f"/setup/terms/{term_id}", stale, 409)
    assert "刚刚由甄管理保存过" in answer.get_data(as_text=True)
    again = BeautifulSoup(answer.get_data(), "html5lib").find("input", attrs={"name": "version"})
    stale["version"] = str(again["value"])
    browser_of("second").post(f"/setup/terms/{term_id}", stale, 303)


def test_what_was_recorded_on_a_new_holiday_stays_and_is_said(wizard: Wizard, peopled: int) -> None:
    wizard.save("calendar")
    with db.transaction(school_id=peopled) as session:
        room = session.scalars(select(HomeroomClass.id)).one()
        actor = Actor.system(peopled)
        take_attendance(actor, class_id=room, day=date(2026, 11, 12), half="am")
    send(wizard, first_term(peopled))
    assert "11月12日（1 个班）已经点过名，记录都还在" in wizard.page("calendar").get_text()
    with db.transaction(school_id=peopled) as session:
        assert session.scalar(select(func.count()).select_from(AttendanceSheet)) == 1


def test_a_look_at_the_weeks_saves_nothing(wizard: Wizard, preparing: int) -> None:
    wizard.save("calendar")
    term_id = first_term(preparing)
    page = send(wizard, term_id, 200, preview="1")
    assert len(page.select(".weeks td.make-up")) == 2
    assert kinds(preparing, date(2026, 10, 10)) == [Kind.REST]
    endless = send(wizard, term_id, 200, preview="1", holiday_to=["9999-12-31", ""])
    assert endless.select(".weeks")


def test_another_school_s_term_is_not_found(wizard: Wizard) -> None:
    wizard.browser.get("/setup/terms/999999", 404)


def test_a_term_takes_no_field_it_does_not_know(wizard: Wizard, preparing: int) -> None:
    wizard.save("calendar")
    for name in ("school_id", "id", "year_id", "created_by"):
        send(wizard, first_term(preparing), 422, **{name: "1"})
