"""The inbox: one's own, counted without gaps, read one by one or all at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from campus import db
from tenants.messages import queries
from tenants.people import scope
from tenants.people.models import Enrollment
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


def test_nobody_is_chosen_beforehand(client_of: ClientOf) -> None:
    for who in ("class_teacher", "head", "admin"):
        page = client_of(who).page("/messages/announce")
        boxes = page.select("[name=class_id]")
        assert boxes and not [box for box in boxes if box.has_attr("checked")], who


def test_a_refused_notice_keeps_every_class(client_of: ClientOf, seed: Seed) -> None:
    ids = seed.schools["a"].ids
    both = [str(ids["class"]), str(ids["other_class"])]
    sent = {"class_id": both, "title": "长" * 61, "body": "带水"}
    answer = client_of("head").post("/messages/announce", sent, 422)
    page = BeautifulSoup(answer.get_data(), "html5lib")
    assert [box["value"] for box in page.select("[checked]")] == both


def test_what_is_not_filled_in_is_not_sent(client_of: ClientOf, seed: Seed) -> None:
    """A ready notice's 〔…〕 stop it by name; a document's number does not."""
    teacher, class_id = client_of("class_teacher"), seed.schools["a"].ids["class"]
    text = "〔日期〕在〔地点〕开家长会，〔日期〕前回复"
    for how in ({}, {"look": "1"}):
        sent = {"class_id": class_id, "title": "家长会", "body": text} | how
        answer = teacher.post("/messages/announce", sent, 422).get_data(as_text=True)
        assert "还有 2 处没有填：〔日期〕〔地点〕" in answer
    refused = announce(teacher, seed, 422, title="〔节日〕放假").get_json()
    assert set(refused["errors"]) == {"title"}
    assert "家长会" not in client_of("guardian").get("/messages").get_data(as_text=True)
    announce(teacher, seed, body="依据教基〔2025〕1 号")


def test_a_notice_is_looked_at_first(client_of: ClientOf, seed: Seed) -> None:
    """How many families, of which classes; nothing is sent, and nothing is lost on the way back."""
    teacher, class_id = client_of("class_teacher"), seed.schools["a"].ids["class"]
    form = teacher.page("/messages/announce").find("form", action=re.compile("announce"))
    assert [one.get("name") for one in form.find_all("button")] == ["look"]
    sent = {"class_id": class_id, "title": "春游", "body": "第一行\n第二行", "idempotency_key": "k"}
    looked = teacher.post("/messages/announce", sent | {"look": "1"}, 200)
    page = BeautifulSoup(looked.get_data(), "html5lib")
    words = page.get_text(" ", strip=True)
    reach = reach_now(seed, class_id)
    assert f"发给 1 个班，{reach.families} 个孩子的家里" in words
    assert f"{reach.people} 位家长会收到" in words and reach.classes[0].label in words
    assert "春游" not in client_of("guardian").get("/messages").get_data(as_text=True)
    held = {one["name"]: one["value"] for one in page.select("main form input") if one.get("value")}
    back = teacher.post("/messages/announce", held | {"change": "1"}, 200)
    again = BeautifulSoup(back.get_data(), "html5lib")
    assert again.find("textarea").get_text() == sent["body"]
    assert [box["value"] for box in again.select("[checked]")] == [str(class_id)]
    teacher.post("/messages/announce", held)
    assert "春游" in client_of("guardian").get("/messages").get_data(as_text=True)


def reach_now(seed: Seed, class_id: int) -> queries.Reach:
    """Whom a notice to one class reaches, and that the figures are those of the registry."""
    with db.transaction(school_id=seed.schools["a"].id, read_only=True):
        reach = queries.reach_of([class_id])
        [(pupils,)] = db.rows(
            select(func.count()).where(Enrollment.class_id == class_id, scope.current(Enrollment))
        )
    assert reach.classes[0].pupils == pupils
    assert 0 < reach.families <= pupils
    assert reach.unreached == pupils - reach.families
    return reach


@pytest.mark.parametrize("before", ["0", "-1", "x", "²", "9" * 30, "1%00"])
def test_odd_cursors(before: str, client_of: ClientOf) -> None:
    """Whatever stands in the address, the answer is a page; what nothing can hold is refused."""
    refused = "%00" in before
    client_of("guardian").get(f"/messages?before={before}", 422 if refused else 200)
