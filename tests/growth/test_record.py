"""The growth record: a cursor that misses nothing, pages that never compare children."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from campus import db
from campus.audit import AuditEntry
from tenants.classes.actions import award_praise
from tests.support.client import PageClient
from tests.support.queries import counting
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]
LOOKS = select(AuditEntry.object_id).where(AuditEntry.action == "look")


@pytest.fixture(autouse=True)
def own(fresh: str) -> None:
    """Every test here writes records."""


def praise(seed: Seed, text: str, area: str = "study") -> None:
    ids = seed.schools["a"].ids
    with db.transaction(school_id=seed.schools["a"].id):
        award_praise(
            seed.actor("class_teacher"),
            class_id=ids["class"],
            pupil_ids=[ids["child"], ids["classmate"]],
            area=area,
            text=text,
        )


def test_catching_up_equals_reading_anew(client_of: ClientOf, seed: Seed) -> None:
    """A phone that was away gets exactly what the page would show, in order, once."""
    family, child = client_of("guardian"), seed.schools["a"].ids["child"]
    path = f"/children/{child}/changes"
    cursor = int(family.get(path).headers["X-Cursor"])
    for number in range(3):
        praise(seed, f"第{number}件事")
    got = family.get(f"{path}?since={cursor}")
    assert re.findall(r"第\d件事", got.get_data(as_text=True)) == ["第0件事", "第1件事", "第2件事"]
    assert int(got.headers["X-Cursor"]) == cursor + 3
    assert "第0件事" not in family.get(f"{path}?since={cursor + 3}").get_data(as_text=True)


@pytest.mark.parametrize("since", ["", "-1", "x", "²", "9" * 30, "1.5"])
def test_odd_cursors(since: str, client_of: ClientOf, seed: Seed) -> None:
    client_of("guardian").get(f"/children/{seed.schools['a'].ids['child']}/changes?since={since}")


@pytest.mark.parametrize(
    "query", ["area=study", "area=%27--", "before=x", "before=2026-01-01", "before=9999999"]
)
def test_odd_filters(query: str, client_of: ClientOf, seed: Seed) -> None:
    client_of("guardian").get(f"/children/{seed.schools['a'].ids['child']}?{query}")


def test_areas_filter(client_of: ClientOf, seed: Seed) -> None:
    praise(seed, "课上提问", "study")
    path, family = f"/children/{seed.schools['a'].ids['child']}", client_of("guardian")
    assert "课上提问" in family.get(f"{path}?area=study").get_data(as_text=True)
    assert "课上提问" not in family.get(f"{path}?area=art").get_data(as_text=True)


def test_a_teacher_s_look_is_logged(client_of: ClientOf, seed: Seed) -> None:
    """儿童个人信息网络保护规定 art. 15: who opened a child's file is written down."""
    child, school = seed.schools["a"].ids["child"], seed.schools["a"].id
    client_of("head").get(f"/pupils/{child}")
    with db.transaction(school_id=school):
        rows = db.rows(LOOKS)
    assert [row.object_id for row in rows] == [child]


def test_what_is_written_is_escaped(client_of: ClientOf, seed: Seed) -> None:
    praise(seed, "<script>alert(1)</script><b onclick=x>粗</b>")
    for page in (client_of("guardian").get("/home"), client_of("guardian").get("/messages")):
        assert "<script>alert" not in page.get_data(as_text=True)


@pytest.mark.parametrize(
    ("who", "path", "most"),
    [
        ("guardian", "/home", 10),
        ("guardian", "/messages", 6),
        ("class_teacher", "/today", 8),
        ("class_teacher", "/pupils/{child}", 16),
        ("guardian", "/children/{child}", 8),
        ("head", "/classes", 6),
    ],
)
def test_statements(who: str, path: str, most: int, client_of: ClientOf, seed: Seed) -> None:
    """A page's round trips, BEGIN and COMMIT among them; more records add none."""
    browser, address = client_of(who), path.format(**seed.schools["a"].ids)
    browser.get(address)
    with counting() as few:
        browser.get(address)
    assert len(few) <= most, str(few)
    for number in range(5):
        praise(seed, f"又一件{number}")
    browser.get(address)  # a session untouched for a minute is touched, whatever the page
    with counting() as many:
        browser.get(address)
    assert len(many) == len(few), str(many)
