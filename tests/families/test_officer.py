"""The consent page names who answers for children's information: a person, not a role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import Tag

from campus import db
from tenants.families.consent import officer
from tenants.setup.rules import set_privacy
from tests.support.client import PageClient
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]
SAID: dict[str, Any] = {
    "officer": "何主任",
    "officer_phone": "0731-00000000",
    "officer_email": "",
    "complaint": "教务处 0731-00000001。",
    "icp": "",
}


@pytest.fixture(autouse=True)
def own(fresh: str) -> None:
    """Every test here publishes rules."""


def publish(seed: Seed, version: int, **changed: str) -> None:
    with db.transaction(school_id=seed.schools["a"].id):
        set_privacy(seed.actor("admin"), version=version, **(SAID | changed))


def shown(client_of: ClientOf, seed: Seed, who: str = "guardian", key: str = "a") -> Tag:
    child = seed.schools[key].ids["child"]
    found = client_of(who).page(f"/my-children/{child}/consent").select(".by-law")[-1]
    assert isinstance(found, Tag)
    return found


def test_before_anybody_is_named_it_says_so(client_of: ClientOf, seed: Seed) -> None:
    part = shown(client_of, seed)
    assert "学校还没有公布个人信息保护负责人" in part.get_text()
    assert "先找班主任或学校办公室" in part.get_text() and "12377" in part.get_text()
    assert part.select_one("a[href^='tel:']") is None
    with db.transaction(school_id=seed.schools["a"].id, read_only=True):
        assert officer() is None


def test_the_officer_is_named_and_follows_the_settings(client_of: ClientOf, seed: Seed) -> None:
    publish(seed, 0)
    part = shown(client_of, seed)
    assert "何主任，学校的个人信息保护负责人，电话 0731-00000000。" in part.get_text()
    assert "教务处 0731-00000001。不满意" in part.get_text()
    call = part.select_one("a[href='tel:0731-00000000']")
    assert call is not None and call.get_text() == "打给负责人"
    publish(seed, 1, officer="童副校长", officer_email="tong@example.cn")
    text = shown(client_of, seed).get_text()
    assert "童副校长" in text and "何主任" not in text and "tong@example.cn" in text


def test_another_school_s_officer_is_not_shown(client_of: ClientOf, seed: Seed) -> None:
    publish(seed, 0)
    assert "何主任" not in shown(client_of, seed, "guardian_b", "b").get_text()
