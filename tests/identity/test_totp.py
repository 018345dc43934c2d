"""The second step: on with a phone's code, asked for at the door, each code good once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select, update

from campus import clock, crypto, db
from campus.identity import totp
from campus.identity.factor_models import RecoveryCode, SecondFactor
from campus.identity.models import AccountSession
from tests.conftest import config_of
from tests.factories import PASSWORD
from tests.support.client import PageClient
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = clock.now()
        monkeypatch.setattr(totp.clock, "now", lambda: self.at)

    def on(self, seconds: int) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def code_of(secret: str, time: Clock) -> str:
    return pyotp.TOTP(secret).at(time.at)


def enrol(browser: PageClient, time: Clock) -> tuple[str, list[str]]:
    """Switch it on as a person would; the secret and the spare codes."""
    browser.post("/me/two-step")
    page = browser.page("/me/two-step")
    assert page.find("img", class_="qr")["src"].startswith("data:image/svg+xml")
    secret = page.find("code").get_text().replace(" ", "")
    browser.post("/me/two-step/confirmation", {"code": "000000"}, 422)
    answer = browser.post("/me/two-step/confirmation", {"code": code_of(secret, time)}, 200)
    spare = re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})</code>", answer.get_data(as_text=True))
    assert len(set(spare)) == 10
    return secret, spare


def at_the_door(client_of: ClientOf, seed: Seed, name: str = "admin") -> tuple[PageClient, str]:
    """Give the password; the browser and the proof of that."""
    browser = client_of("anonymous")
    form = {"account": seed.people[name].phone, "password": PASSWORD}
    answer = browser.post("/login", form, 200)
    assert "sid=" not in str(answer.headers), "no session before the code"
    found = re.search(r'name="pending" value="([^"]+)"', answer.get_data(as_text=True))
    assert found
    return browser, found[1]


def test_the_door_asks_for_the_code(
    client_of: ClientOf, seed: Seed, fresh: str, time: Clock
) -> None:
    secret, _ = enrol(client_of("admin"), time)
    browser, pending = at_the_door(client_of, seed)
    time.on(30)
    answer = browser.post("/login/code", {"pending": pending, "code": code_of(secret, time)})
    assert answer.headers["Location"] == "/s/jiaxiao/"
    browser.foreign = seed.foreign(seed.people["admin"])
    browser.get("/s/jiaxiao/today")


def test_no_code_works_twice(client_of: ClientOf, seed: Seed, fresh: str, time: Clock) -> None:
    secret, spare = enrol(client_of("admin"), time)
    time.on(60)
    code = code_of(secret, time)
    for one in (code, spare[0]):
        for status in (303, 422):
            browser, pending = at_the_door(client_of, seed)
            browser.post("/login/code", {"pending": pending, "code": one}, status)
    browser, pending = at_the_door(client_of, seed)
    browser.post("/login/code", {"pending": pending, "code": spare[1].upper().replace("-", " ")})


@pytest.mark.parametrize(("drift", "status"), [(-30, 303), (30, 303), (-90, 422), (90, 422)])
def test_a_phone_s_clock_may_be_half_a_minute_off(
    drift: int, status: int, client_of: ClientOf, seed: Seed, fresh: str, time: Clock
) -> None:
    secret, _ = enrol(client_of("admin"), time)
    time.on(300)
    code = pyotp.TOTP(secret).at(time.at + timedelta(seconds=drift))
    browser, pending = at_the_door(client_of, seed)
    browser.post("/login/code", {"pending": pending, "code": code}, status)


def test_guessing_is_locked_out(client_of: ClientOf, seed: Seed, fresh: str, time: Clock) -> None:
    secret, _ = enrol(client_of("admin"), time)
    time.on(60)
    browser, pending = at_the_door(client_of, seed)
    for _ in range(5):
        browser.post("/login/code", {"pending": pending, "code": "000000"}, 422)
    answer = browser.post("/login/code", {"pending": pending, "code": code_of(secret, time)}, 429)
    assert "15 分钟" in answer.get_data(as_text=True)


def test_the_proof_is_this_browser_s_alone(
    client_of: ClientOf, seed: Seed, fresh: str, time: Clock
) -> None:
    secret, _ = enrol(client_of("admin"), time)
    time.on(60)
    _, pending = at_the_door(client_of, seed)
    other = client_of("anonymous")
    code = {"pending": pending, "code": code_of(secret, time)}
    assert "重新登录" in other.post("/login/code", code, 422).get_data(as_text=True)
    other.post("/login/code", code | {"pending": pending[:-2] + "xx"}, 422)


def test_a_family_is_not_asked(client_of: ClientOf, seed: Seed, fresh: str) -> None:
    form = {"account": seed.people["guardian"].phone, "password": PASSWORD}
    client_of("anonymous").post("/login", form)
    assert "目前只有" in client_of("guardian").get("/me/two-step").get_data(as_text=True)


def test_the_secret_is_closed_in_the_database(
    client_of: ClientOf, seed: Seed, fresh: str, time: Clock
) -> None:
    secret, spare = enrol(client_of("admin"), time)
    account = seed.people["admin"].account_id
    with db.transaction() as session:
        row = session.get_one(SecondFactor, account)
        hashes = session.scalars(select(RecoveryCode.code_hash)).all()
    assert secret.encode() not in row.secret
    assert not any(
        code.replace("-", "").encode() in bytes(kept) for code in spare for kept in hashes
    )
    with pytest.raises(crypto.Unreadable):
        crypto.opened(
            crypto.Place(crypto.PLATFORM, "second_factor", account + 1, "secret"), row.secret
        )


def test_off_again_with_a_code(client_of: ClientOf, seed: Seed, fresh: str, time: Clock) -> None:
    browser = client_of("admin")
    secret, _ = enrol(browser, time)
    browser.post("/me/two-step", status=409)
    browser.post("/me/two-step/removal", {"code": "000000"}, 422)
    time.on(60)
    browser.post("/me/two-step/removal", {"code": code_of(secret, time)})
    client_of("anonymous").post(
        "/login", {"account": seed.people["admin"].phone, "password": PASSWORD}
    )


def test_step_up_lasts_a_quarter_of_an_hour(client_of: ClientOf, seed: Seed, fresh: str) -> None:
    admin = seed.actor("admin")

    def recent() -> bool:
        with db.transaction(read_only=True):
            return totp.stepped_up(admin)

    assert recent(), "who has just signed in need not prove it again"
    with db.transaction() as session:
        session.execute(
            update(AccountSession).values(confirmed_at=clock.now() - timedelta(minutes=16))
        )
    assert not recent()
    browser = client_of("admin")
    browser.post("/me/confirm", {"proof": "wrong", "next": "/s/jiaxiao/staff"}, 422)
    assert not recent()
    answer = browser.post("/me/confirm", {"proof": PASSWORD, "next": "/s/jiaxiao/staff"})
    assert answer.headers["Location"] == "/s/jiaxiao/staff"
    assert recent()
    away = browser.post("/me/confirm", {"proof": PASSWORD, "next": "//evil.example"})
    assert away.headers["Location"].startswith("/s/jiaxiao")


def test_where_it_is_required_nothing_opens_without(
    app: Flask, client_of: ClientOf, fresh: str, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "CAMPUS", replace(app.config["CAMPUS"], two_step="require"))
    admin = client_of("admin")
    assert "两步验证" in admin.get("/today", 403).get_data(as_text=True)
    client_of("operator").get("/operator/schools", 403, at="")
    client_of("class_teacher").get("/today")
    enrol(admin, time)
    admin.get("/today")


def test_required_in_production_alone() -> None:
    made = config_of()
    assert not made.two_step_required
    assert replace(made, environment="production").two_step_required
    assert not replace(made, environment="production", two_step="offer").two_step_required
