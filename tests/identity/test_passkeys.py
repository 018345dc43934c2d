"""Passkeys: a device's own key opens the door; every dishonest answer is one refusal."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from campus import clock, db
from campus.config import Config
from campus.errors import InvalidInput
from campus.identity import challenges, party, passkeys, throttle, totp
from campus.identity.cli import set_password_hash
from campus.identity.models import Account, AccountEvent, AccountSession
from campus.identity.passkey_models import Passkey, PasskeyChallenge
from tests.factories import SECRET
from tests.support.authenticator import PRESENT, VERIFIED, Authenticator
from tests.support.client import JSON, PageClient
from tests.support.effort import examples
from tests.support.queries import counting
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]
HERE = "http://localhost"
pytestmark = pytest.mark.usefixtures("fresh", "address")


def question(browser: PageClient, at: str, status: int = 200) -> dict[str, Any]:
    return json.loads(browser.post(at, status=status, headers=JSON).get_data(as_text=True))


def added(client_of: ClientOf, who: str = "class_teacher") -> Authenticator:
    """A device whose passkey ``who`` has just added."""
    browser, device = client_of(who), Authenticator()
    answer = device.create(question(browser, "/me/passkeys/question"))
    browser.post("/me/passkeys", {"credential": answer, "name": "我的手机"})
    return device


def enter(client_of: ClientOf, device: Authenticator, status: int = 303, **lies: Any) -> Any:
    """Sign in at a fresh browser; the answer of the door."""
    browser = client_of("anonymous")
    asked = question(browser, "/login/passkey/question")
    browser.foreign = []
    return browser.post("/login/passkey", {"credential": device.get(asked, **lies)}, status)


def kept() -> Passkey:
    with db.transaction(read_only=True) as session:
        return session.scalars(select(Passkey).where(Passkey.name == "我的手机")).one()


def events(account_id: int) -> list[str]:
    with db.transaction(read_only=True) as session:
        found = select(AccountEvent.kind).filter_by(account_id=account_id)
        return list(session.scalars(found.order_by(AccountEvent.id)))


def test_add_and_sign_in(client_of: ClientOf, seed: Seed) -> None:
    teacher = seed.people["class_teacher"]
    page = client_of("class_teacher").page("/me/passkeys")
    assert page.find("form", attrs={"data-passkey": "create"}).has_attr("hidden")
    device = added(client_of)
    shown = client_of("class_teacher").page("/me/passkeys").get_text()
    assert "我的手机" in shown
    assert "还没用过" in shown
    answer = enter(client_of, device)
    assert answer.headers["Location"] == "/s/jiaxiao/"
    assert "sid=" in str(answer.headers)
    assert kept().used_at is not None
    assert kept().sign_count == 1
    assert events(teacher.account_id)[-2:] == ["passkey-added", "sign-in"]


def test_the_question_is_made_for_this_address_and_says_nothing_of_the_person(
    client_of: ClientOf, seed: Seed
) -> None:
    asked = question(client_of("class_teacher"), "/me/passkeys/question")
    assert asked["rp"]["id"] == "localhost"
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert seed.people["class_teacher"].phone not in json.dumps(asked)
    door = question(client_of("anonymous"), "/login/passkey/question")
    assert door["allowCredentials"] == [], "the door names nobody's passkeys"


def test_a_second_one_is_of_the_same_account_and_excludes_the_first(client_of: ClientOf) -> None:
    device = added(client_of)
    asked = question(client_of("class_teacher"), "/me/passkeys/question")
    assert len(asked["excludeCredentials"]) == 1
    assert (
        asked["user"]["id"]
        == question(client_of("class_teacher"), "/me/passkeys/question")["user"]["id"]
    )
    again = device.create(question(client_of("class_teacher"), "/me/passkeys/question"))
    form = {"credential": again, "name": "又一次"}
    page = client_of("class_teacher").post("/me/passkeys", form, 422).get_data(as_text=True)
    assert passkeys.ALREADY in page


OTHER = ec.generate_private_key(ec.SECP256R1())
LIES: dict[str, dict[str, Any]] = {
    "another site's page": {"origin": "https://evil.example"},
    "another site's key": {"rp": "evil.example"},
    "another question": {"challenge": "AAAA"},
    "an answer to adding": {"kind": "webauthn.create"},
    "unsigned": {"signature": b""},
    "signed by another key": {"key": OTHER},
    "nobody was there": {"flags": 0},
    "nobody's handle": {"handle": None},
    "another account's handle": {"handle": b"seed"},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_dishonest_answer_opens_nothing(client_of: ClientOf, lie: dict[str, Any]) -> None:
    device = added(client_of)
    answer = enter(client_of, device, 422, **lie)
    assert passkeys.REFUSED in answer.get_data(as_text=True)
    assert "sid=" not in str(answer.headers)
    enter(client_of, device)


@pytest.mark.parametrize(
    "lie",
    [{"origin": "https://evil.example"}, {"rp": "evil.example"}, {"challenge": "AAAA"},
     {"kind": "webauthn.get"}, {"flags": PRESENT}, {"flags": VERIFIED}],
    ids=str,
)  # fmt: skip
def test_a_dishonest_passkey_is_not_added(client_of: ClientOf, lie: dict[str, Any]) -> None:
    browser, device = client_of("class_teacher"), Authenticator()
    answer = device.create(question(browser, "/me/passkeys/question"), **lie)
    page = browser.post("/me/passkeys", {"credential": answer, "name": "假"}, 422)
    assert passkeys.NOT_ADDED in page.get_data(as_text=True)


def test_an_answer_works_once(client_of: ClientOf) -> None:
    device, browser = added(client_of), client_of("anonymous")
    browser.foreign = []
    answer = {"credential": device.get(question(browser, "/login/passkey/question"))}
    browser.post("/login/passkey", answer)
    browser.http.delete_cookie("sid")
    assert "再试一次" in browser.post("/login/passkey", answer, 422).get_data(as_text=True)
    other = client_of("class_teacher")
    made = {"credential": device.create(question(other, "/me/passkeys/question")), "name": "又"}
    other.post("/me/passkeys", made, 422)
    assert "再试一次" in other.post("/me/passkeys", made, 422).get_data(as_text=True)


def test_a_wrong_answer_ends_the_question_too(client_of: ClientOf) -> None:
    device, browser = added(client_of), client_of("anonymous")
    asked = question(browser, "/login/passkey/question")
    browser.post("/login/passkey", {"credential": device.get(asked, signature=b"")}, 422)
    browser.post("/login/passkey", {"credential": device.get(asked)}, 422)


def test_another_browser_s_question(client_of: ClientOf) -> None:
    """Caught on one device and played on another; and a question older than three minutes."""
    device, here, there = added(client_of), client_of("anonymous"), client_of("anonymous")
    asked = question(here, "/login/passkey/question")
    question(there, "/login/passkey/question")
    there.post("/login/passkey", {"credential": device.get(asked)}, 422)
    with db.transaction() as session:
        session.execute(update(PasskeyChallenge).values(expires_at=clock.now()))
    here.post("/login/passkey", {"credential": device.get(asked)}, 422)


def test_another_person_s_session_adds_nothing(client_of: ClientOf) -> None:
    asked = question(client_of("class_teacher"), "/me/passkeys/question")
    answer = {"credential": Authenticator().create(asked), "name": "别人的"}
    client_of("guardian").post("/me/passkeys", answer, 422)


@pytest.mark.parametrize(
    ("first", "then", "status"), [(5, 5, 422), (5, 4, 422), (5, 6, 303), (0, 0, 303)]
)
def test_a_counter_that_does_not_rise_is_a_copy(
    client_of: ClientOf, seed: Seed, first: int, then: int, status: int
) -> None:
    device = added(client_of)
    enter(client_of, device, counter=first)
    enter(client_of, device, status, counter=then)
    shown = client_of("class_teacher").page("/me/passkeys").get_text()
    assert ("可能被复制" in shown) == (status == 422)
    found = events(seed.people["class_teacher"].account_id)
    assert ("passkey-refused" in found) == (status == 422)


def test_an_unsigned_count_accuses_nobody(client_of: ClientOf) -> None:
    device = added(client_of)
    enter(client_of, device, counter=5)
    enter(client_of, device, 422, counter=1, key=OTHER)
    assert kept().suspect_at is None


@pytest.mark.parametrize("seen", [True, False])
def test_seen_by_the_device_it_is_two_factors(
    client_of: ClientOf, seed: Seed, seen: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has the second step is asked for the code only where the device saw nobody."""
    device, admin = added(client_of, "admin"), seed.actor("admin")
    monkeypatch.setattr(totp, "enrolled", lambda number: number == admin.account_id)
    device.verified = seen
    answer = enter(client_of, device, 303 if seen else 200)
    assert ("sid=" in str(answer.headers)) == seen
    assert ('name="pending"' in answer.get_data(as_text=True)) != seen


