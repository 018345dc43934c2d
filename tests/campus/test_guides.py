"""The guides are pages of the product: for everybody, in the reader's frame."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from campus import guides
from campus.actor import Actor
from campus.permissions import Role
from tests.support.client import PageClient
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]


@pytest.mark.parametrize("name", guides.NAMES)
@pytest.mark.parametrize("who", ["anonymous", "guardian", "class_teacher", "admin"])
def test_everybody_reads_every_guide(client_of: ClientOf, who: str, name: str) -> None:
    page = client_of(who).page(f"/help/{name}")
    assert page.main is not None
    parts = page.main.select("h2[id]")
    assert len(parts) >= 6
    assert [f"#{one['id']}" for one in parts] == [one["href"] for one in page.select(".chip")]


def test_there_is_no_other_guide(client_of: ClientOf) -> None:
    for name in ("nobody", "..%2foperations", "PARENT"):
        client_of("anonymous").get(f"/help/{name}", 404)


@pytest.mark.parametrize(
    ("who", "name"), [("guardian", "parent"), ("class_teacher", "teacher"), ("admin", "admin")]
)
def test_help_leads_to_ones_own_guide(client_of: ClientOf, who: str, name: str) -> None:
    browser = client_of(who)
    links = {str(one["href"]) for one in browser.page("/me").select("a[href*='/help/']")}
    assert links == {f"{browser.base}/help/{name}"}


def test_who_cannot_sign_in_finds_help_too(client_of: ClientOf, seed: Seed) -> None:
    for path in ("/login", f"/join/{seed.schools['a'].ids['join_token']}", "/join/no-such-code"):
        address = f"/s/{seed.schools['a'].slug}{path}"
        page = client_of("anonymous").get(address, None).get_data()
        assert BeautifulSoup(page, "html5lib").select("a[href$='/help/parent']"), path


@pytest.mark.parametrize(
    ("roles", "school", "name"),
    [
        ((), None, "parent"),
        ((Role.OPERATOR,), None, "operator"),
        ((Role.GUARDIAN,), 1, "parent"),
        ((Role.GUARDIAN, Role.TEACHER), 1, "teacher"),
        ((Role.TEACHER, Role.ADMIN), 1, "admin"),
        ((Role.HEAD,), 1, "teacher"),
    ],
)
def test_whose_guide(roles: tuple[Role, ...], school: int | None, name: str) -> None:
    assert guides.guide_of(Actor(1, "某人", school, frozenset(roles), 1)) == name
    assert guides.guide_of(None) == "parent"


def test_markup_in_a_guide_is_shown_not_obeyed(tmp_path: Path) -> None:
    path = tmp_path / "guide.md"
    path.write_text(
        "# 题\n\n## 一\n\n<script>alert(1)</script>[点](javascript:alert(1))\n", "utf-8"
    )
    found = guides.read(path)
    assert found.title == "题"
    assert found.parts == (("part-1", "一"),)
    assert "<script" not in found.body
    assert "href" not in found.body
