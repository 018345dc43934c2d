"""The door: who gets in, who is slowed, and that nobody is led elsewhere by it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from argon2 import PasswordHasher
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from campus import db
from campus.errors import InvalidInput, TooMany
from campus.identity import passwords, throttle
from campus.identity.models import Account, LoginFailure
from tests.factories import PASSWORD, SECRET
from tests.support.client import PageClient
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]


def sign_in(
    client: PageClient, phone: str, password: str = PASSWORD, status: int = 303, **more: str
):
    return client.post("/login", {"account": phone, "password": password, **more}, status)


def test_a_teacher_comes_in_and_lands_at_school(client_of: ClientOf, seed: Seed) -> None:
    browser, teacher = client_of("anonymous"), seed.people["class_teacher"]
    response = sign_in(browser, teacher.phone)
    assert response.headers["Location"] == "/s/jiaxiao/"
    cookies = [value for name, value in response.headers if name == "Set-Cookie"]
    assert all("HttpOnly" in one and "SameSite=Lax" in one for one in cookies)
    browser.foreign = seed.foreign(teacher)
    browser.get("/s/jiaxiao/today")


def test_the_form_s_own_token_works(client_of: ClientOf, seed: Seed) -> None:
    """With the token the page carries, not one the tests made."""
    browser = client_of("anonymous")
    browser.http.delete_cookie("seed")
    form = browser.page("/login").find("form")
    data = {one["name"]: one.get("value", "") for one in form.find_all("input")}
    data |= {"account": seed.people["guardian"].phone, "password": PASSWORD}
    assert browser.open("POST", "/login", 303, data=data).headers["Location"] == "/s/jiaxiao/home"


@pytest.mark.parametrize(
    ("phone", "password"),
    [("12000001002", "wrong password"), ("19999999999", PASSWORD), ("12000001006", PASSWORD)],
    ids=["wrong password", "unknown phone", "disabled account"],
)
def test_every_refusal_reads_the_same(phone: str, password: str, client_of: ClientOf) -> None:
    """Nobody learns here which phones have an account."""
    page = sign_in(client_of("anonymous"), phone, password, 422).get_data(as_text=True)
    soup = BeautifulSoup(page, "html5lib")
    assert "手机号或密码不对" in soup.get_text()
    assert password not in page


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "/%0d%0aSet-Cookie:x=1//",
        " //evil.example",
    ],
)
def test_no_open_redirect(address: str, client_of: ClientOf, seed: Seed) -> None:
    """`next` leads to our own pages or is ignored; a browser takes ///host for a host."""
    response = sign_in(client_of("anonymous"), seed.people["guardian"].phone, next=address)
    assert re.match(r"/(?![/\\])", response.headers["Location"]), response.headers["Location"]
    assert "\n" not in response.headers["Location"]


def test_what_was_typed_is_sent_to_no_one_else(client_of: ClientOf, seed: Seed) -> None:
    """The kept form names where it goes; it goes to us or nowhere."""
    for action in ("///evil.example", "//evil.example", "https://evil.example/", "/\\evil.example"):
        kept = json.dumps({"action": action, "fields": [["comment", "x"]]})
        response = sign_in(client_of("anonymous"), seed.people["guardian"].phone, kept=kept)
        assert response.headers["Location"] == "/choose"


def test_back_to_where_one_was(client_of: ClientOf, seed: Seed) -> None:
    browser, child = client_of("anonymous"), seed.schools["a"].ids["child"]
    wanted = f"/s/jiaxiao/children/{child}?area=moral"
    away = browser.get(wanted, 302).headers["Location"]
    page = browser.page(away)
    following = page.find("input", attrs={"name": "next"})["value"]
    response = sign_in(browser, seed.people["guardian"].phone, next=following)
    assert response.headers["Location"] == wanted


def test_nothing_typed_is_lost_when_the_session_ended(client_of: ClientOf, seed: Seed) -> None:
    """A form sent after the end: sign in, press once, and it is sent, token and all."""
    browser, ids = client_of("anonymous"), seed.schools["a"].ids
    words = "今天主动帮助同学打扫"
    typed = {"pupil_id": ids["child"], "area": "moral", "comment": words}
    page = browser.post(f"/s/jiaxiao/classes/{ids['class']}/praise", typed, 401).get_data(
        as_text=True
    )
    kept = BeautifulSoup(page, "html5lib").find("input", attrs={"name": "kept"})["value"]
    assert words in json.loads(kept)["fields"][-1]
    teacher = seed.people["class_teacher"]
    response = sign_in(browser, teacher.phone, status=200, kept=kept)
    form = BeautifulSoup(response.get_data(), "html5lib").find("form")
    data = {one["name"]: one["value"] for one in form.find_all("input")}
    assert data["comment"] == words
    browser.foreign = seed.foreign(teacher)
    browser.open("POST", form["action"], 303, data=data)


