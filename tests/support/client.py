"""A client that looks at every page it gets, and for other people's canaries in every answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.test import TestResponse

from campus import csrf
from tests.factories import Person, Seed
from tests.support.canary import assert_clean, header_text
from tests.support.logs import last_error
from tests.support.pages import problems

SEED = "seed-of-the-test-client"
JSON = {"Accept": "application/json"}
FRAGMENT = {"HX-Request": "true"}


class PageClient:
    """One person's browser. Addresses are inside their school unless they begin with ``/s/``.

    ``get`` expects 200, ``post`` expects 303 unless told; ``status=None`` takes any but 5xx.
    """

    def __init__(self, app: Flask, seed: Seed, person: Person) -> None:
        self.app, self.seed, self.person = app, seed, person
        self.base = f"/s/{seed.schools[person.school].slug}" if person.school else ""
        self.http = app.test_client()
        self.foreign = seed.foreign(person)
        if person.token:
            self.http.set_cookie("sid", person.token)
        else:
            self.http.set_cookie("seed", SEED)

    def get(self, path: str, status: int | None = 200, **options: Any) -> TestResponse:
        """Open an address."""
        return self.open("GET", path, status, **options)

    def post(
        self,
        path: str,
        data: Mapping[str, Any] | None = None,
        status: int | None = 303,
        **options: Any,
    ) -> TestResponse:
        """Send a form, with its token."""
        if "json" in options:
            options["headers"] = {"X-CSRF-Token": self.token(), **options.get("headers", {})}
        else:
            options["data"] = {"csrf_token": self.token(), **(data or {})}
        return self.open("POST", path, status, **options)

    def open(
        self, method: str, path: str, status: int | None, at: str | None = None, **options: Any
    ) -> TestResponse:
        """One request; ``at`` replaces the school's prefix ("" for none)."""
        base = self.base if at is None else at
        address = path if path.startswith("/s/") else base + path
        response = self.http.open(address, method=method, buffered=True, **options)
        self.check(response, f"{self.person.name} {method} {address}")
        if status is None:
            assert response.status_code < 500, f"{address}: {response.status_code} {last_error()}"
        else:
            assert response.status_code == status, (
                f"{self.person.name} {method} {address}: {response.status_code} instead of "
                f"{status}: {words(response)[:300]} {last_error()}"
            )
        return response

    def check(self, response: TestResponse, what: str) -> None:
        """Fail on a bad page and on a foreign canary."""
        found = problems(response)
        assert not found, f"{what} ({response.status_code}): {'; '.join(found)}"
        assert_clean(what, response.get_data(), self.foreign)
        assert_clean(f"headers of {what}", header_text(list(response.headers)), self.foreign)

    def token(self) -> str:
        """A CSRF token as a page of this person would carry it."""
        settings = self.app.config["CAMPUS"]
        salt = "0123456789abcdef"
        return salt + csrf._sign(salt, settings.secret_key, self.person.token or SEED)

    def page(self, path: str, status: int = 200, **options: Any) -> BeautifulSoup:
        """Open an address and parse it."""
        return BeautifulSoup(self.get(path, status, **options).get_data(), "html5lib")


def words(response: TestResponse) -> str:
    """What a person reads on the page, for messages of failed tests."""
    if response.mimetype == "text/html":
        return BeautifulSoup(response.get_data(), "html5lib").get_text(" ", strip=True)
    return response.get_data(as_text=True)
