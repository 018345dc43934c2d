"""Step-up by passkey: who is signed in proves with their own key that they still sit there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import update

from campus import clock, db
from campus.identity import passkeys, throttle, totp
from campus.identity.models import AccountSession
from tests.identity.test_passkeys import OTHER, ClientOf, added, question
from tests.support.authenticator import Authenticator
from tests.support.client import PageClient
from tests.support.seed import Seed

pytestmark = pytest.mark.usefixtures("fresh", "address")
CONFIRM, QUESTION = "/me/confirm", "/me/passkeys/question?use=proof"


def long_ago() -> None:
    """Nobody has proved themselves lately."""
    with db.transaction() as session:
        session.execute(update(AccountSession).values(confirmed_at=clock.now() - totp.STEPPED_UP))


def step_up(browser: PageClient, device: Authenticator, status: int = 303, **lies: Any) -> Any:
    """Answer the page that asks once more, by a passkey."""
    answer = device.get(question(browser, QUESTION), **lies)
    return browser.post(CONFIRM, {"credential": answer, "next": "/s/a/me"}, status)


@pytest.mark.parametrize("named", [True, False])
def test_it_proves_once_more_who_one_is(client_of: ClientOf, named: bool) -> None:
    """Also a device that does not name the account again: it was asked for its own keys."""
    device, browser = added(client_of), client_of("class_teacher")
    long_ago()
    asked = question(browser, QUESTION)
    assert [one["id"] for one in asked["allowCredentials"]] == [
        json.loads(device.get(asked, counter=0))["id"]
    ]
    assert asked["userVerification"] == "required"
    browser.post("/me/passkeys/question", status=403)
    lies = {"counter": 5} if named else {"counter": 5, "handle": None}
    assert step_up(browser, device, **lies).headers["Location"] == "/s/a/me"
    browser.post("/me/passkeys/question", status=200)


def test_what_was_typed_goes_on_by_passkey(client_of: ClientOf) -> None:
    device, browser = added(client_of, "admin"), client_of("admin")
    long_ago()
    page = BeautifulSoup(browser.post("/me/two-step", status=403).get_data(), "html5lib")
    form = page.find("form", attrs={"data-passkey": "get"})
    held = {one["name"]: one.get("value", "") for one in form.find_all("input")}
    answer = device.get(question(browser, QUESTION))
    text = browser.post(CONFIRM, held | {"credential": answer}, 200).get_data(as_text=True)
    assert '/me/two-step"' in text.partition("<form")[2]


def test_a_key_beside_an_open_screen_proves_nothing(client_of: ClientOf) -> None:
    device, browser = added(client_of), client_of("class_teacher")
    device.verified = False
    long_ago()
    assert passkeys.NOT_IT in step_up(browser, device, 422).get_data(as_text=True)
    browser.post("/me/passkeys/question", status=403)


def test_another_s_passkey_or_session_proves_nothing(client_of: ClientOf, seed: Seed) -> None:
    mine, theirs = added(client_of), added(client_of, "admin")
    browser, other = client_of("class_teacher"), client_of("admin")
    long_ago()
    step_up(browser, theirs, 422)
    asked = question(browser, QUESTION)
    other.post(CONFIRM, {"credential": mine.get(asked)}, 422)
    other.post(CONFIRM, {"credential": theirs.get(asked)}, 422)
    client_of("head").post(QUESTION, status=409)
    for one in (browser, other):
        one.post("/me/passkeys/question", status=403)


def test_a_question_of_the_door_is_none_of_the_page(client_of: ClientOf) -> None:
    device, browser = added(client_of), client_of("class_teacher")
    long_ago()
    asked = question(browser, "/login/passkey/question")
    browser.post(CONFIRM, {"credential": device.get(asked)}, 422)
    asked = question(browser, QUESTION)
    answer = device.get(asked)
    browser.post(CONFIRM, {"credential": answer}, 303)
    browser.post(CONFIRM, {"credential": answer}, 422)


def test_guessing_a_proof_is_locked_out(client_of: ClientOf) -> None:
    device, browser = added(client_of), client_of("class_teacher")
    question(browser, "/login/passkey/question")  # the device is known by its cookie
    for _ in range(throttle.PAIR):
        step_up(browser, device, 422, key=OTHER)
    step_up(browser, device, 429)
