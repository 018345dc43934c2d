"""Offices have a scope and dates; deputies stand in; roles follow at once, and at night."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from campus import clock, db, jobs
from campus.actor import Actor
from campus.errors import Conflict, Forbidden, InvalidInput, NotFound
from campus.permissions import Role
from campus.schools.models import Membership
from tenants.people import roles, scope, standing
from tenants.people.calendar import school_year_of
from tenants.people.employ import UNMET, unmet_phones
from tenants.people.models import Assignment, HomeroomClass, StaffDuty
from tenants.people.roles import Office
from tests.support.client import PageClient
from tests.support.queries import counting
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]
DAY = timedelta(days=1)
TODAY = clock.today()
YEAR = school_year_of(TODAY) - 2


@pytest.fixture
def school(fresh: str, seed: Seed) -> int:
    return seed.schools["a"].id


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Whose sockets were cut."""
    found: list[int] = []
    monkeypatch.setattr(standing, "revoke", lambda *, account_ids, **_: found.extend(account_ids))
    yield found


def do(seed: Seed, act: Callable[..., Any], who: str = "admin", **values: Any) -> Any:
    with db.transaction(school_id=seed.schools["a"].id):
        return act(seed.actor(who), **values)


def staff(seed: Seed, name: str) -> int:
    return seed.schools["a"].ids[f"staff_{name}"]


def held(seed: Seed, name: str) -> set[str]:
    with db.transaction(read_only=True) as session:
        person = seed.people[name]
        row = session.get_one(Membership, (seed.schools["a"].id, person.account_id))
        return set() if row.ended_at else set(row.roles)


def reaches(seed: Seed, name: str) -> set[str]:
    """Which of the two classes the person sees now, with the roles of now."""
    ids, person = seed.schools["a"].ids, seed.people[name]
    named = frozenset(Role(one) for one in held(seed, name))
    actor = Actor(person.account_id, "", seed.schools["a"].id, named)
    with db.transaction(school_id=seed.schools["a"].id, read_only=True):
        seen = {
            row[0] for row in db.rows(select(HomeroomClass.id).where(scope.visible_classes(actor)))
        }
    return {key for key in ("class", "other_class") if ids[key] in seen}


def give(seed: Seed, name: str, kind: str, **values: Any) -> None:
    office = Office(kind, values.pop("starts_on", TODAY), values.pop("ends_on", None), **values)
    do(seed, roles.give_office, staff_id=staff(seed, name), office=office)


def test_a_head_of_grade_reaches_the_grade_from_the_next_request(
    school: int, seed: Seed, client_of: ClientOf, cut: list[int]
) -> None:
    other = f"/classes/{seed.schools['a'].ids['other_class']}"
    client_of("subject_teacher").get(other, 404)
    give(seed, "subject_teacher", "grade_head", entry_year=YEAR)
    client_of("subject_teacher").get(other)
    assert held(seed, "subject_teacher") == {"teacher", "grade_head"}
    assert cut == [seed.people["subject_teacher"].account_id]
    with db.transaction(school_id=school) as session:
        duty = session.scalars(select(StaffDuty.id).where(StaffDuty.role == "grade_head")).one()
    do(seed, roles.end_office, staff_id=staff(seed, "subject_teacher"), duty_id=duty)
    client_of("subject_teacher").get(other, 404)
    assert held(seed, "subject_teacher") == {"teacher"}
    assert len(cut) == 2


@pytest.mark.parametrize("kind", ["dean", "head", "doctor", "admin"])
def test_offices_of_the_whole_school(kind: str, school: int, seed: Seed) -> None:
    give(seed, "subject_teacher", kind)
    assert kind in held(seed, "subject_teacher")
    assert reaches(seed, "subject_teacher") == {"class", "other_class"}


def test_a_doctor_takes_no_attendance_and_writes_to_no_class(school: int, seed: Seed) -> None:
    doctor = Actor(1, "", school, frozenset({Role.DOCTOR}))
    with db.transaction(school_id=school), pytest.raises(Forbidden):
        roles.give_office(doctor, staff_id=1, office=Office("dean", TODAY))
    dean = Actor(1, "", school, frozenset({Role.DEAN}))
    assert dean.staff
    assert scope.everywhere(dean)


def test_lessons_and_homeroom_have_dates(school: int, seed: Seed) -> None:
    ids = seed.schools["a"].ids
    give(
        seed,
        "other_teacher",
        "subject",
        class_id=ids["class"],
        subject_id=ids["subject"],
        starts_on=TODAY + DAY,
    )
    assert reaches(seed, "other_teacher") == {"other_class"}, "from tomorrow only"
    give(seed, "head", "subject", class_id=ids["class"], subject_id=ids["subject"], ends_on=TODAY)
    assert "teacher" in held(seed, "head"), "who teaches is a teacher"
    with pytest.raises(InvalidInput, match="已有班主任"):
        give(seed, "other_teacher", "homeroom", class_id=ids["class"])
    with db.transaction(school_id=school) as session:
        number = session.scalars(
            select(Assignment.id).where(Assignment.class_id == ids["class"], Assignment.homeroom)
        ).one()
    do(seed, roles.end_assignment, staff_id=staff(seed, "class_teacher"), assignment_id=number)
    assert reaches(seed, "class_teacher") == set()
    give(seed, "other_teacher", "homeroom", class_id=ids["class"])
    assert reaches(seed, "other_teacher") == {"class", "other_class"}


