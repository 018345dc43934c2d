"""教导主任 moves single pupils; the school's year is turned by its administrator (product.md)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from campus import clock, db
from campus.actor import Actor
from campus.errors import Forbidden
from campus.permissions import Role
from tenants.people.roles import Office, give_office
from tenants.rollover import actions
from tests.support.client import PageClient
from tests.support.seed import Seed


def test_the_dean_moves_pupils_and_does_not_turn_the_year(
    client_of: Callable[[str], PageClient], fresh: str, seed: Seed
) -> None:
    ids, school = seed.schools["a"].ids, seed.schools["a"].id
    system = Actor.system(school)
    with db.transaction(school_id=school):
        office = Office(Role.DEAN.value, clock.today())
        give_office(system, staff_id=ids["staff_other_teacher"], office=office)
    dean = client_of("other_teacher")
    menu = dean.page("/today").get_text()
    assert "异动" in menu and "新学年" not in menu and "学校设置" not in menu
    dean.page(f"/pupils/{ids['child']}/moves")
    dean.page("/turn/history")
    for path in ("/turn", "/turn/plan", "/turn/merge", "/turn/split", "/setup/calendar"):
        dean.get(path, 403)
    dean.post("/turn/application", {}, 403)
    person = seed.people["other_teacher"]
    actor = Actor(person.account_id, "周", school, frozenset({Role.DEAN, Role.TEACHER}))
    with db.transaction(school_id=school), pytest.raises(Forbidden):
        actions.apply_year(actor, year=2090)
