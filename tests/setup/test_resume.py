"""Leaving and coming back; two administrators at once; going live."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from campus import db
from campus.actor import Actor
from campus.errors import Conflict
from campus.identity.entry import authenticate_socket
from campus.permissions import Role
from campus.schools.models import School
from campus.schools.queries import open_schools
from tenants.setup import actions
from tenants.setup.models import SetupStep
from tests.setup.conftest import FORMS, SLUG, Wizard
from tests.support.client import JSON, PageClient
from tests.support.databases import many

BrowserOf = Callable[[str], PageClient]


def status_of(school_id: int) -> str:
    with db.transaction() as session:
        return session.scalars(select(School.status).where(School.id == school_id)).one()


def test_the_list_names_one_next_thing(wizard: Wizard) -> None:
    assert wizard.page().select_one(".hero h2").get_text() == "下一步：学校信息"
    wizard.save("identity")
    assert wizard.page().select_one(".hero h2").get_text() == "下一步：学段与年级"


def test_saving_leads_to_the_next_open_step(wizard: Wizard) -> None:
    answer = wizard.browser.post(
        "/setup/identity", {"version": wizard.version("identity"), **FORMS["identity"]}
    )
    assert answer.headers["Location"].endswith("/setup/stages")


def test_a_draft_outlives_the_session(wizard: Wizard, browser_of: BrowserOf) -> None:
    half = {"name": "枫林", "code": "21", "later": "1"}
    answer = wizard.browser.post("/setup/identity", {"version": wizard.version("identity"), **half})
    assert answer.headers["Location"].endswith("/setup")
    assert "填了一半" in wizard.page().get_text()
    wizard.browser.post("/logout")
    again = Wizard(browser_of("admin"))
    soup = again.page("identity")
    assert soup.find("input", id="code")["value"] == "21"
    assert "还没有生效" in soup.get_text()
    again.save("identity")
    assert "填了一半" not in again.page().get_text()


def test_a_draft_changes_nothing_that_stands(wizard: Wizard, preparing: int) -> None:
    wizard.save("identity")
    wizard.browser.post(
        "/setup/identity", {"version": wizard.version("identity"), "name": "改了", "later": "1"}
    )
    assert "枫林镇中心小学" in wizard.page().get_text()
    with db.transaction(school_id=preparing) as session:
        row = session.scalars(select(SetupStep).where(SetupStep.step == "identity")).one()
        assert row.answers["name"] == "枫林镇中心小学" and row.draft == {"name": "改了"}


def test_a_draft_has_limits(wizard: Wizard) -> None:
    form = {"version": "0", "complaint": "长" * 2001, "later": "1"}
    wizard.browser.post("/setup/privacy", form, 422)
    form = {"version": "0", "subject": ["门"] * 201, "later": "1"}
    wizard.browser.post("/setup/subjects", form, 422)


def test_two_administrators_at_different_steps_do_not_meet(
    wizard: Wizard, browser_of: BrowserOf
) -> None:
    second = Wizard(browser_of("second"))
    versions = wizard.version("identity"), second.version("stages")
    wizard.browser.post("/setup/identity", {"version": versions[0], **FORMS["identity"]})
    second.browser.post("/setup/stages", {"version": versions[1], **FORMS["stages"]})
    assert {wizard.version("identity"), wizard.version("stages")} == {"1"}


def test_the_second_at_the_same_step_is_told(wizard: Wizard, browser_of: BrowserOf) -> None:
    second = Wizard(browser_of("second"))
    old = second.version("identity")
    wizard.save("identity")
    soup = second.save("identity", 409, version=old, name="枫林第二小学")
    assert "「学校信息」刚刚由甄管理保存过" in soup.get_text()
    assert soup.find("input", id="name")["value"] == "枫林第二小学"
    newest = soup.find("input", attrs={"name": "version"})["value"]
    assert "枫林镇中心小学" in wizard.page().get_text()
    second.save("identity", version=newest, name="枫林第二小学")
    assert "枫林第二小学" in wizard.page().get_text()


def test_of_two_at_the_same_moment_one_wins(preparing: int) -> None:
    outcomes: list[str] = []

    def save(name: str) -> None:
        actor = Actor(None, name, preparing, frozenset({Role.ADMIN}))
        try:
            with db.transaction(school_id=preparing):
                actions.set_stages(actor, version=0, preset="primary", naming="long")
            outcomes.append("saved")
        except actions.StepMoved:
            outcomes.append("told")

    threads = [threading.Thread(target=save, args=(name,)) for name in ("甲", "乙", "丙")]
    with many():
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    assert sorted(outcomes) == ["saved", "told", "told"]


def test_json_says_the_same(wizard: Wizard) -> None:
    body = {"version": 0, "preset": "nine", "naming": "long", "first_grade": 1, "last_grade": 9}
    token = {"X-CSRF-Token": wizard.browser.token(), **JSON}
    answer = wizard.browser.open("POST", "/setup/stages", 200, json=body, headers=token)
    assert answer.get_json() == {"version": 1}
    wizard.browser.open("POST", "/setup/stages", 409, json=body, headers=token)
    wizard.browser.open("POST", "/setup/stages", 422, json=body | {"preset": ""}, headers=token)


def test_families_wait_outside_until_it_is_live(
    filled: Wizard, browser_of: BrowserOf, peopled: int
) -> None:
    parent = browser_of("guardian")
    page = parent.page("/home", 403)
    assert page.h1.get_text() == "学校还在准备" and "家长" not in page.h1.get_text()
    assert parent.get("/me")
    environ = {"campus.school": SLUG, "HTTP_COOKIE": f"sid={parent.person.token}"}
    assert authenticate_socket(environ) is None
    filled.browser.post("/setup/live", {"knowing": "1"})
    assert status_of(peopled) == "open"
    assert parent.get("/home")
    assert authenticate_socket(environ) is not None


def test_staff_see_a_calm_banner_until_then(filled: Wizard) -> None:
    today = filled.browser.page("/today")
    assert "家长暂时进不来" in today.select_one(".preparing").get_text()
    assert today.select_one(".preparing a")["href"] == f"/s/{SLUG}/setup"
    filled.browser.post("/setup/live", {"knowing": "1"})
    assert filled.browser.page("/today").select_one(".preparing") is None


def test_red_holds_the_school_back(wizard: Wizard, peopled: int) -> None:
    """Every step must be saved but the look: a colour is offered, never asked for."""
    for key in FORMS:
        if key != "look":
            wizard.browser.post("/setup/live", {"knowing": "1"}, 422)
            wizard.save(key)
    assert status_of(peopled) == "preparing"
    wizard.browser.post("/setup/live", {"knowing": "1"})
    assert status_of(peopled) == "open"


def test_no_pupils_no_going_live(wizard: Wizard, preparing: int) -> None:
    for key in FORMS:
        wizard.save(key)
    soup = wizard.browser.post("/setup/live", {"knowing": "1"}, 422).get_data(as_text=True)
    assert "名册" in soup and status_of(preparing) == "preparing"


def test_a_reason_does_not_replace_what_the_law_asks_for(filled: Wizard, peopled: int) -> None:
    for filing in ("icp", "security", "provider"):
        filled.save("privacy", **{filing: "", f"{filing}_reason": "正在办理"})
        answer = filled.browser.post("/setup/live", {"knowing": "1"}, 422).get_data(as_text=True)
        assert "正在办理" in answer and "还差" in answer
    assert status_of(peopled) == "preparing"


def test_yellow_is_carried_along_knowingly(filled: Wizard, peopled: int) -> None:
    answer = filled.browser.post("/setup/live", {}, 422).get_data(as_text=True)
    assert "「我知道还缺什么」请先勾选" in answer
    filled.browser.post("/setup/live", {"knowing": "1"})
    assert "待补" in filled.page("live").get_text()
    filled.browser.post("/setup/live", {"knowing": "1"}, 409)


def test_afterwards_the_steps_are_settings(filled: Wizard) -> None:
    filled.browser.post("/setup/live", {"knowing": "1"})
    soup = filled.page()
    assert soup.h1.get_text() == "学校设置" and soup.select_one(".hero") is None
    filled.save("identity", name="枫林实验小学")
    assert "枫林实验小学" in filled.page().get_text()


def test_the_action_checks_by_itself(preparing: int) -> None:
    teacher = Actor(1, "老师", preparing, frozenset({Role.TEACHER}))
    calls: list[Any] = [
        lambda: actions.set_stages(teacher, version=0, preset="primary", naming="long"),
        lambda: actions.keep_draft(teacher, step="look", version=0, typed={}),
        lambda: actions.open_doors(teacher),
    ]
    for call in calls:
        with pytest.raises(Exception, match="身份不能"), db.transaction(school_id=preparing):
            call()


def test_an_open_school_cannot_go_live_again(blank: str, school_id: int) -> None:
    with pytest.raises(Conflict), db.transaction(school_id=school_id):
        actions.open_doors(Actor.system(school_id), knowing=True)


def test_a_preparing_school_is_a_place_to_go(browser_of: BrowserOf, peopled: int) -> None:
    with db.transaction(read_only=True):
        assert open_schools() == [peopled]
    assert "枫林小学" in browser_of("admin").page("/choose").get_text()