def test_a_deputy_does_the_work_on_the_days_agreed(
    school: int, seed: Seed, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = seed.schools["a"].ids
    days = {"starts_on": TODAY, "ends_on": TODAY + 2 * DAY}
    do(
        seed,
        roles.deputise,
        staff_id=staff(seed, "class_teacher"),
        deputy_id=staff(seed, "other_teacher"),
        **days,
    )
    browser = client_of("other_teacher")
    browser.get(f"/classes/{ids['class']}")
    browser.post(f"/classes/{ids['class']}/attendance", {"half": "am"})
    assert f"/classes/{ids['class']}" in browser.get("/today").get_data(as_text=True), (
        "it stands in the menu"
    )
    assert reaches(seed, "class_teacher") == {"class"}, "who is away keeps reading"
    now = clock.now() + 3 * DAY
    monkeypatch.setattr(clock, "now", lambda: now)
    assert reaches(seed, "other_teacher") == {"other_class"}


def test_a_deputy_holds_the_offices_too_but_never_admin(school: int, seed: Seed) -> None:
    give(seed, "head", "admin")
    days = {"starts_on": TODAY, "ends_on": TODAY}
    do(
        seed,
        roles.deputise,
        staff_id=staff(seed, "head"),
        deputy_id=staff(seed, "subject_teacher"),
        **days,
    )
    assert held(seed, "subject_teacher") == {"teacher", "head"}
    with db.transaction(school_id=school) as session:
        duty = session.scalars(select(StaffDuty.id).where(StaffDuty.role == "deputy")).one()
    do(seed, roles.end_office, staff_id=staff(seed, "subject_teacher"), duty_id=duty)
    assert held(seed, "subject_teacher") == {"teacher"}, "the own role stays"
    assert held(seed, "head") == {"head", "admin"}


def test_the_night_follows_the_dates(
    school: int, seed: Seed, monkeypatch: pytest.MonkeyPatch, cut: list[int]
) -> None:
    give(seed, "subject_teacher", "dean", starts_on=TODAY + DAY, ends_on=TODAY + 2 * DAY)
    assert held(seed, "subject_teacher") == {"teacher"}
    began = clock.now()
    for days, roles_then in ((1, {"teacher", "dean"}), (2, {"teacher", "dean"}), (3, {"teacher"})):
        monkeypatch.setattr(clock, "now", lambda days=days: began + days * DAY)
        for _ in range(2):
            jobs.perform(standing.follow_dates, {"school_id": school})
        assert held(seed, "subject_teacher") == roles_then, days
    assert cut == [seed.people["subject_teacher"].account_id] * 2


def test_the_last_administrator_stays(school: int, seed: Seed) -> None:
    with pytest.raises(Conflict, match="至少要有一位管理员"):
        do(seed, roles.end_role, staff_id=staff(seed, "admin"), role=Role.ADMIN)
    with pytest.raises(Conflict):
        do(seed, roles.leave_school, staff_id=staff(seed, "admin"))
    assert held(seed, "admin") == {"admin"}
    give(seed, "head", "admin")
    do(seed, roles.end_role, staff_id=staff(seed, "admin"), role=Role.ADMIN)
    assert held(seed, "admin") == set()


def test_who_leaves_is_no_member(
    school: int, seed: Seed, client_of: ClientOf, cut: list[int]
) -> None:
    do(seed, roles.leave_school, staff_id=staff(seed, "class_teacher"))
    assert held(seed, "class_teacher") == set()
    client_of("class_teacher").get("/today", 404)
    assert cut == [seed.people["class_teacher"].account_id]
    give(seed, "class_teacher", "doctor")
    assert held(seed, "class_teacher") == {"doctor"}, "and may come back"


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        ("king", {}, "kind"),
        ("teacher", {}, "kind"),
        ("deputy", {}, "kind"),
        ("grade_head", {}, "entry_year"),
        ("grade_head", {"entry_year": 1990}, "entry_year"),
        ("homeroom", {}, "class_id"),
        ("homeroom", {"class_id": 10**9}, "class_id"),
        ("subject", {"subject_id": 1}, "class_id"),
        ("dean", {"ends_on": TODAY - DAY}, "ends_on"),
    ],
)
def test_wrong_offices_name_the_field(
    kind: str, values: dict[str, Any], field: str, school: int, seed: Seed
) -> None:
    with pytest.raises(InvalidInput) as error:
        give(seed, "other_teacher", kind, **values)
    assert list(error.value.fields) == [field]


