"""A password by a code: from class teacher or administrator, once, never beyond the school."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import update

from campus import clock, db
from campus.errors import Conflict
from campus.identity.entry import authenticate_socket
from campus.identity.models import Account
from campus.permissions import Role
from campus.schools.actions import grant_roles
from tenants.families import look, reset
from tenants.families.models import ResetCode
from tenants.people.roles import leave_school
from tests.factories import SECRET, Seed
from tests.support.client import PageClient

NEW = "另一句自己想出来的话"


def code(seed: Seed, row: str = "guardian_row") -> str:
    ids = seed.schools["a"].ids
    with db.transaction(school_id=seed.schools["a"].id):
        return reset.issue_reset(
            seed.actor("class_teacher"), pupil_id=ids["child"], guardian_id=ids[row], secret=SECRET
        )[0]


def send(
    seed: Seed, door: Any, typed: str, status: int = 303, school: str = "a", **more: str
) -> Any:
    form = {"phone": seed.people["guardian"].phone, "code": typed, "new": NEW} | more
    return door(school).post("/reset", form, status)


def test_once_and_every_session_ends(seed: Seed, phone: Any) -> None:
    typed = code(seed)
    send(seed, phone, typed)
    environ = {"campus.school": "jiaxiao", "HTTP_COOKIE": f"sid={seed.people['guardian'].token}"}
    assert authenticate_socket(environ) is None
    send(seed, phone, typed, 422)
    form = {"account": seed.people["guardian"].phone, "password": NEW}
    phone().post("/login", form)


def test_a_newer_code_ends_the_older(seed: Seed, phone: Any) -> None:
    first, second = code(seed), code(seed)
    send(seed, phone, first, 422)
    send(seed, phone, second)


def test_a_day_and_one_s_own_number_and_school(seed: Seed, phone: Any) -> None:
    typed = code(seed)
    send(seed, phone, typed, 422, phone=seed.people["other_guardian"].phone)
    send(seed, phone, typed, 422, school="b")
    send(seed, phone, typed, 422, new="12345678")
    with db.transaction(school_id=seed.schools["a"].id) as session:
        session.execute(update(ResetCode).values(expires_at=clock.now() - timedelta(seconds=1)))
    send(seed, phone, typed, 422)


def test_guessing_is_slowed_down(seed: Seed, phone: Any) -> None:
    typed = code(seed)
    for _ in range(look.MISSES):
        send(seed, phone, "AAAA-AAAA", 422)
    send(seed, phone, typed, 429)


@pytest.mark.parametrize("where", ["a", "b"])
def test_not_for_staff_and_not_across_schools(seed: Seed, where: str) -> None:
    """A class teacher must not open a colleague's account, nor a child of another school."""
    role = Role.TEACHER if where == "a" else Role.GUARDIAN
    with db.transaction(school_id=seed.schools[where].id):
        grant_roles(
            seed.actor("admin" if where == "a" else "admin_b"),
            account_ids=[seed.people["guardian"].account_id],
            roles=[role],
        )
    with pytest.raises(Conflict):
        code(seed)


def test_not_for_who_has_not_joined(seed: Seed) -> None:
    with pytest.raises(Conflict):
        code(seed, "unjoined_guardian")


def staff_code(seed: Seed, who: str = "other_teacher") -> str:
    ids = seed.schools["a"].ids
    with db.transaction(school_id=seed.schools["a"].id):
        return reset.issue_for_staff(
            seed.actor("admin"), staff_id=ids[f"staff_{who}"], secret=SECRET
        )[0]


def test_a_colleague_sets_the_first_password(
    seed: Seed, phone: Any, client_of: Callable[[str], PageClient]
) -> None:
    """From the administrator's page to the teacher's own today."""
    with db.transaction() as session:
        account = Account.id == seed.people["other_teacher"].account_id
        session.execute(update(Account).where(account).values(password_hash=None))
    number = seed.schools["a"].ids["staff_other_teacher"]
    browser = client_of("admin")
    assert "登录密码" in browser.page(f"/staff/{number}").get_text()
    page = browser.post(f"/staff/{number}/reset-code", {}, 200).get_data(as_text=True)
    typed = BeautifulSoup(page, "html.parser").select_one(".short-code").get_text()
    own = seed.people["other_teacher"].phone
    send(seed, phone, typed, phone=own)
    phone().post("/login", {"account": own, "password": NEW})
    send(seed, phone, typed, 422, phone=own)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.HEAD])
@pytest.mark.parametrize("when", ["before", "after"])
def test_nobody_becomes_a_second_person(seed: Seed, phone: Any, role: Role, when: str) -> None:
    """One administrator could otherwise ask as themselves and agree as the other."""
    person = seed.people["other_teacher"]

    def promote() -> None:
        with db.transaction(school_id=seed.schools["a"].id):
            grant_roles(seed.actor("admin"), account_ids=[person.account_id], roles=[role])

    if when == "before":
        promote()
        with pytest.raises(Conflict):
            staff_code(seed)
        return
    typed = staff_code(seed)
    promote()
    send(seed, phone, typed, 422, phone=person.phone)


@pytest.mark.parametrize("who", ["head", "former_teacher"])
def test_not_for_the_head_nor_who_left(seed: Seed, who: str) -> None:
    if who == "former_teacher":
        with db.transaction(school_id=seed.schools["a"].id):
            number = seed.schools["a"].ids["staff_former_teacher"]
            leave_school(seed.actor("admin"), staff_id=number)
    with pytest.raises(Conflict):
        staff_code(seed, who)


def test_not_for_a_colleague_of_another_school_too(seed: Seed) -> None:
    account = seed.people["other_teacher"].account_id
    with db.transaction(school_id=seed.schools["b"].id):
        grant_roles(seed.actor("admin_b"), account_ids=[account], roles=[Role.TEACHER])
    with pytest.raises(Conflict):
        staff_code(seed)


def test_a_family_s_code_opens_no_colleague(seed: Seed, phone: Any) -> None:
    """The class teacher's code was made for a parent who has become a teacher since."""
    typed = code(seed)
    account = seed.people["guardian"].account_id
    with db.transaction(school_id=seed.schools["a"].id):
        grant_roles(seed.actor("admin"), account_ids=[account], roles=[Role.TEACHER])
    send(seed, phone, typed, 422)
