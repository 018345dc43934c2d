"""Sessions are rows: listed, ended one by one or all at once; an old cookie is dead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from campus import clock, db
from campus.identity.models import Account, AccountSession
from campus.schools.models import Membership, School
from tests import factories
from tests.factories import PASSWORD
from tests.support.client import PageClient
from tests.support.seed import Person, Seed

ClientOf = Callable[[str], PageClient]


@pytest.fixture(autouse=True)
def own(fresh: str) -> None:
    """Every test here changes sessions."""


def again(seed: Seed, name: str, device: str) -> Person:
    """The same person on another device."""
    one = seed.people[name]
    twin = Person(one.name, one.school, one.account_id, phone=one.phone)
    return factories.sign_in(twin, device)


def change(model: type, where: object, **values: object) -> None:
    with db.transaction() as session:
        session.execute(update(model).where(where).values(**values))


def test_an_old_cookie_is_dead_after_logout(client_of: ClientOf, seed: Seed, app) -> None:
    """The cookie is kept, as a thief would, and played again."""
    browser = client_of("guardian")
    browser.get("/home")
    gone = browser.post("/logout")
    assert "sid=;" in gone.headers["Set-Cookie"]
    PageClient(app, seed, seed.people["guardian"]).get("/home", 302)


def test_devices_are_listed_and_ended_one_by_one(client_of: ClientOf, seed: Seed, app) -> None:
    other = again(seed, "guardian", "tablet")
    browser = client_of("guardian")
    page = browser.page("/me/devices")
    assert len(page.select("li.cell")) == 2
    assert "这一台" in page.get_text()
    browser.post(f"/me/devices/{other.session_id}/end")
    PageClient(app, seed, other).get("/home", 302)
    browser.get("/home")


def test_all_others_end_at_once(client_of: ClientOf, seed: Seed, app) -> None:
    others = [again(seed, "guardian", f"device {number}") for number in range(3)]
    browser = client_of("guardian")
    browser.post("/me/devices/end")
    for other in others:
        PageClient(app, seed, other).get("/home", 302)
    browser.get("/home")


def test_a_new_password_ends_every_other_session(client_of: ClientOf, seed: Seed, app) -> None:
    other, browser = again(seed, "guardian", "tablet"), client_of("guardian")
    browser.post("/me/password", {"current": PASSWORD, "new": "秋水共长天一色呀"}, 200)
    PageClient(app, seed, other).get("/home", 302)
    browser.get("/home")
    client_of("anonymous").post(
        "/login", {"account": other.phone, "password": "秋水共长天一色呀"}, 303
    )


def test_a_new_password_may_not_name_the_school(client_of: ClientOf) -> None:
    data = {"current": PASSWORD, "new": "我爱甲山小学的操场"}
    page = client_of("guardian").post("/me/password", data, 422)
    assert "不要包含" in page.get_data(as_text=True)


@pytest.mark.parametrize(
    "values",
    [{"ended_at": clock.now()}, {"idle_at": clock.now()}, {"expires_at": clock.now()}],
    ids=["ended", "idle", "expired"],
)
def test_a_session_s_three_ends(values: dict[str, object], client_of: ClientOf, seed: Seed) -> None:
    change(AccountSession, AccountSession.id == seed.people["guardian"].session_id, **values)
    client_of("guardian").get("/home", 302)


def test_rights_end_at_once(client_of: ClientOf, seed: Seed) -> None:
    """Membership, account, school: the very next request knows."""
    teacher, guardian = client_of("class_teacher"), client_of("guardian")
    teacher.get("/today")
    change(Membership, Membership.account_id == teacher.person.account_id, roles=["guardian"])
    teacher.get("/today", 403)
    change(Membership, Membership.account_id == teacher.person.account_id, ended_at=clock.now())
    teacher.get("/today", 404)
    change(Account, Account.id == guardian.person.account_id, disabled_at=clock.now())
    guardian.get("/home", 302)


def test_a_suspended_school_says_so(client_of: ClientOf, seed: Seed) -> None:
    change(School, School.id == seed.schools["a"].id, status="suspended")
    response = client_of("class_teacher").get("/today", 503)
    assert "暂停" in response.get_data(as_text=True)
    assert int(response.headers["Retry-After"]) > 0
    client_of("class_teacher_b").get("/today")


def test_use_keeps_a_session_awake(client_of: ClientOf, seed: Seed) -> None:
    """A family's phone stays signed in while it is used, within its longest time."""
    number = seed.people["guardian"].session_id
    soon = clock.now() + timedelta(hours=1)
    change(AccountSession, AccountSession.id == number, idle_at=soon)
    client_of("guardian").get("/home")
    with db.transaction(read_only=True) as session:
        idle = session.scalars(select(AccountSession.idle_at).filter_by(id=number)).one()
    assert idle > clock.now() + timedelta(days=13)


def test_only_a_hash_of_the_token_is_stored(seed: Seed) -> None:
    with db.transaction(read_only=True) as session:
        stored = str(session.execute(select(AccountSession.token_hash)).all())
    assert all(one.token not in stored for one in seed.people.values() if one.token)
