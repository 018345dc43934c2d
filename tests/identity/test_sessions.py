"""Sessions are rows: listed, ended one by one or all at once; an old cookie is dead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from campus import clock, db
from campus.actor import Actor
from campus.audit import AuditEntry
from campus.errors import Forbidden, NotFound
from campus.identity import actions, cli, throttle
from campus.identity.models import Account, AccountEvent, AccountSession
from campus.realtime.links import LINKS
from campus.schools.actions import end_membership
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


def test_guessing_in_the_password_form_is_stopped(client_of: ClientOf, seed: Seed) -> None:
    """A browser left open is no place to guess; another device of the person still works."""
    browser, other = client_of("guardian"), again(seed, "guardian", "tablet")
    for _ in range(throttle.PAIR):
        browser.post("/me/password", {"current": "not the one", "new": "秋水共长天一色呀"}, 422)
    right = {"current": PASSWORD, "new": "秋水共长天一色呀"}
    refused = browser.post("/me/password", right, 429)
    assert refused.headers["Retry-After"] == "900"
    assert "15 分钟" in refused.get_data(as_text=True)
    PageClient(browser.app, seed, other).post("/me/password", right, 200)


def test_an_account_is_disabled(client_of: ClientOf, seed: Seed) -> None:
    """Its sessions end at once, in every school; only the platform may."""
    teacher = client_of("class_teacher")
    teacher.get("/today")
    number = teacher.person.account_id
    with db.transaction():
        with pytest.raises(Forbidden):
            actions.disable_account(seed.actor("admin"), account_id=number)
        with pytest.raises(NotFound):
            actions.disable_account(Actor.system(), account_id=10**9)
        actions.disable_account(seed.actor("operator"), account_id=number)
        actions.disable_account(seed.actor("operator"), account_id=number)
    teacher.get("/today", 302)
    login = {"account": teacher.person.phone, "password": PASSWORD}
    client_of("anonymous").post("/login", login, 422)
    with db.transaction(read_only=True) as session:
        kinds = session.scalars(select(AccountEvent.kind).filter_by(account_id=number)).all()
    assert list(kinds).count("disabled") == 1


def test_an_account_is_disabled_from_a_shell(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "connected", lambda: None)
    phone = seed.people["class_teacher"].phone
    done = CliRunner().invoke(cli.commands, ["disable", phone])
    assert (done.exit_code, "已停用" in done.output) == (0, True)
    with db.transaction(read_only=True) as session:
        assert session.scalars(select(Account.disabled_at).filter_by(phone=phone)).one()


def test_a_membership_ends_in_one_school(client_of: ClientOf, seed: Seed) -> None:
    """The next request knows, the log says who did it, sockets are told; twice is not found."""
    teacher, school = client_of("class_teacher"), seed.schools["a"]
    number = teacher.person.account_id
    teacher.get("/today")
    with db.transaction(school_id=school.id):
        with pytest.raises(Forbidden):
            end_membership(seed.actor("head"), account_id=number)
        with pytest.raises(NotFound):
            end_membership(seed.actor("admin"), account_id=seed.people["head_b"].account_id)
    with db.transaction(school_id=school.id):
        end_membership(seed.actor("admin"), account_id=number)
    teacher.get("/today", 404)
    with db.transaction(school_id=school.id, read_only=True) as session:
        found = select(AuditEntry.account_id).filter_by(action="schools.end-membership")
        assert session.scalars(found).all() == [seed.people["admin"].account_id]
    with db.transaction(school_id=school.id), pytest.raises(NotFound):
        end_membership(seed.actor("admin"), account_id=number)


@pytest.mark.parametrize(
    ("change_rights", "whom"),
    [
        (
            lambda number: end_membership(Actor.system(), account_id=number),
            {"account_ids": frozenset, "school_id": int},
        ),
        (
            lambda number: actions.disable_account(Actor.system(), account_id=number),
            {"account_ids": frozenset, "school_id": type(None)},
        ),
    ],
    ids=["membership", "account"],
)
def test_sockets_are_cut_with_the_right(
    change_rights: Callable[[int], None], whom: dict[str, type], seed: Seed
) -> None:
    """After the commit and not before; how fast is tests/campus/realtime/test_revoke.py."""
    number = seed.people["class_teacher"].account_id
    before = LINKS.revocations
    with db.transaction(school_id=seed.schools["a"].id):
        change_rights(number)
        assert LINKS.revocations == before
    cut = LINKS._recent[-1]
    assert cut.account_ids == {number}
    assert {name: type(getattr(cut, name)) for name in whom} == whom


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
