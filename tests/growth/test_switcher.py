"""The child a family chose stays chosen: on every page, for that account, while it is theirs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select, update

from campus import db
from tenants.people.models import Guardian, Guardianship
from tests.support.client import PageClient
from tests.support.queries import counting
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]
PAGES = ("/home", "/children", "/messages", "/me", "/me/devices", "/my-children", "/takeaway/mine")


@pytest.fixture(autouse=True)
def two_children(fresh: str, seed: Seed) -> None:
    """Both guardians have the same two children."""
    ids = seed.schools["a"].ids
    with db.transaction(school_id=seed.schools["a"].id) as session:
        for who, other in (("guardian", "classmate"), ("other_guardian", "child")):
            account = seed.people[who].account_id
            guardian = session.scalars(select(Guardian).filter_by(account_id=account)).one()
            tie = Guardianship(
                guardian_id=guardian.id, pupil_id=ids[other], relation="妈妈", contact_order=9
            )
            session.add(tie)


def parent(client_of: ClientOf, seed: Seed) -> PageClient:
    """The guardian, to whom both children are now no strangers."""
    family = client_of("guardian")
    known = seed.schools["a"].private.values()
    family.foreign = [mark for mark in family.foreign if mark not in known]
    return family


def current(page: BeautifulSoup) -> list[str]:
    """Where the chosen one of the switcher leads, and how many are chosen."""
    return [str(one["href"]) for one in page.select(".kids [aria-current]")]


def chosen(family: PageClient, path: str) -> int:
    [address] = current(family.page(path))
    return int(address.removesuffix("/home").rpartition("/")[2])


def test_chosen_once_it_is_chosen_everywhere(client_of: ClientOf, seed: Seed) -> None:
    ids, family = seed.schools["a"].ids, parent(client_of, seed)
    for path in PAGES:
        assert chosen(family, path) == min(ids["child"], ids["classmate"]), "nobody chose yet"
    for name, path in (("classmate", "/home"), ("child", ""), ("classmate", "")):
        family.get(f"/children/{ids[name]}{path}")
        assert {path: chosen(family, path) for path in PAGES} == dict.fromkeys(PAGES, ids[name])
    assert seed.schools["a"].private["classmate"] in family.page("/children").get_text()


def test_the_switcher_stays_on_the_page_of_growth(client_of: ClientOf, seed: Seed) -> None:
    ids, family = seed.schools["a"].ids, parent(client_of, seed)
    for path, end in (("/children", ""), (f"/children/{ids['child']}", ""), ("/home", "/home")):
        page = family.page(path)
        assert all(str(one["href"]).endswith(f"{end}") for one in page.select(".kid"))
        assert [str(one["href"]).endswith("/home") for one in page.select(".kid")] == [
            bool(end)
        ] * 2
        [tab] = page.select(".tabs [aria-current]")
        assert tab.get_text(strip=True) == ("首页" if end else "成长")


def test_two_people_with_one_phone(client_of: ClientOf, seed: Seed) -> None:
    ids, phone = seed.schools["a"].ids, parent(client_of, seed)
    for who, name in (("guardian", "classmate"), ("other_guardian", "child")):
        phone.http.set_cookie("sid", seed.people[who].token)
        phone.get(f"/children/{ids[name]}/home")
    for who, name in (("guardian", "classmate"), ("other_guardian", "child")):
        phone.http.set_cookie("sid", seed.people[who].token)
        assert chosen(phone, "/messages") == ids[name]


def test_a_child_that_left_is_nobody_s_choice(client_of: ClientOf, seed: Seed) -> None:
    ids, family = seed.schools["a"].ids, parent(client_of, seed)
    family.get(f"/children/{ids['classmate']}/home")
    with db.transaction(school_id=seed.schools["a"].id) as session:
        gone = update(Guardianship).where(Guardianship.pupil_id == ids["classmate"])
        session.execute(gone.values(ended_at=func.now()))
    family.get(f"/children/{ids['classmate']}/home", 404)
    for path in PAGES:
        assert current(family.page(path)) == [], "one child needs no switcher"
    assert seed.schools["a"].private["child"] in family.page("/home").get_text()


@pytest.mark.parametrize("kept", ["x", "", "-1", "9" * 40, "²", "{stranger}"])
def test_a_forged_choice_is_none(kept: str, client_of: ClientOf, seed: Seed) -> None:
    ids, family = seed.schools["a"].ids, parent(client_of, seed)
    name = f"child-{seed.people['guardian'].account_id}"
    family.http.set_cookie(name, kept.format(**ids), path=f"{family.base}/")
    assert chosen(family, "/home") == min(ids["child"], ids["classmate"])


def test_it_costs_one_statement_at_most(client_of: ClientOf, seed: Seed) -> None:
    family = parent(client_of, seed)
    for path, most in (("/messages", 6), ("/me", 11), ("/home", 10)):
        family.get(path)
        with counting() as count:
            family.get(path)
        assert len(count) <= most, f"{path}\n{count}"
