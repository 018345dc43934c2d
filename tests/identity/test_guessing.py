"""Guessing in parallel is no faster than one by one: a try is counted before it is made."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyotp
import pytest
from flask import Flask

from campus import clock, crypto, db
from campus.identity import throttle
from campus.identity.factor_models import SecondFactor
from tenants.families import codes, look
from tests.factories import PASSWORD, Seed
from tests.support.client import PageClient
from tests.support.databases import many

GUESSES = 40
WRONG, LATER = 422, 429


@pytest.fixture(autouse=True)
def at_a_time(fresh: str) -> Iterator[None]:
    """A database of one's own, and as many connections to it as a web process has."""
    with many():
        yield


def at_once(guess: Callable[[int], Any]) -> Counter[int]:
    """Forty guesses, each by a thread of its own, none before all are ready: status by number."""
    ready = threading.Barrier(GUESSES)

    def one(number: int) -> int:
        ready.wait()
        return int(guess(number).status_code)

    with ThreadPoolExecutor(GUESSES) as threads:
        return Counter(threads.map(one, range(GUESSES)))


def browsers(app: Flask, seed: Seed, name: str) -> list[PageClient]:
    return [PageClient(app, seed, seed.people[name]) for _ in range(GUESSES)]


def sent(browser: PageClient, path: str, form: dict[str, str]) -> Any:
    """A form with its token; the page that answers is looked at by other tests."""
    return browser.http.post(path, data={"csrf_token": browser.token(), **form})


def within(found: Counter[int], most: int) -> None:
    assert found[WRONG] <= most, found
    assert set(found) <= {WRONG, LATER}, found


def test_at_the_door(app: Flask, seed: Seed) -> None:
    """From one device five tries; then the right password waits too."""
    phone, everybody = seed.people["head"].phone, browsers(app, seed, "anonymous")
    for one in everybody:
        one.http.set_cookie("device", "one-device")

    def guess(number: int) -> Any:
        form = {"account": phone, "password": f"guess-{number}"}
        return sent(everybody[number], "/login", form)

    within(at_once(guess), throttle.PAIR)
    last = [guess(number).status_code for number in range(throttle.PAIR + 1)][-1]
    right = sent(everybody[0], "/login", {"account": phone, "password": PASSWORD})
    assert (last, right.status_code) == (LATER, LATER)


def test_at_the_door_from_everywhere(app: Flask, seed: Seed) -> None:
    phone, everybody = seed.people["head"].phone, browsers(app, seed, "anonymous")

    def guess(number: int) -> Any:
        form = {"account": phone, "password": f"guess-{number}"}
        return sent(everybody[number], "/login", form)

    within(at_once(guess), throttle.PHONE)


@pytest.mark.parametrize("coded", [False, True])
def test_at_an_open_screen(coded: bool, app: Flask, seed: Seed) -> None:
    """Counted by the session's own device: another cookie with every guess changes nothing."""
    if coded:
        enrol(seed.people["guardian"].account_id)
    everybody = browsers(app, seed, "guardian")

    def guess(number: int) -> Any:
        everybody[number].http.set_cookie("device", f"device-{number}")
        proof = {"proof": f"{number:06d}" if coded else f"guess-{number}"}
        return sent(everybody[number], "/s/jiaxiao/me/confirm", proof)

    within(at_once(guess), throttle.PAIR)


def enrol(account_id: int) -> None:
    place = crypto.Place(crypto.PLATFORM, "second_factor", account_id, "secret")
    secret = crypto.sealed(place, pyotp.random_base32())
    with db.transaction() as session:
        session.add(SecondFactor(account_id=account_id, secret=secret, confirmed_at=clock.now()))


def test_short_codes(app: Flask, seed: Seed) -> None:
    """Ten of one address in an hour, on both pages that take one, and codes for a password."""
    everybody = browsers(app, seed, "anonymous")

    def guess(number: int) -> Any:
        code = "AAAAAA" + "".join(codes.ALPHABET[part] for part in divmod(number, 8))
        if number % 2:
            return sent(everybody[number], "/s/jiaxiao/join", {"code": code})
        form = {"phone": "12000000009", "code": code, "new": "一句新的话吧，够长"}
        return sent(everybody[number], "/s/jiaxiao/reset", form)

    within(at_once(guess), look.MISSES)


def test_right_ones_are_not_counted(app: Flask, seed: Seed) -> None:
    """Forty people behind one address sign in at the same moment."""
    people = [seed.people["class_teacher"]] * GUESSES
    phones = [PageClient(app, seed, seed.people["anonymous"]) for _ in people]

    def enter(number: int) -> Any:
        form = {"account": people[number].phone, "password": PASSWORD}
        return sent(phones[number], "/login", form)

    assert at_once(enter) == {303: GUESSES}
