"""Every route × field × what nothing can hold: an answer, never a fault, and no page broken after.

The fields are found by watching: what a view asks for while it is played once is what it reads.
All failures are told together. What such requests change is of no interest, until at the end every
page is opened again: nothing that was let in may break one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from marshmallow import Schema
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.test import Client

from campus import forms, incoming, storage
from campus.identity import throttle
from campus.identity.entry import authenticate_socket
from campus.realtime.gate import PATH, Gate
from tests.authz import nasty, play, table
from tests.authz.table import PARAMETER, Row
from tests.factories import Seed
from tests.support.client import PageClient
from tests.support.effort import NIGHTLY
from tests.support.logs import last_error
from tests.support.memory_store import MemoryStore

ROLES = (
    *("admin", "head", "class_teacher", "subject_teacher", "other_teacher"),
    *("guardian", "other_guardian", "operator", "anonymous"),
)
REACHED = frozenset({200, 201, 204, 303, 409, 422, "away"})
# They would end what the walk itself stands on, so they come last.
LAST_ACTS = re.compile(r"/(logout|leaving|end|password|two-step|removal|status|live|confirmation)$")
FILES = {"file", "photo", "logo"}
# Headers and bodies are read by what all routes share; a few routes meet each of them.
WHOLE = {
    "GET /login",
    "POST /login",
    "GET /me",
    "GET /classes/<int:class_id>",
    "POST /classes/<int:class_id>/praise",
    "POST /setup/calendar",
    "POST /staff",
    "POST /join/<token>",
    "POST /csp-reports",
}
MOST_TOLD = 40
LEAST_FIELDS = 200


class Noted(ImmutableMultiDict[str, str]):
    """A form or a query that notes which names a view asks it for."""

    asked: set[str] = set()  # noqa: RUF012

    def get(self, key: Any, *more: Any, **options: Any) -> Any:
        """Note and answer."""
        Noted.asked.add(key)
        return super().get(key, *more, **options)

    def getlist(self, key: Any, *more: Any, **options: Any) -> Any:
        """Note and answer."""
        Noted.asked.add(key)
        return super().getlist(key, *more, **options)

    def __getitem__(self, key: Any) -> Any:
        Noted.asked.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: Any) -> bool:
        Noted.asked.add(key)
        return super().__contains__(key)


@dataclass
class Walk:
    """One role's way through the table; what failed is kept."""

    app: Flask
    seed: Seed
    failures: list[str] = field(default_factory=list)
    asked: int = 0

    def send(self, http: Client, what: str, method: str, path: str, **options: Any) -> None:
        """One request; a status of 500 or more is a failure."""
        self.asked += 1
        try:
            status = http.open(path, method=method, buffered=True, **options).status_code
        except Exception as error:  # it passed even the page of errors by
            status, told = 500, repr(error)
        else:
            told = ""
        if status >= 500:
            told = told or (last_error().strip().splitlines() or [""])[-1]
            self.failures.append(f"{method} {path[:80]} {what}: {status} {told[:300]}")


@dataclass
class Route:
    """A row of the table as one role asks for it: address, form and the fields that are read."""

    walk: Walk
    row: Row
    browser: PageClient
    base: str
    path: str
    form: dict[str, Any]
    names: list[str]

    def open(self, what: str, **options: Any) -> None:
        """Ask, with the token where something is sent."""
        headers = {"X-CSRF-Token": self.browser.token()} | options.pop("headers", {})
        path = options.pop("path", self.path)
        told = f"as {self.browser.person.name} {what}"
        self.walk.send(self.browser.http, told, self.row.method, path, headers=headers, **options)

    def fields(self) -> None:
        """Every field with every value: in the query, the form and JSON."""
        for name in self.names:
            for number, text in enumerate(nasty.TEXTS):
                # Pages cost most: a third of the answers is drawn, the others are problem details.
                headers = {"Accept": "text/html" if number % 3 == 0 else "application/json"}
                self.open(f"{name}={text[:12]!r}", headers=headers, **self.with_(name, text))
            if self.row.method == "GET":
                self.open(f"?{name} twice", query_string={name: ["1", "\0"]})
                continue
            self.open(f"{name} twice", data={**self.form, name: ["1", "2"]})
            for value in nasty.VALUES:
                body = json.dumps({**self.form, name: value})
                accept = {"Accept": "application/json"}
                what = f"JSON {name}={str(value)[:12]!r}"
                self.open(what, data=body, content_type="application/json", headers=accept)

    def few(self) -> None:
        """What shows that a further role, or a further route, meets the same."""
        for name in self.names:
            for text in nasty.FEW:
                self.open(f"{name}={text}", **self.with_(name, text))

    def with_(self, name: str, text: str) -> dict[str, Any]:
        """Where a text goes: behind the ?, or into the form."""
        if self.row.method == "GET":
            return {"query_string": {name: text}}
        return {"data": {**self.form, name: text}}

    def bodies(self) -> None:
        """Bodies that are not what they say."""
        for kind, data, headers in nasty.bodies(next(iter(self.names), "x")):
            self.open(f"body {kind} {data[:20]!r}", data=data, content_type=kind, headers=headers)

    def files(self) -> None:
        """Files that are none, where the view looks for one."""
        for name in FILES & set(self.names):
            for number, data in enumerate(nasty.files(name)):
                multipart = "multipart/form-data; boundary=b"
                self.open(f"file {name} {number}", data=data, content_type=multipart)

    def at_once(self) -> None:
        """All headers together."""
        self.open("headers", headers=nasty.together(), data=self.form or None)

    def headers(self) -> None:
        """Every header, on a browser that sends no cookie but what the header says."""
        sid = f"sid={self.browser.person.token or ''}; seed=x"
        bare = self.walk.app.test_client(use_cookies=False)
        for name, value in nasty.HEADERS:
            sent = {"Cookie": sid, "X-CSRF-Token": self.browser.token(), name: value}
            what = f"header {name}"
            self.walk.send(bare, what, self.row.method, self.path, headers=sent, data=self.form)

    def places(self) -> None:
        """Every part of the address."""
        for found in PARAMETER.finditer(self.row.rule):
            for place in nasty.PLACES:
                rule = self.row.rule.replace(found[0], place)
                path = PARAMETER.sub("1", rule)
                self.open("address", path=self.base + path, data=self.form or None)


