"""What travels through the sign-in page and the step-up: words, never a secret."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from campus.identity import kept
from tests.authz import play, table
from tests.factories import PASSWORD
from tests.rules.source import ROOT
from tests.support.client import PageClient
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]
# An input written out, or the macro: up to the end of the tag or of the expression.
FIELD = re.compile(r"<input[^>]*?\bname=\"(\w+)\"[^>]*>|field\('(\w+)'.*?\}\}")
MARKS = ('type="password"', "type='password'", "one-time-code")


def secret_fields() -> list[tuple[str, str]]:
    """(template, name) of every field that takes a password or a code of one's own."""
    return [
        (path.relative_to(ROOT).as_posix(), found[1] or found[2])
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for found in FIELD.finditer(path.read_text("utf-8"))
        if any(mark in found[0] for mark in MARKS)
    ]


def test_every_secret_of_every_template_is_left_out() -> None:
    fields = secret_fields()
    assert {"password", "new", "current", "proof", "code"} <= {name for _, name in fields}
    for template, name in fields:
        known = name in kept.SECRETS or (
            name == "code" and Path(template).parent.name in {"identity", "families"}
        )
        assert known, f"{template}: {name} would travel; add it to kept.SECRETS"


@pytest.mark.parametrize(
    ("address", "gone"),
    [
        ("/me/password", {"current", "new"}),
        ("/me/phone", {"current"}),
        ("/me/two-step/removal", {"code", "proof"}),
        ("/s/hejiatu/setup/identity", set()),
    ],
)
def test_packed_holds_words_and_no_secret(app: Flask, address: str, gone: set[str]) -> None:
    names = ("title", "code", "current", "new", "proof", "password")
    form = {name: f"typed-{name}" for name in names}
    with app.test_request_context(address, method="POST", data=form):
        held = json.loads(kept.packed())
    there = {name for name, _ in held["fields"]}
    assert "title" in there
    assert not there & (gone | kept.SECRETS)
    assert ("code" in there) == (address == "/s/hejiatu/setup/identity")


def test_a_secret_put_in_by_hand_is_not_drawn(app: Flask) -> None:
    text = json.dumps(
        {"action": "/me/password", "fields": [["new", "hunter2x"], ["title", "题目"]]}
    )
    with app.test_request_context("/"):
        drawn = str(kept.page(text))
    assert "题目" in drawn
    assert "hunter2x" not in drawn


def test_without_its_secret_a_form_is_filled_in_again(
    client_of: ClientOf, seed: Seed, database: str
) -> None:
    """After the sign-in the page itself comes back: there is nothing that could be sent."""
    browser, guardian = client_of("anonymous"), seed.people["guardian"]
    typed = {"current": "old-secret", "new": "new-secret"}
    door = browser.post(
        "/me/password", typed, 401, headers={"Referer": "http://localhost/s/jiaxiao/me/password"}
    )
    text = door.get_data(as_text=True)
    assert "old-secret" not in text and "new-secret" not in text
    held = BeautifulSoup(text, "html5lib").find("input", attrs={"name": "kept"})["value"]
    sent = {"account": guardian.phone, "password": PASSWORD, "kept": held}
    answer = browser.post("/login", sent, 303)
    assert answer.headers["Location"] == "/s/jiaxiao/me/password"


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example/", 7, ["/x"], {}])
def test_back_leads_nowhere_else(app: Flask, back: object) -> None:
    text = json.dumps({"action": "/me/password", "fields": [], "back": back})
    with app.test_request_context("/"):
        assert kept.page(text).headers["Location"] == "/choose"


def test_no_secret_comes_back_from_any_route(app: Flask, seed: Seed, database: str) -> None:
    """Whoever sends it, to whatever address: signed out, or before a step-up."""
    told = {}
    for row in table.routes():
        if row.method != "POST" or row.raw is not None:
            continue
        form = {name: f"hunter2-{name}" for name in (*kept.SECRETS, "words")}
        actor = next((who for who, answer in row.expect.items() if answer == 303), "admin")
        for browser in (play.client(app, seed, "anonymous"), play.stale(app, seed, actor)):
            base = "" if row.platform else "/s/jiaxiao"
            answer = browser.post(row.path(row.values(seed, "a")), form, None, at=base)
            found = [name for name in kept.SECRETS if f"hunter2-{name}" in str(answer.data)]
            if found:
                told[row.name] = found
    assert told == {}