def test_the_code_after_an_unseen_passkey_opens(client_of: ClientOf, seed: Seed) -> None:
    device, browser = added(client_of, "admin"), client_of("admin")
    browser.post("/me/two-step")
    secret = browser.page("/me/two-step").find("code").get_text().replace(" ", "")
    browser.post("/me/two-step/confirmation", {"code": pyotp.TOTP(secret).now()}, 200)
    device.verified, door = False, client_of("anonymous")
    answer = {"credential": device.get(question(door, "/login/passkey/question"))}
    text = door.post("/login/passkey", answer, 200).get_data(as_text=True)
    pending = text.partition('name="pending" value="')[2].partition('"')[0]
    later = pyotp.TOTP(secret).at(clock.now() + timedelta(seconds=30))
    door.foreign = seed.foreign(seed.people["admin"])
    door.post("/login/code", {"pending": pending, "code": later})


def test_renamed_removed_and_never_anybody_else_s(client_of: ClientOf, seed: Seed) -> None:
    device, mine = added(client_of), client_of("class_teacher")
    place = f"/me/passkeys/{kept().id}"
    client_of("admin").post(place, {"name": "夺"}, 404)
    client_of("admin").post(f"{place}/removal", status=404)
    mine.post(place, {"name": ""}, 422)
    mine.post(place, {"name": "旧手机"})
    assert "旧手机" in mine.page("/me/passkeys").get_text()
    mine.post(f"{place}/removal")
    enter(client_of, device, 422)
    assert events(seed.people["class_teacher"].account_id)[-2:] == [
        "passkey-renamed",
        "passkey-removed",
    ]