def reaching(row: Row) -> list[str]:
    """The roles whose request gets as far as the view."""
    found = [name for name in ROLES if row.expect[name] in REACHED]
    return found or [name for name in ROLES if row.expect[name] == 404][:1]


def watched(row: Row, browser: PageClient, values: dict[str, Any]) -> list[str]:
    """Play a row once and name what its view read."""
    Noted.asked = set()
    play.ask(row, browser, "a", values)
    return sorted(name for name in Noted.asked - {"csrf_token"} if isinstance(name, str))


def ordered() -> list[Row]:
    return sorted(table.routes(), key=lambda row: bool(LAST_ACTS.search(row.rule)))


@pytest.fixture
def watching(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Note which fields views read; a store in memory; no lockout that hides what is behind."""
    monkeypatch.setattr(incoming.Incoming, "parameter_storage_class", Noted)
    loaded = forms.load

    def load(schema: type[Schema], *data: Any) -> dict[str, Any]:
        Noted.asked |= set(schema._declared_fields)
        return loaded(schema, *data)  # type: ignore[arg-type]

    monkeypatch.setattr(forms, "load", load)
    monkeypatch.setattr(storage, "_configured", [MemoryStore()])
    for name in ("PAIR", "PHONE", "ADDRESS"):
        monkeypatch.setattr(throttle, name, 10**9)


def routes(walk: Walk) -> Iterator[tuple[Route, bool]]:
    """Every row for every role that reaches it; whether it is the first role that does."""
    browsers = {name: play.client(walk.app, walk.seed, name) for name in ROLES}
    for row in ordered():
        names: list[str] = []
        for number, role in enumerate(reaching(row)):
            browser = browsers[role]
            if row.own_session:
                browser = play.client(walk.app, walk.seed, role, own_session=True)
            values = row.values(walk.seed, "a")
            if not number:
                names = sorted({*watched(row, browser, values), *(row.body or {})})
            base = "" if row.platform else f"/s/{walk.seed.schools['a'].slug}"
            form = row.form(walk.seed, "a")
            yield Route(walk, row, browser, base, base + row.path(values), form, names), number == 0


def test_no_input_is_a_fault(app: Flask, seed: Seed, database: str, watching: None) -> None:
    """One role meets every value, further ones a few; all of it in the night."""
    walk, fields = Walk(app, seed), 0
    for route, first in routes(walk):
        if not (first or NIGHTLY):
            route.few()
            continue
        fields += len(route.names)
        route.fields()
        route.places()
        route.files()
        route.at_once()
        if route.row.name in WHOLE or NIGHTLY:
            route.headers()
            route.bodies()
    open_all(walk)
    assert fields > LEAST_FIELDS, f"only {fields} fields found: is what views read still watched?"
    told = "\n".join(walk.failures[:MOST_TOLD])
    assert not walk.failures, f"{len(walk.failures)} of {walk.asked} requests:\n{told}"


def open_all(walk: Walk) -> None:
    """Every page of every role, after all that was let in."""
    for row in ordered():
        for role in reaching(row) if row.method == "GET" else ():
            browser = play.client(walk.app, walk.seed, role)
            base = "" if row.platform else f"/s/{walk.seed.schools['a'].slug}"
            path = base + row.path(row.values(walk.seed, "a"))
            walk.send(browser.http, f"afterwards, as {role}", "GET", path)


def test_no_handshake_is_a_fault(app: Flask, seed: Seed, database: str) -> None:
    """The gate of the sockets: every header and query is an answer, and none lets a stranger in."""
    token, answers = seed.people["guardian"].token, []
    asked = Gate(lambda *_: [b"in"], app.config["CAMPUS"], authenticate_socket)
    sent = [*nasty.HEADERS, *(("Cookie", f"sid={text}") for text in nasty.TEXTS)]
    for query in ("EIO=4&transport=websocket", *nasty.TEXTS):
        for name, value in (("Cookie", f"sid={token}"), *sent):
            environ = {
                "REQUEST_METHOD": "GET",
                "PATH_INFO": PATH,
                "QUERY_STRING": query,
                "campus.school": "jiaxiao",
                "HTTP_HOST": "localhost",
                "HTTP_ORIGIN": "http://localhost",
                "HTTP_UPGRADE": "websocket",
                f"HTTP_{name.upper().replace('-', '_')}": value,
            }
            got = asked(environ, lambda status, _: answers.append(status))
            assert (got == [b"in"]) is (value == f"sid={token}" and query[:3] == "EIO"), environ
    assert {one[:3] for one in answers} == {"400", "401", "403"}


def test_the_walk_sees_a_fault(seed: Seed) -> None:
    """One that never complains is none."""
    broken = Flask("broken")
    broken.add_url_rule("/", view_func=lambda: 1 // 0)
    walk = Walk(broken, seed)
    walk.send(broken.test_client(), "x", "GET", "/")
    assert "500" in walk.failures[0]