def test_twice_is_refused(school: int, seed: Seed) -> None:
    give(seed, "other_teacher", "dean")
    with pytest.raises(InvalidInput, match="已经担任"):
        give(seed, "other_teacher", "dean")


def test_only_an_administrator_and_only_the_own_school(school: int, seed: Seed) -> None:
    for who in ("head", "class_teacher", "guardian"):
        with pytest.raises(Forbidden):
            do(
                seed,
                roles.give_office,
                who,
                staff_id=staff(seed, "other_teacher"),
                office=Office("dean", TODAY),
            )
    foreign = seed.schools["b"].ids["staff_other_teacher"]
    with pytest.raises(NotFound):
        do(seed, roles.give_office, staff_id=foreign, office=Office("dean", TODAY))
    with pytest.raises(InvalidInput):
        do(
            seed,
            roles.deputise,
            staff_id=staff(seed, "head"),
            deputy_id=foreign,
            starts_on=TODAY,
            ends_on=TODAY,
        )


def test_the_class_page_costs_no_more(school: int, seed: Seed, client_of: ClientOf) -> None:
    browser, path = client_of("class_teacher"), f"/classes/{seed.schools['a'].ids['class']}"
    browser.get(path)
    with counting() as asked:
        browser.get(path)
    assert len(asked) <= 6, str(asked)


def test_the_pages_of_the_staff(school: int, seed: Seed, client_of: ClientOf) -> None:
    admin, number = client_of("admin"), staff(seed, "other_teacher")
    assert len(admin.page("/staff").select("ul.cells > li")) == 8
    assert (
        len(admin.page(f"/staff?q={seed.people['other_teacher'].phone}").select("ul.cells > li"))
        == 1
    )
    days = {"starts_on": f"{TODAY}", "ends_on": ""}
    admin.post(f"/staff/{number}/offices", {"kind": "grade_head", "entry_year": YEAR, **days})
    page = admin.page(f"/staff/{number}")
    assert "三年级组长" in page.get_text()
    for kind, number_of in (("班主任", 2), ("任课教师", 2), ("年级组长", 1), ("校医", 0)):
        assert len(admin.page(f"/staff?role={kind}").select("ul.cells > li")) == number_of, kind
    wrong = admin.post(f"/staff/{number}/offices", {"kind": "homeroom", **days}, 422)
    assert "请选择一个班级" in wrong.get_data(as_text=True)
    nothing = {"entry_year": "", "class_id": "", "subject_id": ""}  # as a browser sends them
    admin.post(f"/staff/{number}/offices", {"kind": "doctor", **days, **nothing})
    assert "校医" in admin.page(f"/staff/{number}").get_text()
    end = page.select_one("form[action*='/offices/']")["action"]
    admin.post(str(end))
    assert "三年级组长" not in admin.page(f"/staff/{number}").select_one("ul.cells").get_text()
    made = admin.post("/staff", {"name": "新来的", "phone": "12000007777", "title": ""})
    assert "没有安排" in admin.page(made.headers["Location"]).get_text()
    assert "form" not in {
        one.name for one in client_of("head").page(f"/staff/{number}").main.find_all("form")
    }


def test_a_parents_number_becomes_no_office_unless_the_person_was_met(
    school: int, seed: Seed, client_of: ClientOf
) -> None:
    """Whoever joined with a number that is not theirs must not be made a teacher by it."""
    parent = seed.people["guardian"]
    form = {"name": "新老师", "phone": parent.phone}
    admin = client_of("admin")
    assert UNMET in admin.post("/staff", form, 422).get_data(as_text=True)
    client_of("guardian").get("/today", 403)
    admin.post("/staff", form | {"met": "1"})
    client_of("guardian").get("/today")


def test_a_teachers_own_number_needs_no_second_look(school: int, seed: Seed) -> None:
    phones = [seed.people[name].phone for name in ("class_teacher", "guardian")]
    with db.transaction(school_id=school):
        assert unmet_phones([*phones, "12000008888"]) == {seed.people["guardian"].phone}


def test_a_refused_end_does_not_look_done(school: int, client_of: ClientOf, seed: Seed) -> None:
    """The last administrator cannot leave; the page that says so shows what still stands."""
    office = client_of("admin")
    address = f"/staff/{staff(seed, 'admin')}"
    before = [one.get_text() for one in office.page(address).select(".cells b")]
    answer = office.post(f"{address}/leaving", {}, 409).get_data(as_text=True)
    page = BeautifulSoup(answer, "html5lib")
    assert "管理员" in page.select_one(".form-error").get_text()
    assert [one.get_text() for one in page.select(".cells b")] == before
    assert "已离职" not in page.get_text()
