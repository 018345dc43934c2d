"""Every form of every page, each field with what no person types: an answer, never a fault.

Forms are taken from the pages themselves, filled as a page fills them, and each answer is looked
at as a page; test_nasty.py goes by what views read. What such a request changes is of no interest
here; this module has a database of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask

from tests.authz import play, table
from tests.authz.table import Row
from tests.factories import Seed
from tests.support.client import PageClient

PAGES = [row for row in table.routes() if row.method == "GET" and 200 in row.expect.values()]
# Digits int() refuses, a number no column holds, a NUL, a sign, far too much of a wide letter.
NASTY = ("²", "9" * 4400, "a\0b", "-1", "𠮷" * 2000)
# They would end what the test itself stands on.
LAST_ACTS = re.compile(r"/(logout|leaving|end|password|two-step\w*|confirm|status)$")


def fields_of(form: Tag) -> dict[str, str]:
    """What a browser would send of a form, whatever button is pressed."""
    found: dict[str, str] = {}
    for one in form.find_all(["input", "select", "textarea"]):
        name = str(one.get("name") or "")
        if not name or name == "csrf_token" or one.get("type") == "file":
            continue
        if one.name == "select":
            option = one.find("option", selected=True) or one.find("option")
            found[name] = str(option.get("value", "")) if option else ""
        else:
            typed = one.get_text() if one.name == "textarea" else str(one.get("value") or "")
            found.setdefault(name, typed)
    return found


def forms_of(page: BeautifulSoup) -> Iterator[tuple[str, dict[str, str]]]:
    """(address, fields) of the forms that post, each address once."""
    seen: set[str] = set()
    for form in page.find_all("form", method="post"):
        action = str(form.get("action") or "")
        if action not in seen and not LAST_ACTS.search(action):
            seen.add(action)
            yield action, fields_of(form)


def asked(browser: PageClient, row: Row, seed: Seed) -> BeautifulSoup:
    response = play.ask(row, browser, "a", row.values(seed, "a"))
    return BeautifulSoup(response.get_data(), "html5lib")


@pytest.mark.parametrize("row", PAGES, ids=lambda row: row.rule)
def test_every_field_bears_everything(row: Row, app: Flask, seed: Seed, database: str) -> None:
    """A page of the table with its forms; status 500 and above fails in the client."""
    browser = play.client(app, seed, row.allowed()[-1] if row.allowed() else "anonymous")
    for action, fields in forms_of(asked(browser, row, seed)):
        for name in fields:
            for nasty in NASTY:
                browser.post(action, {**fields, name: nasty}, None, at="")
