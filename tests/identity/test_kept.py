"""What travels through the sign-in page and the step-up: words, never a secret."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from flask import Flask

from campus.identity import kept
from tests.rules.source import ROOT

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
            name == "code" and Path(template).parent.name == "identity"
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
