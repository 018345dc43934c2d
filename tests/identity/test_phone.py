"""Another number to sign in with: proved by the password, nobody else's, known in every school."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from campus import audit, clock, db
from campus.errors import InvalidInput
from campus.identity import numbers, throttle
from campus.identity.actions import register_accounts
from campus.identity.entry import authenticate_socket
from campus.identity.models import Account, AccountEvent
from campus.identity.phone_models import PhoneChange
from campus.permissions import Role
from campus.schools.actions import grant_roles
from tenants.messages.models import Notification
from tenants.people.models import FormerPhone, Guardian, Guardianship
from tests.factories import PASSWORD, sign_in
from tests.support.client import PageClient
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]
NEW = "12000008887"
pytestmark = pytest.mark.usefixtures("fresh")


def change(client_of: ClientOf, status: int = 303, who: str = "guardian", **more: str) -> Any:
    form = {"phone": NEW, "current": PASSWORD} | more
    return client_of(who).post("/me/phone", form, status)


def login(client_of: ClientOf, phone: str, status: int = 303) -> str:
    form = {"account": phone, "password": PASSWORD}
    return client_of("anonymous").post("/login", form, status).get_data(as_text=True)


def rows(seed: Seed, school: str, *columns: Any) -> list[Any]:
    with db.transaction(school_id=seed.schools[school].id, read_only=True) as session:
        return list(session.execute(select(*columns)).all())


def also_in_b(seed: Seed) -> None:
    """The guardian of A has a child in B as well."""
    person, school = seed.people["guardian"], seed.schools["b"]
    with db.transaction(school_id=school.id) as session:
        made = Guardian(name="家长", phone=person.phone, account_id=person.account_id)
        session.add(made)
        session.flush()
        child = school.ids["child"]
        session.add(Guardianship(guardian_id=made.id, pupil_id=child, relation="妈妈"))
        grant_roles(seed.actor("admin_b"), account_ids=[person.account_id], roles=[Role.GUARDIAN])


def test_the_new_number_opens_and_the_old_does_not(client_of: ClientOf, seed: Seed) -> None:
    old = seed.people["guardian"].phone
    change(client_of)
    assert "我的" in client_of("guardian").page("/me").get_text(), "this session goes on"
    login(client_of, NEW)
    assert f"尾号 {NEW[-4:]}" in login(client_of, old, 422)
    wrong = {"account": old, "password": "something else"}
    told = client_of("anonymous").post("/login", wrong, 422).get_data(as_text=True)
    assert NEW[-4:] not in told, "only who knows the password is told"


def test_every_other_session_ends(client_of: ClientOf, seed: Seed) -> None:
    other = sign_in(replace(seed.people["guardian"]), "another-phone").token
    change(client_of)
    assert authenticate_socket({"campus.school": "jiaxiao", "HTTP_COOKIE": f"sid={other}"}) is None


def test_every_school_has_it_and_a_line_without_it(client_of: ClientOf, seed: Seed) -> None:
    also_in_b(seed)
    old, account = seed.people["guardian"].phone, seed.people["guardian"].account_id
    change(client_of)
    for school in seed.schools:
        phones = {
            row.account_id: row.phone
            for row in rows(seed, school, Guardian.account_id, Guardian.phone)
        }
        assert phones[account] == NEW
        assert [row.phone for row in rows(seed, school, FormerPhone.phone)] == [old]
        entry = audit.AuditEntry
        lines = rows(seed, school, entry.action, entry.object_id, entry.detail)
        assert ("identity.phone", account, {}) in [tuple(line) for line in lines]
        news = rows(seed, school, Notification.account_id, Notification.title, Notification.body)
        teacher = seed.people["class_teacher" if school == "a" else "class_teacher_b"].account_id
        told = [one for one in news if "换了手机号" in one.title]
        assert [one.account_id for one in told] == [teacher]
        assert NEW not in str(told)
    with db.transaction() as session:
        kinds = session.scalars(select(AccountEvent.kind).filter_by(account_id=account)).all()
    assert "phone" in kinds


@pytest.mark.parametrize("holder", ["account", "list", "kept"])
def test_a_number_of_somebody_else_s_is_refused_alike(
    client_of: ClientOf, seed: Seed, holder: str
) -> None:
    """An account's, a grandparent's in the school's list, one somebody changed lately."""
    if holder == "account":
        taken = seed.people["admin_b"].phone
    elif holder == "list":
        place = seed.schools["a"].ids["unjoined_guardian"]
        found = rows(seed, "a", Guardian.phone, Guardian.id)
        taken = next(row.phone for row in found if row.id == place)
    else:
        taken = seed.people["other_guardian"].phone
        change(client_of, who="other_guardian")
    page = change(client_of, 422, phone=taken).get_data(as_text=True)
    assert numbers.NOT_FREE in page
    login(client_of, seed.people["guardian"].phone)


