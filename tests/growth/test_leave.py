"""休学: the family goes on reading its child's book; the class's teachers do not reach it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from campus import clock, db
from tenants.people.queries import children
from tenants.rollover.single import come_back, suspend
from tests.support.client import PageClient
from tests.support.queries import counting
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def on_leave(fresh: str, seed: Seed) -> None:
    """The guardian's child is on leave since yesterday evening, in the school and its mirror."""
    for tail, key in (("", "a"), ("_b", "b")):
        with db.transaction(school_id=seed.schools[key].id):
            suspend(
                seed.actor(f"admin{tail}"),
                pupil_id=seed.schools[key].ids["child"],
                on=clock.today() - DAY,
                reason="病",
            )


def test_the_family_goes_on_reading(client_of: ClientOf, seed: Seed) -> None:
    child, private = seed.schools["a"].ids["child"], seed.schools["a"].private["child"]
    family = client_of("guardian")
    home = family.page("/home")
    assert "正在休学" in home.h1.get_text()
    assert "休学前在三年级（1）班" in home.select_one(".sub").get_text()
    assert home.select_one("dl.facts") is None
    assert private in home.select_one("#records").get_text()
    page = family.page(f"/children/{child}")
    assert private in page.select_one("#records").get_text()
    assert page.select_one(".sub").get_text() == "三年级（1）班 · 正在休学"
    for path in ("home", "changes?since=0", "access"):
        family.get(f"/children/{child}/{path}")
    assert "正在休学" in family.page("/my-children").get_text()
    family.page(f"/my-children/{child}/consent")
    assert "正在休学" in family.page("/takeaway/mine").get_text()


def test_nobody_else_gains_anything(client_of: ClientOf, seed: Seed) -> None:
    """Neither a classmate's family nor the mirror's; of the staff only who reaches everybody."""
    child = seed.schools["a"].ids["child"]
    for who in ("other_guardian", "guardian_b", "ex_guardian"):
        for path in (f"/children/{child}", f"/children/{child}/changes"):
            client_of(who).get(path, 404)
    assert seed.schools["a"].canary not in client_of("guardian_b").get("/home").get_data(True)
    for who in ("class_teacher", "subject_teacher", "other_teacher"):
        client_of(who).get(f"/pupils/{child}", 404)
    room = client_of("class_teacher").page(f"/classes/{seed.schools['a'].ids['class']}")
    assert room.select_one(f"#pupil-{child}") is None
    client_of("admin").get(f"/pupils/{child}")


def test_the_child_comes_back(client_of: ClientOf, seed: Seed) -> None:
    ids, admin = seed.schools["a"].ids, seed.actor("admin")
    with db.transaction(school_id=seed.schools["a"].id):
        come_back(admin, pupil_id=ids["child"], class_id=ids["other_class"], on=clock.today())
    home = client_of("guardian").page("/home")
    assert "休学" not in home.select_one("main").get_text()
    assert "三年级（2）班" in home.select_one(".sub").get_text()
    client_of("other_teacher").get(f"/pupils/{ids['child']}")


def test_a_return_that_is_still_to_come_changes_nothing_yet(
    client_of: ClientOf, seed: Seed
) -> None:
    ids, admin = seed.schools["a"].ids, seed.actor("admin")
    with db.transaction(school_id=seed.schools["a"].id):
        soon = clock.today() + 7 * DAY
        come_back(admin, pupil_id=ids["child"], class_id=ids["other_class"], on=soon)
    home = client_of("guardian").page("/home")
    assert "正在休学" in home.h1.get_text()
    with db.transaction(school_id=seed.schools["a"].id, read_only=True):
        [child] = children(seed.actor("guardian"))
        assert (child.class_id, child.last_day) == (ids["class"], clock.today() - DAY)


def test_a_leave_that_is_still_to_come_changes_nothing_yet(seed: Seed) -> None:
    ids = seed.schools["a"].ids
    with db.transaction(school_id=seed.schools["a"].id):
        suspend(
            seed.actor("admin"),
            pupil_id=ids["classmate"],
            on=clock.today() + 7 * DAY,
            reason="病",
        )
    with db.transaction(school_id=seed.schools["a"].id, read_only=True):
        [child] = children(seed.actor("other_guardian"))
        assert child.last_day is None and child.place == child.class_label


def test_the_home_costs_no_more(client_of: ClientOf) -> None:
    family = client_of("guardian")
    family.get("/home")
    with counting() as count:
        family.get("/home")
    assert len(count) <= 12, str(count)
