"""A lost password: a code from the class teacher, once, and never further than this school."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from campus import clock, db
from campus.errors import Conflict
from campus.identity.entry import authenticate_socket
from campus.permissions import Role
from campus.schools.actions import grant_roles
from tenants.onboarding.families import look, reset
from tenants.onboarding.families.models import ResetCode
from tests.factories import SECRET, Seed

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
