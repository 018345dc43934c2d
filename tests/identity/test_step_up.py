"""Before a grave act one proves once more who one is, and what was typed goes on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from campus import clock, db
from campus.identity import totp
from campus.identity.factor_models import SecondFactor
from campus.identity.models import AccountSession
from tenants.oversight.models import Approval
from tests.authz import play
from tests.factories import PASSWORD
from tests.identity.test_totp import Clock, code_of, enrol
from tests.support.client import JSON, PageClient
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def form_of(answer: TestResponse) -> tuple[str, dict[str, str]]:
    """Where the page's one form goes, and what it holds hidden."""
    page = BeautifulSoup(answer.get_data(), "html5lib")
    [form] = page.find_all("form", attrs={"method": "post"})
    hidden = form.find_all("input", attrs={"type": "hidden"})
    return str(form["action"]), {str(one["name"]): str(one.get("value", "")) for one in hidden}


def send(browser: PageClient, answer: TestResponse, status: int, **more: str) -> TestResponse:
    """Fill in and send the form of a page."""
    action, held = form_of(answer)
    return browser.post(action, held | more, status)


def granted(seed: Seed) -> bool | None:
    school = seed.schools["a"]
    with db.transaction(school_id=school.id) as session:
        query = select(Approval.granted).where(Approval.id == school.ids["approval"])
        return session.scalars(query).one()


def decision(seed: Seed) -> str:
    return f"/approvals/{seed.schools['a'].ids['approval']}/decision"


def test_what_was_typed_goes_on(app: Flask, seed: Seed, fresh: str) -> None:
    """Refused, asked for the password, wrong once, right, and one press does what was wanted."""
    browser = play.stale(app, seed, "admin")
    asked = browser.post(decision(seed), {"answer": "yes"}, 403)
    again = send(browser, asked, 422, proof="wrong")
    ready = send(browser, again, 200, proof=PASSWORD)
    assert form_of(ready)[1]["answer"] == "yes"
    assert granted(seed) is None, "nothing happens before the press"
    send(browser, ready, 303)
    assert granted(seed) is True
    browser.post(f"/staff/{seed.schools['a'].ids['staff_disabled']}/leaving", status=303)


def test_who_has_a_second_step_gives_a_code(
    app: Flask, client_of: ClientOf, seed: Seed, fresh: str, time: Clock
) -> None:
    """The password is no proof then; a code is, once."""
    browser = client_of("admin")
    secret, _ = enrol(browser, time)
    time.on(60)
    with db.transaction() as session:
        long_ago = clock.now() - totp.STEPPED_UP
        session.execute(update(AccountSession).values(confirmed_at=long_ago))
    asked = browser.post(decision(seed), {"answer": "no"}, 403)
    send(browser, asked, 422, proof=PASSWORD)
    send(browser, send(browser, asked, 200, proof=code_of(secret, time)), 303)
    assert granted(seed) is False


def test_a_file_is_fetched_by_a_press(app: Flask, seed: Seed, fresh: str) -> None:
    """A file opens no page, so the page that asked does not stay behind as if nothing happened."""
    browser = play.stale(app, seed, "admin")
    door = browser.get("/staff/list.xlsx", 302).headers["Location"]
    ready = send(browser, browser.get(door), 200, proof=PASSWORD)
    link = BeautifulSoup(ready.get_data(), "html5lib").find("a", class_="btn")
    assert link["href"] == "/s/jiaxiao/staff/list.xlsx"
    assert "/approvals/ask" in browser.get("/staff/list.xlsx", 302).headers["Location"]


def test_a_program_is_told_and_can_prove_itself(app: Flask, seed: Seed, fresh: str) -> None:
    browser = play.stale(app, seed, "admin")
    told = browser.post(decision(seed), status=403, json={"answer": "yes"}, headers=JSON)
    assert told.mimetype == "application/problem+json"
    assert told.get_json()["type"] == "urn:campus:confirm-needed"
    place = told.get_json()["confirm"].removeprefix("/s/jiaxiao")
    wrong = browser.post(place, status=422, json={"proof": "wrong"}, headers=JSON)
    assert wrong.get_json()["errors"] == {"proof": "密码不对。"}
    browser.post(place, json={"proof": PASSWORD}, headers=JSON)
    browser.post(decision(seed), json={"answer": "yes"}, headers=JSON)
    assert granted(seed) is True


def test_an_open_screen_gets_no_second_step_of_a_stranger(
    app: Flask, seed: Seed, fresh: str
) -> None:
    """Whoever could begin one there would lock the owner out."""
    browser = play.stale(app, seed, "admin")
    browser.post("/me/two-step", status=403)
    with db.transaction(read_only=True) as session:
        assert session.get(SecondFactor, seed.people["admin"].account_id) is None


def test_who_may_not_is_not_asked(app: Flask, seed: Seed, fresh: str) -> None:
    """A teacher learns that it is not theirs, not that a password would help."""
    browser = play.stale(app, seed, "class_teacher")
    page = browser.post(decision(seed), {"answer": "yes"}, 403).get_data(as_text=True)
    assert "确认是您本人" not in page


def test_a_kept_form_goes_nowhere_else(app: Flask, seed: Seed, fresh: str) -> None:
    browser = play.stale(app, seed, "admin")
    for action in ("//evil.example/x", "https://evil.example/x"):
        held = f'{{"action": "{action}", "fields": []}}'
        answer = browser.post("/me/confirm", {"proof": PASSWORD, "kept": held})
        assert answer.headers["Location"].endswith("/choose")
