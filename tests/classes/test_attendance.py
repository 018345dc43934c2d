"""Attendance: one tap, then exceptions; taken twice it is repaired, not doubled."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from campus import clock, db
from campus.errors import InvalidInput, NotFound
from tenants.classes.attendance import half_now, mark_attendance, take_attendance
from tenants.classes.models import AttendanceMark, AttendanceSheet
from tests.support.client import JSON, PageClient
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]


@pytest.fixture(autouse=True)
def own(fresh: str) -> None:
    """Every test here takes attendance."""


def counts(seed: Seed) -> tuple[int, int]:
    with db.transaction(school_id=seed.schools["a"].id) as session:
        sheets = session.scalars(select(func.count()).select_from(AttendanceSheet)).one()
        marks = session.scalars(select(func.count()).select_from(AttendanceMark)).one()
    return sheets, marks


def test_taking_it_again_replaces_it(seed: Seed) -> None:
    ids, before = seed.schools["a"].ids, counts(seed)
    for exceptions in ({ids["child"]: "sick"}, {}, {ids["classmate"]: "late"}):
        with db.transaction(school_id=seed.schools["a"].id):
            take_attendance(
                seed.actor("class_teacher"),
                class_id=ids["class"],
                day=clock.today(),
                half="am",
                exceptions=exceptions,
            )
    assert counts(seed) == before


@pytest.mark.parametrize(
    ("state", "headline"),
    [("late", "晚了一些"), ("sick", "病假"), ("absent", "还没有到校"), ("present", "在校一切都好")],
)
def test_the_family_reads_the_day_in_words(
    state: str, headline: str, client_of: ClientOf, seed: Seed
) -> None:
    ids = seed.schools["a"].ids
    for half in ("am", "pm"):
        path = f"/classes/{ids['class']}/attendance/{ids['child']}"
        client_of("class_teacher").post(path, {"half": half, "state": state})
    assert headline in client_of("guardian").get("/home").get_data(as_text=True)


def test_one_tap(client_of: ClientOf, seed: Seed) -> None:
    ids = seed.schools["a"].ids
    browser = client_of("class_teacher")
    browser.post(f"/classes/{ids['class']}/attendance", {"half": half_now()})
    assert "到校 2" in browser.get(f"/classes/{ids['class']}").get_data(as_text=True)


@pytest.mark.parametrize("wrong", [{"state": "asleep"}, {"half": "night"}, {"state": ""}], ids=str)
def test_bad_input(wrong: dict[str, str], client_of: ClientOf, seed: Seed) -> None:
    ids = seed.schools["a"].ids
    path = f"/classes/{ids['class']}/attendance/{ids['child']}"
    data = {"half": "am", "state": "late"} | wrong
    client_of("class_teacher").post(path, data, 422, headers=JSON)


def test_exceptions_of_the_interface(client_of: ClientOf, seed: Seed) -> None:
    """The whole sheet as JSON; a pupil of another class and an unknown state are refused."""
    ids = seed.schools["a"].ids
    path, browser = f"/classes/{ids['class']}/attendance", client_of("class_teacher")
    good = {"half": "am", "exceptions": {str(ids["child"]): "leave"}}
    assert browser.post(path, json=good, headers=JSON, status=200).get_json()["id"] > 0
    for who, state in ((ids["stranger"], "late"), (ids["child"], "asleep"), (10**20, "late")):
        wrong = {"half": "am", "exceptions": {str(who): state}}
        browser.post(path, json=wrong, headers=JSON, status=422)


def test_only_the_own_class(seed: Seed) -> None:
    ids = seed.schools["a"].ids
    with db.transaction(school_id=seed.schools["a"].id):
        with pytest.raises(NotFound):
            mark_attendance(
                seed.actor("other_teacher"),
                class_id=ids["class"],
                pupil_id=ids["child"],
                day=clock.today(),
                half="am",
                state="late",
            )
        with pytest.raises(InvalidInput):
            mark_attendance(
                seed.actor("class_teacher"),
                class_id=ids["class"],
                pupil_id=ids["stranger"],
                day=clock.today(),
                half="am",
                state="late",
            )