def test_looking_for_numbers_is_slowed_like_guessing(client_of: ClientOf, seed: Seed) -> None:
    taken = seed.people["admin_b"].phone
    for _ in range(throttle.PAIR):
        change(client_of, 422, phone=taken)
    assert "15 分钟" in change(client_of, 429).get_data(as_text=True)


def test_the_password_is_asked(client_of: ClientOf, seed: Seed) -> None:
    assert "密码不对" in change(client_of, 422, current="not it").get_data(as_text=True)
    change(client_of, 422, phone="123")
    change(client_of, 422, phone=seed.people["guardian"].phone)


def test_back_again_within_a_month(client_of: ClientOf, seed: Seed) -> None:
    old, browser = seed.people["guardian"].phone, client_of("guardian")
    browser.post("/me/phone/undo", {"current": PASSWORD}, 409)
    change(client_of)
    assert "改回原来的号码" in browser.page("/me/phone").get_text()
    browser.post("/me/phone/undo", {"current": "not it"}, 422)
    browser.post("/me/phone/undo", {"current": PASSWORD})
    login(client_of, old)
    assert browser.page("/me/phone").find(id="back-current") is None
    with db.transaction():
        assert register_accounts({NEW: "别人"}), "the number given back is free"


def test_the_old_number_is_kept_for_a_month(client_of: ClientOf, seed: Seed) -> None:
    old = seed.people["guardian"].phone
    change(client_of)
    with db.transaction(), pytest.raises(InvalidInput):
        register_accounts({old: "别人"})
    with db.transaction() as session:
        session.execute(
            update(PhoneChange).values(changed_at=clock.now() - numbers.KEPT - timedelta(hours=1))
        )
    client_of("guardian").post("/me/phone/undo", {"current": PASSWORD}, 409)
    with db.transaction():
        register_accounts({old: "别人"})
    change(client_of, phone="12000008886")
    with db.transaction(read_only=True) as session:
        assert len(session.scalars(select(PhoneChange)).all()) == 1, "old changes are forgotten"


def test_a_number_that_stayed_with_a_merged_row_is_one_s_own(
    client_of: ClientOf, seed: Seed
) -> None:
    """The list had the mother twice; she joined with one number and now takes the other."""
    with db.transaction(school_id=seed.schools["a"].id) as session:
        session.add(Guardian(name="妈妈", phone=NEW))
    change(client_of)
    phones = [row.phone for row in rows(seed, "a", Guardian.phone)]
    assert phones.count(NEW) == 1
    assert seed.people["guardian"].phone in phones


def test_two_take_one_number_at_the_same_moment(
    client_of: ClientOf, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers, "free", lambda *_: True)
    page = change(client_of, 422, phone=seed.people["admin_b"].phone).get_data(as_text=True)
    assert numbers.NOT_FREE in page
    with db.transaction(read_only=True) as session:
        phone = session.scalar(
            select(Account.phone).where(Account.id == seed.people["guardian"].account_id)
        )
    assert phone == seed.people["guardian"].phone


def test_a_teacher_s_number_too(client_of: ClientOf, seed: Seed) -> None:
    old = seed.people["class_teacher"].phone
    change(client_of, who="class_teacher")
    [row] = rows(seed, "a", FormerPhone.phone, FormerPhone.staff_id)
    assert row.phone == old
    page = client_of("admin").page(f"/staff/{row.staff_id}").get_text()
    assert NEW[-4:] in page
