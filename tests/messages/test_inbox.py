"""The inbox: one's own, counted without gaps, read one by one or all at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.client import JSON, PageClient
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]


@pytest.fixture(autouse=True)
def own(fresh: str) -> None:
    """Every test here changes inboxes."""


def announce(browser: PageClient, seed: Seed, status: int = 201, **more: Any) -> Any:
    data = {"class_id": seed.schools["a"].ids["class"], "title": "春游", "body": "请带水"} | more
    return browser.post("/messages/announce", data, status, headers=JSON)


def test_a_notice_reaches_the_class_and_nobody_else(client_of: ClientOf, seed: Seed) -> None:
    announce(client_of("class_teacher"), seed)
    for who in ("guardian", "other_guardian"):
        assert "春游" in client_of(who).get("/messages").get_data(as_text=True)
    for who in ("far_guardian", "guardian_b", "head"):
        assert "春游" not in client_of(who).get("/messages").get_data(as_text=True)


def test_the_same_notice_once(client_of: ClientOf, seed: Seed) -> None:
    browser = client_of("class_teacher")
    answers = [announce(browser, seed, idempotency_key="n1").get_json() for _ in range(2)]
    assert answers[0] == answers[1]
    page = client_of("guardian").page("/messages")
    assert page.get_text().count("春游") == 1
    announce(browser, seed, 409, idempotency_key="n1", title="别的")


def test_reading(client_of: ClientOf, seed: Seed) -> None:
    family = client_of("guardian")
    unread = len(family.page("/messages").select(".dot"))
    assert unread == 2
    family.post("/messages/1/read")
    assert len(family.page("/messages").select(".dot")) == unread - 1
    family.post("/messages/read")
    assert family.page("/messages").select(".dot") == []
    assert client_of("other_guardian").page("/messages").select(".dot"), "others' stay unread"


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": "  "},
        {"title": "长" * 61},
        {"body": "长" * 2001},
        {"class_id": ""},
        {"class_id": "x"},
    ],
    ids=lambda wrong: str(wrong)[:24],
)
def test_bad_input(wrong: dict[str, str], client_of: ClientOf, seed: Seed) -> None:
    """As problem details for the interface, and on the page with everything typed still there."""
    body = announce(client_of("class_teacher"), seed, 422, **wrong).get_json()
    assert set(body["errors"]) == set(wrong)
    data = {
        "class_id": seed.schools["a"].ids["class"],
        "title": "春游",
        "body": "要留下的话",
    } | wrong
    page = client_of("class_teacher").post("/messages/announce", data, 422).get_data(as_text=True)
    assert data["body"] in page


@pytest.mark.parametrize("before", ["0", "-1", "x", "²", "9" * 30, "1%00"])
def test_odd_cursors(before: str, client_of: ClientOf) -> None:
    """Whatever stands in the address, the answer is a page."""
    client_of("guardian").get(f"/messages?before={before}")
