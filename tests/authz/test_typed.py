"""A refused form comes back whole: every choice, every row, every word, but for what is secret.

Forms are taken from the pages themselves. Each is filled as a person would (all boxes ticked, the
last choice of each list, words in every empty place), one field is made wrong, and the page that
says so must hold the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask

from tests.authz import play, table
from tests.authz.table import Row
from tests.authz.test_hostile import LAST_ACTS
from tests.factories import Seed

Pair = tuple[str, str]
PAGES = [row for row in table.routes() if row.method == "GET" and 200 in row.expect.values()]
WRONG = ("长" * 5000, "²", "")
NOT_TYPED = {"csrf_token", "idempotency_key", "version", "seen", "token"}
SECRET = {"password", "file"}
USUAL = {"date": "2026-12-2{}", "tel": "1200000999{}", "numeric": "{}"}


def controls(form: Tag) -> list[Tag]:
    return [
        one
        for one in form.find_all(["input", "select", "textarea"])
        if one.get("name") and one.get("type") not in {"submit", "button", "image"}
    ]


def pairs(form: Tag, *, filled: bool) -> list[Pair]:
    """What a browser sends of a form: as served, or as somebody ``filled`` it."""
    last = {str(one["name"]): one for one in controls(form) if one.get("type") == "radio"}
    found: list[Pair] = []
    for number, one in enumerate(controls(form)):
        name, kind = str(one["name"]), str(one.get("type") or "text")
        if name in NOT_TYPED or kind in SECRET:
            continue
        if kind in {"radio", "checkbox"}:
            wanted = one is last.get(name) if kind == "radio" else True
            if wanted if filled else one.has_attr("checked"):
                found.append((name, str(one.get("value", "on"))))
        elif one.name == "select":
            options = one.find_all("option")
            chosen = [o for o in options if o.has_attr("selected")] or options[:1]
            if options:
                option = options[-1] if filled else chosen[0]
                found.append((name, str(option.get("value", option.get_text()))))
        else:
            held = one.get_text() if one.name == "textarea" else str(one.get("value") or "")
            if filled and not held and kind != "hidden":
                usual = USUAL.get(kind) or USUAL.get(str(one.get("inputmode"))) or "留下的字{}"
                held = usual.format(number % 8 + 1)
            found.append((name, held.strip()))
    return found


def repeated(form: Tag) -> set[str]:
    """Names that stand several times, but for the radios of one choice."""
    names = [
        str(one["name"]) for one in controls(form) if one.get("type") not in {"radio", "hidden"}
    ]
    return {name for name in names if names.count(name) > 1}


def text_fields(form: Tag) -> list[str]:
    """Names of fields one can write something wrong in, each once."""
    skip = {"radio", "checkbox", "hidden", "file", "password"}
    names = [str(one["name"]) for one in controls(form) if one.get("type") not in skip]
    return list(dict.fromkeys(names))


def spoilt(given: list[Pair]) -> Iterator[tuple[str, list[Pair]]]:
    """The form with one field wrong, in every way, the last of its name where it is repeated."""
    for wrong in WRONG:
        for name in dict.fromkeys(name for name, _ in given):
            at = max(place for place, pair in enumerate(given) if pair[0] == name)
            if given[at][1] != wrong:
                yield name, [*given[:at], (name, wrong), *given[at + 1 :]]


def forms_of(page: BeautifulSoup) -> list[Tag]:
    return [
        form
        for form in page.find_all("form", method="post")
        if text_fields(form) and not LAST_ACTS.search(str(form.get("action") or ""))
    ]


def same_form(page: BeautifulSoup, action: str) -> Tag | None:
    path = urlsplit(action).path
    found = page.find_all("form", method="post")
    return next((one for one in found if urlsplit(str(one.get("action"))).path == path), None)


@pytest.mark.parametrize("row", PAGES, ids=lambda row: row.rule)
def test_a_refused_form_keeps_what_was_typed(
    row: Row, app: Flask, seed: Seed, database: str
) -> None:
    actor = next(who for who, answer in row.expect.items() if answer == 200)
    browser = play.client(app, seed, actor)
    answer = play.ask(row, browser, "a", row.values(seed, "a"))
    page = BeautifulSoup(answer.get_data(), "html5lib")
    unkept = [
        str(form.get("action"))
        for form in page.find_all("form", method="post")
        if repeated(form) and not form.get("data-keep")
    ]
    assert unkept == [], "a form with repeated names says data-keep (static/base/keep.js)"
    lost: list[str] = []
    for form in forms_of(page):
        action = str(form.get("action") or row.path(row.values(seed, "a")))
        given = pairs(form, filled=True)
        for name, sent in spoilt(given):
            data: dict[str, list[str]] = {}
            for key, value in sent:
                data.setdefault(key, []).append(value)
            hidden = {
                str(one["name"]): str(one.get("value") or "")
                for one in controls(form)
                if one["name"] in NOT_TYPED - {"csrf_token"}
            }
            refused = browser.post(urlsplit(action).path, {**hidden, **data}, None, at="")
            if refused.status_code != 422 or refused.mimetype != "text/html":
                continue
            back = same_form(BeautifulSoup(refused.get_data(), "html5lib"), action)
            if back is None:
                continue
            held = pairs(back, filled=False)
            gone = [one for one in sent if one[0] != name and one[1] and one not in held]
            if gone:
                lost.append(f"{action} ({name} wrong): {gone}")
            break
    assert lost == []
