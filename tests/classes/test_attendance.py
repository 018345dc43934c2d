"""Attendance: one tap, then exceptions; no tap undoes what somebody marked."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update

from campus import clock, db, outbox
from campus.errors import InvalidInput, NotFound
from tenants.classes.attendance import half_now, mark_attendance, take_attendance
from tenants.classes.book import TermDays
from tenants.classes.events import ATTENDANCE_CHANGED
from tenants.classes.models import AttendanceMark, AttendanceSheet
from tenants.people.models import Enrollment
from tests.classes.test_praise import at_once
from tests.support.client import FRAGMENT, JSON, PageClient
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


def take(seed: Seed, who: str = "class_teacher", **exceptions: str) -> None:
    ids = seed.schools["a"].ids
    with db.transaction(school_id=seed.schools["a"].id):
        take_attendance(
            seed.actor(who),
            class_id=ids["class"],
            day=clock.today(),
            half="am",
            exceptions={ids[name]: state for name, state in exceptions.items()},
        )


def mark(seed: Seed, state: str, who: str = "child", by: str = "class_teacher") -> None:
    ids = seed.schools["a"].ids
    with db.transaction(school_id=seed.schools["a"].id):
        mark_attendance(
            seed.actor(by),
            class_id=ids["class"],
            pupil_id=ids[who],
            day=clock.today(),
            half="am",
            state=state,
        )


def clear(seed: Seed) -> None:
    """Nobody was called over yet."""
    with db.transaction(school_id=seed.schools["a"].id) as session:
        session.execute(delete(AttendanceMark))
        session.execute(delete(AttendanceSheet))


def marked(seed: Seed) -> dict[int, str]:
    """The states of this morning, by child."""
    with db.transaction(school_id=seed.schools["a"].id) as session:
        return dict(session.execute(select(AttendanceMark.pupil_id, AttendanceMark.state)).all())  # type: ignore[arg-type]


def test_all_present_changes_no_mark(seed: Seed) -> None:
    """A leave marked before, or by a colleague on another device meanwhile, stays."""
    ids = seed.schools["a"].ids
    clear(seed)
    mark(seed, "leave", by="subject_teacher")
    take(seed)
    assert marked(seed) == {ids["child"]: "leave"}
    mark(seed, "late", "classmate")
    take(seed, "subject_teacher")
    assert marked(seed) == {ids["child"]: "leave", ids["classmate"]: "late"}
    take(seed, child="sick")  # who names the child means it
    assert marked(seed) == {ids["child"]: "sick", ids["classmate"]: "late"}
    mark(seed, "present")
    assert marked(seed) == {ids["classmate"]: "late"}
    assert counts(seed) == (1, 1), "taken again it is one sheet"


def test_all_present_at_the_moment_of_a_mark(seed: Seed) -> None:
    """Two devices at once, in whatever order: the mark stands."""
    ids = seed.schools["a"].ids
    for _ in range(6):
        clear(seed)
        at_once(2, lambda turn: take(seed) if turn else mark(seed, "absent"))
        assert marked(seed) == {ids["child"]: "absent"}


def test_one_s_own_bare_roll_is_undone_and_nothing_else(client_of: ClientOf, seed: Seed) -> None:
    ids, teacher = seed.schools["a"].ids, client_of("class_teacher")
    path, undo = f"/classes/{ids['class']}/attendance", "/retraction"
    clear(seed)
    half = half_now()
    teacher.post(f"{path}/{half}{undo}")  # nothing to undo: nothing happens
    page = teacher.post(path, {"half": half}, 200, headers=FRAGMENT).get_data(as_text=True)
    assert "全班记为到校" in page and "到校 2" in page and "撤销" in page
    client_of("subject_teacher").post(f"{path}/{half}{undo}", status=409)
    page = teacher.post(f"{path}/{half}{undo}", status=200, headers=FRAGMENT).get_data(True)
    assert "还没有点名" in page and counts(seed) == (0, 0)
    teacher.post(path, {"half": half})
    teacher.post(f"{path}/{ids['child']}", {"half": half, "state": "sick"})
    page = teacher.post(path, {"half": half}, 200, headers=FRAGMENT).get_data(as_text=True)
    assert "其余 1 人到校，记过的 1 人没有动" in page and "撤销" not in page
    teacher.post(f"{path}/{half}{undo}", status=409)
    assert counts(seed) == (1, 1)


def hints(seed: Seed) -> list[tuple[set[str], dict[str, object]]]:
    """Who was hinted at, and with what, since the last look."""
    names = {one.account_id: name for name, one in seed.people.items() if one.account_id}
    silent = {"disabled", "ex_guardian"}  # no members any more: no socket lets them in
    with db.transaction() as session:
        rows = session.scalars(
            select(outbox.Outbox).where(outbox.Outbox.event == ATTENDANCE_CHANGED)
        ).all()
        found = [
            ({names[one] for one in row.account_ids} - silent, dict(row.payload)) for row in rows
        ]
        session.execute(delete(outbox.Outbox))
    return found


def test_who_hears_of_it(seed: Seed) -> None:
    """The staff of the class, and of the families those whose own child it is about."""
    ids = seed.schools["a"].ids
    clear(seed)
    hints(seed)
    staff = ({"class_teacher", "subject_teacher"}, {"class_id": ids["class"]})
    take(seed)
    assert hints(seed) == [staff, ({"guardian", "other_guardian"}, {})]
    mark(seed, "late")
    assert hints(seed) == [staff, ({"guardian"}, {"pupil_id": ids["child"]})]
    mark(seed, "present", by="head")  # who reaches the school, but stands in no class, hears itself
    assert hints(seed)[0][0] == {"class_teacher", "subject_teacher", "head"}
    clear(seed)
    mark(seed, "late")  # the first mark opens the sheet: now all the others are here
    assert hints(seed)[1] == ({"guardian", "other_guardian"}, {})


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ((), "到校 2"),
        (("late",), "到校 1 · 迟到 1"),
        (("sick", "late"), "到校 0 · 迟到 1 · 请假 1"),
        (("leave", "absent"), "到校 0 · 请假 1 · 缺勤 1"),
    ],
    ids=str,
)
def test_the_numbers_add_up(
    states: tuple[str, ...], words: str, client_of: ClientOf, seed: Seed
) -> None:
    """On the class page and on the page of today the parts are the whole."""
    ids, teacher = seed.schools["a"].ids, client_of("class_teacher")
    clear(seed)
    path = f"/classes/{ids['class']}/attendance"
    teacher.post(path, {"half": half_now()})
    for who, state in zip(("child", "classmate"), states, strict=False):
        teacher.post(f"{path}/{ids[who]}", {"half": half_now(), "state": state})
    for page, part in ((f"/classes/{ids['class']}", "#register-words"), ("/today", "#my-classes")):
        said = " ".join(teacher.page(page).select_one(part).get_text().split())
        assert words in said
        assert sum(map(int, re.findall(r"(?:到校|迟到|请假|缺勤) (\d+)", said))) == 2


def test_who_has_left_the_class_is_no_exception_of_it(client_of: ClientOf, seed: Seed) -> None:
    ids = seed.schools["a"].ids
    clear(seed)
    client_of("class_teacher").post(
        f"/classes/{ids['class']}/attendance/{ids['child']}", {"half": half_now(), "state": "sick"}
    )
    with db.transaction(school_id=seed.schools["a"].id) as session:
        yesterday = clock.today() - timedelta(days=1)
        gone = update(Enrollment).where(Enrollment.pupil_id == ids["child"])
        session.execute(gone.values(ends_on=yesterday))
    said = client_of("class_teacher").page("/today").select_one("#my-classes").get_text()
    assert "到校 1" in said and "病假" not in said


def test_the_time_of_the_roll_is_called_so(client_of: ClientOf, seed: Seed) -> None:
    """Nobody wrote down when the child came."""
    ids = seed.schools["a"].ids
    clear(seed)
    path = f"/classes/{ids['class']}/attendance"
    client_of("class_teacher").post(path, {"half": half_now()})
    line = client_of("guardian").page("/home").select_one(".sub").get_text()
    assert re.search(r"\d\d:\d\d 点名", line) and "已到校" not in line


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
    clear(seed)
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


def test_a_term_in_the_book_adds_up() -> None:
    states = {"late": 1, "leave": 2, "absent": 0}
    term = TermDays("上学期", clock.today(), clock.today(), 86, states)
    assert term.words == "点名 86 个半天，到校 83 个；迟到 1 次，请假 2 次。"