def test_adding_asks_who_it_is(client_of: ClientOf) -> None:
    """A browser somebody left open is no place to plant a passkey."""
    with db.transaction() as session:
        session.execute(
            update(AccountSession).values(confirmed_at=clock.now() - timedelta(minutes=16))
        )
    browser = client_of("class_teacher")
    question(browser, "/me/passkeys/question", 403)
    answer = {"credential": Authenticator().create({"challenge": "AAAA", "user": {"id": "AAAA"}})}
    browser.post("/me/passkeys", answer | {"name": "偷"}, 403)
    assert "确认是我" in browser.page("/me/passkeys").get_text()


def test_ten_at_most(client_of: ClientOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passkeys, "MOST", 1)
    added(client_of)
    question(client_of("class_teacher"), "/me/passkeys/question", 409)


def test_a_reset_password_ends_them_and_a_disabled_account_has_none(
    client_of: ClientOf, seed: Seed
) -> None:
    device, number = added(client_of), seed.people["class_teacher"].account_id
    with db.transaction() as session:
        session.execute(update(Account).where(Account.id == number).values(disabled_at=clock.now()))
    enter(client_of, device, 422)
    with db.transaction() as session:
        session.execute(update(Account).where(Account.id == number).values(disabled_at=None))
    enter(client_of, device)
    with db.transaction():
        set_password_hash(number, "x")
    enter(client_of, device, 422)


def test_guessing_is_locked_out(client_of: ClientOf) -> None:
    device, browser = added(client_of), client_of("anonymous")
    for _ in range(throttle.PAIR):
        asked = question(browser, "/login/passkey/question")
        browser.post("/login/passkey", {"credential": device.get(asked, signature=b"")}, 422)
    asked = question(browser, "/login/passkey/question")
    refused = browser.post("/login/passkey", {"credential": device.get(asked)}, 429)
    assert refused.headers["Retry-After"]
    assert "15 分钟" in refused.get_data(as_text=True)


def test_questions_of_one_address_are_counted(
    client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(challenges, "ADDRESS", 2)
    for _ in range(2):
        question(client_of("anonymous"), "/login/passkey/question")
    question(client_of("anonymous"), "/login/passkey/question", 429)
    with db.transaction() as session:
        session.execute(update(PasskeyChallenge).values(expires_at=clock.now()))
    question(client_of("anonymous"), "/login/passkey/question")


PARTS = st.one_of(st.text(max_size=40), st.none(), st.integers(), st.binary(max_size=8).map(str))


@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.one_of(st.text(max_size=200), st.dictionaries(
    st.sampled_from(["id", "rawId", "type", "response"]),
    st.one_of(PARTS, st.dictionaries(st.sampled_from(
        ["clientDataJSON", "authenticatorData", "signature", "userHandle", "attestationObject"]
    ), PARTS)),
).map(json.dumps)))  # fmt: skip
def test_whatever_is_sent_is_one_refusal(answer: str) -> None:
    with pytest.raises(InvalidInput):
        passkeys.sign_in(
            answer,
            device="device",
            ip="127.0.0.1",
            user_agent="",
            party=party.Party("localhost", HERE),
            secret=SECRET,
        )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://campus.example", party.Party("campus.example", "https://campus.example")),
        ("https://Campus.example:443/", party.Party("campus.example", "https://campus.example")),
        (
            "https://campus.example:8443",
            party.Party("campus.example", "https://campus.example:8443"),
        ),
        ("", party.Party("localhost", "http://localhost:8000")),
        ("http://campus.example", None),
        ("https://192.0.2.7", None),
        ("http://127.0.0.1:8000", None),
    ],
)
def test_which_address_passkeys_are_made_for(url: str, expected: party.Party | None) -> None:
    assert party.party(Config(public_url=url)) == expected


def test_the_door_offers_it_only_at_that_address(app: Flask, client_of: ClientOf) -> None:
    browser = client_of("anonymous")
    form = browser.page("/login").find("form", attrs={"data-passkey": "get"})
    assert form.has_attr("hidden"), "the script shows it where the browser knows passkeys"
    there = browser.http.get("/login", base_url="http://127.0.0.1:8000").get_data(as_text=True)
    assert "data-passkey" not in there
    app.config["CAMPUS"] = replace(app.config["CAMPUS"], public_url="https://192.0.2.7")
    question(browser, "/login/passkey/question", 404)


@pytest.mark.parametrize(("path", "most"), [("/me/passkeys", 6), ("/me/phone", 6), ("/me", 10)])
def test_statements(path: str, most: int, client_of: ClientOf) -> None:
    added(client_of)
    browser = client_of("class_teacher")
    browser.get(path)
    with counting() as count:
        browser.get(path)
    assert len(count) <= most, str(count)
