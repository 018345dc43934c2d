"""The pages: looked at as an administrator would, refused in words, and the past to read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from campus import clock, db
from tenants.people.enrol import NewPupil, enrol_pupils, open_classes
from tenants.people.models import Enrollment
from tenants.rollover.models import TurnPlan
from tenants.rollover.single import change_class
from tenants.rollover.state import year_to_plan
from tests.factories import Seed
from tests.support.client import JSON, PageClient

Client = Callable[[str], PageClient]


@pytest.fixture(autouse=True)
def today() -> date:
    """The real day: the seed was planted on it."""
    return clock.today()


@pytest.fixture
def admin(client_of: Client, fresh: str) -> PageClient:
    return client_of("admin")


def planned() -> int:
    return year_to_plan(clock.today())


def form(year: int, **more: str) -> dict[str, str]:
    return {
        "effective_on": f"{year}-09-01",
        "new_classes": "1",
        "first_starts_on": f"{year}-09-01",
        "first_ends_on": f"{year + 1}-01-20",
        "second_starts_on": f"{year + 1}-02-21",
        "second_ends_on": f"{year + 1}-07-07",
    } | more


def year_of_plan(seed: Seed) -> int:
    with db.transaction(school_id=seed.schools["a"].id, read_only=True):
        return planned()


def test_plan_save_look_begin_and_take_back(admin: PageClient, seed: Seed) -> None:
    page = admin.page("/turn")
    assert "还没有改动任何东西" in page.text
    year = year_of_plan(seed)
    room = seed.schools["a"].ids["class"]
    admin.post("/turn/plan", form(year, newcomers="1 钱小一 女"))
    assert admin.page("/turn/plan").find(id="newcomers").text.strip() == "1 钱小一 女"
    row = admin.page(f"/turn/classes/{room}")
    assert "没有留级可选" in row.text, "there is no class of the next entry year"
    kept = [box["value"] for box in row.find_all("input", attrs={"name": "keep", "checked": True})]
    assert kept
    admin.post(f"/turn/classes/{room}", {"keep": kept[:1]})
    page = admin.page("/turn")
    assert "新生 1" in page.text
    seen = page.find("input", attrs={"name": "seen"})["value"]
    admin.post("/turn/application", {"seen": seen})
    assert "新学年已安排好" in admin.page("/turn").text
    again = admin.post("/turn/application", {"seen": seen}, 409)
    assert "没有重复办理" in again.get_data(as_text=True)
    undo = admin.page("/turn").find("form", action=lambda url: url and "/undo" in url)["action"]
    admin.post(undo)
    assert "还没有改动任何东西" in admin.page("/turn").text


def test_a_slip_in_the_plan_is_shown_where_it_was_typed(admin: PageClient, seed: Seed) -> None:
    year = year_of_plan(seed)
    refused = admin.post("/turn/plan", form(year, newcomers="x"), 422)
    text = refused.get_data(as_text=True)
    assert "第 1 行" in text and f'value="{year + 1}-01-20"' in text
    with db.transaction(school_id=seed.schools["a"].id) as session:
        assert session.scalars(select(TurnPlan)).all() == []


def test_a_pupils_moves_by_form(admin: PageClient, seed: Seed) -> None:
    ids, today = seed.schools["a"].ids, clock.today().isoformat()
    path = f"/pupils/{ids['child']}/moves"
    assert "转出到别的学校" in admin.page(path).text
    wrong = admin.post(f"{path}/class", {"class_id": str(ids["class"]), "on": today}, 422)
    assert "已经在这个班了" in wrong.get_data(as_text=True)
    assert "转班：" not in wrong.get_data(as_text=True), "a refused move is not shown as done"
    admin.post(f"{path}/class", {"class_id": str(ids["other_class"]), "on": today})
    shown = admin.page(f"/pupils/{ids['child']}")
    assert "班级经历" in shown.text and "转班、转学、休学" in shown.text
    admin.post(f"{path}/suspension", {"on": today, "reason": "因病"})
    assert "休学，最后一天" in admin.page(path).text
    assert admin.page("/turn/history").text.count("撤销") >= 2


def test_a_family_is_out_the_day_after(admin: PageClient, client_of: Client, seed: Seed) -> None:
    ids = seed.schools["a"].ids
    guardian = client_of("guardian")
    guardian.get(f"/children/{ids['child']}")
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    answer = admin.post(
        f"/pupils/{ids['child']}/moves/out",
        {"on": yesterday, "reason": "搬家", "tell": "true"},
        201,
        headers=JSON,
    )
    own = f"/children/{ids['child']}"
    for path in (own, f"{own}/changes", "/home", "/messages"):
        guardian.get(path, 404)
    admin.get(f"/pupils/{ids['child']}")
    admin.post(f"/turn/history/{answer.json['id']}/undo")
    guardian.get(f"/children/{ids['child']}")


def test_a_teacher_reads_the_history_and_moves_nobody(
    client_of: Client, seed: Seed, fresh: str
) -> None:
    ids = seed.schools["a"].ids
    page = client_of("class_teacher").page(f"/pupils/{ids['child']}")
    assert "班级经历" in page.text and "转班、转学、休学" not in page.text


def test_merge_and_split_are_seen_before_they_are_done(admin: PageClient, seed: Seed) -> None:
    ids, today = seed.schools["a"].ids, clock.today().isoformat()
    query = f"class_id={ids['other_class']}&into_id={ids['class']}&on={today}"
    page = admin.page(f"/turn/merge?{query}")
    assert "将有 3 人" in page.text
    body = {"class_id": str(ids["other_class"]), "into_id": str(ids["class"]), "on": today}
    admin.post("/turn/merge", body)
    page = admin.page(f"/turn/split?class_id={ids['class']}&parts=2&on={today}")
    places = [
        select_.find("option", selected=True)["value"]
        for select_ in page.find_all("select", attrs={"name": "place"})
    ]
    assert len(places) == 3 and {place.split(":")[1] for place in places} == {"1", "2"}
    split = {"class_id": str(ids["class"]), "parts": "2", "on": today, "place": places}
    admin.post("/turn/split", split)
    assert "请选择并入哪个班" in admin.page(f"/turn/merge?class_id={ids['class']}").text
    assert "2 到 6 个班" in admin.page(f"/turn/split?class_id={ids['class']}&parts=9").text


def test_somebody_comes_from_another_school(admin: PageClient, seed: Seed) -> None:
    ids, today = seed.schools["a"].ids, clock.today().isoformat()
    body = {"name": "新同学", "sex": "2", "on": today, "seat_no": "1"}
    body["class_id"] = str(ids["class"])
    refused = admin.post("/turn/arrivals", body, 422).get_data(as_text=True)
    assert "1 号已经有人坐" in refused and 'value="新同学"' in refused
    answer = admin.post("/turn/arrivals", body | {"seat_no": ""})
    assert "新同学" in admin.page(answer.headers["Location"]).text


def test_a_past_year_is_read_only(client_of: Client, seed: Seed, fresh: str) -> None:
    """The class as it was on the year's last day, by its old grade, with who was in it then."""
    school = seed.schools["a"]
    year = clock.today().year - (1 if clock.today().month >= 9 else 2)
    with db.transaction(school_id=school.id):
        admin = seed.actor("admin")
        old = open_classes(admin, [(year - 3, 7)])[year - 3, 7]
        [went] = enrol_pupils(admin, [NewPupil("走了的", old, 3)], starts_on=date(year, 9, 1))
        change_class(
            admin,
            pupil_id=went,
            class_id=school.ids["class"],
            on=clock.today() - timedelta(days=30),
        )
        assert db.session().scalars(select(Enrollment).where(Enrollment.pupil_id == went)).all()
    browser = client_of("admin")
    assert "四年级（7）班" in browser.page(f"/classes?year={year}").text
    page = browser.page(f"/classes/{old}?year={year}")
    assert "走了的" in page.text and "只能查看" in page.text
    assert not page.find("main").find("form")
    assert "走了的" not in browser.page(f"/classes/{old}").text
    for wrong in ("1999", "x", "20255"):
        browser.get(f"/classes?year={wrong}", 404)
    browser.get(f"/classes/{school.ids['class']}?year={year}", 404)
    client_of("other_teacher").get(f"/classes/{old}?year={year}", 404)