def attempt(number: int, device: str = "", phone: str = "") -> throttle.Attempt:
    return throttle.Attempt(phone or f"13{number:09d}", device or f"device-{number}", "10.0.0.1")


def tried(one: throttle.Attempt, *, wrong: bool) -> bool:
    """One try as sign_in makes it; whether it was let through to the password."""
    try:
        with throttle.counted(one, SECRET):
            if wrong:
                raise InvalidInput({"password": "not the one"})
    except TooMany:
        return False
    except InvalidInput:
        return True
    return True


def test_eight_hundred_people_behind_one_address(fresh: str) -> None:
    """Monday 7:50: 800 phones sign in from the school's one address, 200 mistype first. Nobody
    who is right is turned away (reliability.md §4.30)."""
    for number in range(800):
        if number % 4 == 0:
            assert tried(attempt(number), wrong=True), number
        assert tried(attempt(number), wrong=False), number


def test_five_wrong_tries_lock_that_phone_on_that_device(fresh: str) -> None:
    assert all(tried(attempt(1), wrong=True) for _ in range(throttle.PAIR))
    assert not tried(attempt(1), wrong=False)
    assert tried(attempt(1, device="another phone"), wrong=False)
    assert tried(attempt(2, device="device-1"), wrong=False)


def test_guessing_from_everywhere_locks_strangers_not_the_owner(fresh: str, seed: Seed) -> None:
    """Twenty wrong tries from twenty devices; the phone that signed in before still may."""
    phone = seed.people["class_teacher"].phone
    for number in range(throttle.PHONE):
        assert tried(attempt(number, phone=phone), wrong=True)
    assert not tried(attempt(99, phone=phone), wrong=False)
    assert tried(attempt(1, device="device-class_teacher", phone=phone), wrong=False)


def test_the_failure_log_holds_no_phone(client_of: ClientOf, fresh: str, seed: Seed) -> None:
    phone = seed.people["head"].phone
    sign_in(client_of("anonymous"), phone, "not the one", 422)
    with db.transaction(read_only=True) as session:
        rows = session.execute(select(LoginFailure.phone_hash, LoginFailure.device_key)).all()
    assert rows
    assert phone not in str(rows)


def test_a_lockout_says_how_long(client_of: ClientOf, fresh: str, seed: Seed) -> None:
    browser = client_of("anonymous")
    browser.http.set_cookie("device", "one-device")
    for _ in range(throttle.PAIR):
        sign_in(browser, seed.people["head"].phone, "not the one", 422)
    response = sign_in(browser, seed.people["head"].phone, status=429)
    assert response.headers["Retry-After"] == "900"
    assert "15 分钟" in response.get_data(as_text=True)


@pytest.mark.parametrize(
    ("password", "good"),
    [
        ("seven77", False),
        ("password", False),
        ("12345678", False),
        ("aaaaaaaaaa", False),
        ("a" * 129, False),
        ("我的电话是13812345678", False),
        ("王小明的密码呀", False),
        ("落霞与孤鹜齐飞", False),
        ("秋水共长天一色呀", True),
        ("correct horse", True),
        ("no-Upper-needed", True),
    ],
)
def test_passwords_are_judged_without_theatre(password: str, good: bool) -> None:
    """Length counts; common ones and one's own name, phone or school are refused."""
    assert (passwords.weakness(password, ("13812345678", "王小明")) is None) is good


def test_hashes_are_argon2id_and_nobody_costs_as_much(
    monkeypatch: pytest.MonkeyPatch, real_hasher: PasswordHasher
) -> None:
    monkeypatch.setattr(passwords, "_hasher", real_hasher)
    one = passwords.hashed(PASSWORD)
    assert one.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert passwords.matches(one, PASSWORD)
    assert not passwords.matches(one, PASSWORD + " ")
    assert not passwords.matches(None, PASSWORD)
    assert not passwords.matches("broken", PASSWORD)


def test_no_password_is_stored_or_shown(database: str) -> None:
    with db.transaction(read_only=True) as session:
        hashes = session.scalars(select(func.distinct(Account.password_hash))).all()
    assert all(one is None or one.startswith("$argon2id$") for one in hashes)
