"""The slips of colleagues' first passwords: who gets one, what it opens, and what it never does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from campus import clock, db
from campus.audit import AuditEntry
from campus.identity.cli import set_password_hash
from campus.identity.models import Account
from campus.permissions import Role
from campus.schools.actions import grant_roles
from tenants.families import codes, first
from tenants.families.models import ResetCode
from tenants.people.roles import leave_school
from tests.factories import SECRET, Seed
from tests.families.test_reset import NEW, send, staff_code
from tests.families.test_sheets import text_of
from tests.support.client import PageClient
from tests.support.queries import counting

ClientOf = Callable[[str], PageClient]
NEWCOMERS = ("other_teacher", "newcomer")


@pytest.fixture(autouse=True)
def without_passwords(own: None, seed: Seed) -> None:
    """Two teachers (the seed has one), the head and somebody of school b who never signed in."""
    people = [seed.people[who].account_id for who in ("other_teacher", "head", "class_teacher_b")]
    with db.transaction() as session:
        session.execute(update(Account).where(Account.id.in_(people)).values(password_hash=None))


def issued(seed: Seed) -> dict[int, str]:
    """Codes by account."""
    with db.transaction(school_id=seed.schools["a"].id):
        made, until = first.issue_first_codes(seed.actor("admin"), secret=SECRET)
    assert until > clock.now() + timedelta(days=6)
    return {one.account_id: short for one, short in made}


def accounts(seed: Seed, *who: str) -> set[int | None]:
    return {seed.people[one].account_id for one in who}


def test_from_the_page_to_the_teacher_s_own(seed: Seed, client_of: ClientOf, phone: Any) -> None:
    browser = client_of("admin")
    assert "2 位老师还没有设过密码" in browser.page("/staff").get_text()
    at = place_of(seed, "other_teacher")
    answer = browser.post("/staff/slips", status=200)
    assert answer.mimetype == "application/pdf"
    words = "".join(text_of(answer.get_data()))
    assert words.count("只能用一次") == 2
    own = seed.people["other_teacher"].phone
    assert own not in words, "who finds a slip lacks the number"
    printed = [word for word in words.split() if len(word) == 9 and word[4] == "-"]
    typed = printed[at]
    send(seed, phone, typed, phone=own)
    phone().post("/login", {"account": own, "password": NEW})
    send(seed, phone, typed, 422, phone=own)
    assert "1 位老师还没有设过密码" in browser.page("/staff").get_text()


def place_of(seed: Seed, who: str) -> int:
    """Which slip is whose: they lie in the order of names."""
    with db.transaction(school_id=seed.schools["a"].id):
        found = first.newcomers(seed.actor("admin"))
    return [one.account_id for one in found].index(seed.people[who].account_id or 0)


def test_who_gets_one(seed: Seed) -> None:
    """Not the head, nobody of another school, nobody with a password, nobody who left."""
    assert set(issued(seed)) == accounts(seed, *NEWCOMERS)
    with db.transaction(school_id=seed.schools["a"].id):
        leave_school(seed.actor("admin"), staff_id=seed.schools["a"].ids["staff_other_teacher"])
    assert set(issued(seed)) == accounts(seed, "newcomer")
    with db.transaction(school_id=seed.schools["b"].id):
        both = [seed.people["newcomer"].account_id]
        grant_roles(seed.actor("admin_b"), account_ids=both, roles=[Role.TEACHER])
    assert issued(seed) == {}


def test_printing_again_ends_the_earlier(seed: Seed, phone: Any) -> None:
    person = seed.people["other_teacher"]
    before, after = issued(seed)[person.account_id], issued(seed)[person.account_id]
    send(seed, phone, before, 422, phone=person.phone)
    send(seed, phone, after, phone=person.phone)


def test_one_given_by_hand_ends_the_slip(seed: Seed, phone: Any) -> None:
    person = seed.people["other_teacher"]
    slip, by_hand = issued(seed)[person.account_id], staff_code(seed)
    send(seed, phone, slip, 422, phone=person.phone)
    send(seed, phone, by_hand, phone=person.phone)


def test_a_slip_changes_no_password_somebody_has(seed: Seed, phone: Any) -> None:
    """Left in a drawer, it opens nothing once the teacher got in another way."""
    person = seed.people["other_teacher"]
    typed = issued(seed)[person.account_id]
    with db.transaction():
        set_password_hash(person.account_id, "another way")
    send(seed, phone, typed, 422, phone=person.phone)


def test_a_week_and_no_longer(seed: Seed, phone: Any) -> None:
    person = seed.people["other_teacher"]
    typed = issued(seed)[person.account_id]
    with db.transaction(school_id=seed.schools["a"].id) as session:
        moved = timedelta(days=6, hours=23)
        session.execute(
            update(ResetCode).values(
                created_at=ResetCode.created_at - moved, expires_at=ResetCode.expires_at - moved
            )
        )
    send(seed, phone, typed, phone=person.phone)
    other = issued(seed)[seed.people["newcomer"].account_id]
    with db.transaction(school_id=seed.schools["a"].id) as session:
        session.execute(update(ResetCode).values(expires_at=clock.now()))
    send(seed, phone, other, 422, phone=seed.people["newcomer"].phone)


def test_another_school_s_slip(seed: Seed, phone: Any) -> None:
    person = seed.people["other_teacher"]
    typed = issued(seed)[person.account_id]
    send(seed, phone, typed, 422, school="b", phone=person.phone)


def test_nobody_left_says_so(seed: Seed, client_of: ClientOf) -> None:
    with db.transaction() as session:
        session.execute(update(Account).values(password_hash="x"))
    browser = client_of("admin")
    assert "还没有设过密码" not in browser.page("/staff").get_text()
    browser.post("/staff/slips")
    assert "都设过密码了" in browser.page("/staff").select_one("#toasts").get_text()


def test_it_is_logged_without_a_code(seed: Seed) -> None:
    made = issued(seed)
    with db.transaction(school_id=seed.schools["a"].id) as session:
        query = select(AuditEntry).where(AuditEntry.action == "staff.first-codes")
        [line] = session.scalars(query)
        kept = session.scalar(
            select(func.count()).select_from(ResetCode).where(ResetCode.for_staff)
        )
    assert line.detail == {"staff": 2}
    assert kept == 2
    assert not any(codes.spaced(short) in str(line.detail) for short in made.values())


def test_as_many_statements_for_two_as_for_none(seed: Seed) -> None:
    with db.transaction(school_id=seed.schools["a"].id), counting() as count:
        first.issue_first_codes(seed.actor("admin"), secret=SECRET)
        db.session().flush()
    assert len(count) <= 3, str(count)
