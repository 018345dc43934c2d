"""Every test here invites, joins or decides, so each has a copy of the two schools of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from campus import db
from tenants.families.invite import Issued, Place, issue_codes
from tests.factories import SECRET, Person, Seed
from tests.support.client import PageClient

NEW_PHONE, PASSWORD = "12000007777", "一句自己想出来的话"


@pytest.fixture(autouse=True)
def own(fresh: str) -> None:
    """A database of one's own."""


@pytest.fixture
def issue(seed: Seed) -> Callable[..., Issued]:
    """`issue("child", "unjoined_guardian")`: a code made by the class teacher."""

    def make(pupil: str = "child", guardian: str = "", school: str = "a") -> Issued:
        ids, tail = seed.schools[school].ids, "" if school == "a" else "_b"
        place = Place(ids[pupil], ids[guardian] if guardian else None)
        with db.transaction(school_id=seed.schools[school].id):
            return issue_codes(seed.actor(f"class_teacher{tail}"), places=[place], secret=SECRET)[0]

    return make


class Phone(PageClient):
    """A phone nobody has signed in on; it keeps the cookies it is given."""

    def __init__(self, app: Flask, seed: Seed, school: str = "a") -> None:
        super().__init__(app, seed, Person("phone", None))
        self.base = f"/s/{seed.schools[school].slug}"
        self.foreign = []

    def join(self, token: str, status: int = 303, **more: Any) -> Any:
        """Send the form of the page behind a QR."""
        data = {"phone": NEW_PHONE, "password": PASSWORD} | more
        return self.post(f"/join/{token}", data, status)

    def token(self) -> str:
        """The token of the page the phone really sees."""
        text = self.http.get(f"{self.base}/join").get_data(as_text=True)
        found = re.search(r'name="csrf-token" content="(\w+)"', text)
        assert found is not None
        return found[1]


@pytest.fixture
def phone(app: Flask, seed: Seed) -> Callable[..., Phone]:
    """`phone()`: somebody outside, at school A's address (or `phone("b")`)."""
    return lambda school="a": Phone(app, seed, school)
