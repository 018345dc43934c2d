"""枫林小学, still preparing, with two administrators and a parent in their browsers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from campus import db
from campus.actor import Actor
from campus.identity import actions as identity
from campus.identity import passwords
from campus.permissions import Role
from campus.schools.actions import open_school
from tenants.people.employ import Duty, NewStaff, assign_staff, employ_staff
from tenants.people.enrol import (
    GuardianTie,
    NewPupil,
    enrol_pupils,
    join_guardians,
    link_guardians,
    open_classes,
)
from tests.factories import PASSWORD, sign_in
from tests.support.client import PageClient
from tests.support.empty_school import blank, school_id, today
from tests.support.seed import Person, SchoolSeed, Seed

__all__ = ["blank", "school_id", "today"]

SLUG = "fenglin"
PHONES = {"admin": "12000000201", "second": "12000000202", "guardian": "12000000203"}

IDENTITY = {
    "name": "枫林镇中心小学",
    "short_name": "枫林小学",
    "code": "2143000001",
    "school_type": "211",
    "urban": "121",
    "province": "43",
    "city": "某市",
    "county": "某县",
    "region_code": "",
}
STAGES = {"preset": "primary", "naming": "long", "first_grade": "", "last_grade": ""}
CALENDAR = {
    "year": "2026",
    "first_starts": "2026-09-01",
    "first_ends": "2027-01-29",
    "second_starts": "2027-02-22",
    "second_ends": "2027-07-09",
    "holiday": ["国庆", ""],
    "holiday_from": ["2026-10-01", ""],
    "holiday_to": ["2026-10-07", ""],
}
SUBJECTS = {
    "subject": ["语文", "数学", "", "音乐"],
    "place": ["1", "2", "3", "4"],
    "subject_id": [""] * 4,
}
LOOK = {"accent": "sky"}
PRIVACY = {
    "officer": "何主任",
    "officer_phone": "0731-00000000",
    "officer_email": "",
    "complaint": "教务处 0731-00000001，县教育局 0731-00000002",
    "icp": "湘ICP备00000001号-1",
    "icp_reason": "",
    "security": "43000000001-00001",
    "security_reason": "",
    "provider": "教APP备0000001号",
    "provider_reason": "",
    "user": "",
    "user_reason": "选用以后再向教育局备案",
}
FORMS: dict[str, dict[str, Any]] = {
    "identity": IDENTITY,
    "stages": STAGES,
    "calendar": CALENDAR,
    "subjects": SUBJECTS,
    "look": LOOK,
    "privacy": PRIVACY,
}


class Wizard:
    """The pages of the steps as one administrator sees them."""

    def __init__(self, browser: PageClient) -> None:
        self.browser = browser

    def page(self, step: str = "", status: int = 200) -> BeautifulSoup:
        """A page of the wizard."""
        return self.browser.page(f"/setup{f'/{step}' if step else ''}", status)

    def version(self, step: str) -> str:
        """The version a form carries."""
        field = self.page(step).find("input", attrs={"name": "version"})
        assert field is not None
        return str(field["value"])

    def save(self, step: str, status: int = 303, **changed: Any) -> BeautifulSoup:
        """Send a step as its page would, with these fields changed."""
        form = {"version": self.version(step), **FORMS[step], **changed}
        answer = self.browser.post(f"/setup/{step}", form, status)
        return BeautifulSoup(answer.get_data(), "html5lib")

    def errors(self, step: str, **changed: Any) -> str:
        """What a refused step says."""
        soup = self.save(step, 422, **changed)
        return " ".join(one.get_text(" ", strip=True) for one in soup.select(".error, .form-error"))


@pytest.fixture
def preparing(blank: str) -> int:
    """The school with two administrators; nothing of the wizard is done."""
    password_hash = passwords.hashed(PASSWORD)
    with db.transaction():
        school = open_school(
            Actor.system(), name="枫林小学", slug=SLUG, short_name="枫林", prepare=True
        )
        admins = [
            NewStaff("甄管理", PHONES["admin"], frozenset({Role.ADMIN})),
            NewStaff("贾管理", PHONES["second"], frozenset({Role.ADMIN})),
        ]
        employ_staff(Actor.system(school.id), admins, password_hash=password_hash)
        return school.id


@pytest.fixture
def peopled(preparing: int) -> int:
    """A class with its 班主任, a pupil and a parent who has joined."""
    password_hash = passwords.hashed(PASSWORD)
    with db.transaction(school_id=preparing):
        actor = Actor.system(preparing)
        [class_id] = open_classes(actor, [(2024, 2)]).values()
        [pupil] = enrol_pupils(
            actor,
            [NewPupil("童小童", class_id, 1, sex=1, birthday=date(2017, 5, 1))],
            starts_on=date(2026, 9, 1),
        )
        staff = employ_staff(actor, [NewStaff("甄管理", PHONES["admin"], frozenset({Role.ADMIN}))])
        assign_staff(actor, [Duty(staff[PHONES["admin"]], class_id)], starts_on=date(2026, 9, 1))
        link_guardians(actor, [GuardianTie(pupil, "童妈妈", PHONES["guardian"], "妈妈")])
        accounts = identity.register_accounts(
            {PHONES["guardian"]: "童妈妈"}, password_hash=password_hash
        )
        join_guardians(actor, accounts)
    return preparing


@pytest.fixture
def browser_of(app: Flask, preparing: int) -> Callable[[str], PageClient]:
    """browser_of("second"): signed in anew each time; browser_of("") is nobody."""
    seed = Seed({"f": SchoolSeed("f", SLUG, preparing)}, {})

    def enter(name: str) -> PageClient:
        if not name:
            return PageClient(app, seed, Person("anonymous", "f"))
        return PageClient(app, seed, sign_in(Person(name, "f", phone=PHONES[name])))

    return enter


@pytest.fixture
def wizard(browser_of: Callable[[str], PageClient]) -> Wizard:
    """The first administrator's pages."""
    return Wizard(browser_of("admin"))


@pytest.fixture
def filled(wizard: Wizard, peopled: int) -> Wizard:
    """Every step saved; only 使用者备案 is still to come."""
    for step in FORMS:
        wizard.save(step)
    return wizard
