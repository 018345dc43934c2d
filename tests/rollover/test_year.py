"""The turn of the year: looked at, done once, taken back to the byte."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update

from campus import clock, db
from campus.actor import Actor
from campus.errors import CampusError, Conflict, Forbidden, InvalidInput, NotFound
from campus.permissions import Role
from tenants.classes.attendance import take_attendance
from tenants.classes.own import all_classes
from tenants.people.enrol import NewPupil, enrol_pupils
from tenants.people.models import Assignment, Enrollment, HomeroomClass, SchoolYear, Term
from tenants.rollover import actions, drafts
from tenants.rollover.models import Turn, TurnChange
from tenants.rollover.plan import DROP, HOMEROOM, REPEAT, Choice
from tenants.rollover.state import year_to_plan
from tenants.rollover.undo import undo_turn
from tests.rollover.conftest import NEXT, TODAY, House, everything
from tests.support.databases import many
from tests.support.queries import counting

YEAR = 2027
TERMS = drafts.Terms(date(2027, 9, 1), date(2028, 1, 21), date(2028, 2, 21), date(2028, 7, 7))


def save(house: House, newcomers: str = "", **more: object) -> None:
    values = {"effective_on": NEXT, "new_classes": 2} | more
    with db.transaction(school_id=house.id):
        drafts.save_plan(
            house.admin,
            year=YEAR,
            terms=TERMS,
            newcomers=newcomers,
            **values,  # type: ignore[arg-type]
        )


def choose(house: House, key: tuple[int, int], *choices: Choice) -> None:
    with db.transaction(school_id=house.id):
        draft, plan = actions.year_plan(YEAR)
        line = drafts.line_of(plan, house.classes[key])
        drafts.save_class(house.admin, draft=draft, line=line, choices=choices)


def begin(house: House) -> int:
    with db.transaction(school_id=house.id):
        mark = actions.year_plan(YEAR)[1].mark
        return actions.apply_year(house.admin, year=YEAR, seen=mark)


def undo(house: House, turn_id: int) -> None:
    with db.transaction(school_id=house.id):
        undo_turn(house.admin, turn_id=turn_id)


def full_plan(house: House) -> None:
    """A newcomer, a repeat in every position, a teacher who goes, a new 班主任."""
    save(house, "1 钱小一 女\n2班,孙小二", homerooms=[(1, house.staff[0])])
    choose(house, (2021, 1), Choice(REPEAT, (2021, 1), house.pupils[2021, 1][0], 2))
    choose(house, (2026, 1), Choice(REPEAT, (2026, 1), house.pupils[2026, 1][1], 1))
    with db.transaction(school_id=house.id) as session:
        duty = session.scalars(
            select(Assignment.id).where(
                Assignment.class_id == house.classes[2024, 2], Assignment.homeroom.is_(False)
            )
        ).one()
    choose(
        house,
        (2024, 2),
        Choice(DROP, (2024, 2), duty),
        Choice(HOMEROOM, (2024, 2), house.staff[1]),
    )


def test_the_preview_says_what_becomes_of_every_class_and_writes_nothing(house: House) -> None:
    before = everything(house.id)
    with db.transaction(school_id=house.id, read_only=True):
        _, plan = actions.year_plan(YEAR)
    said = [(line.now, line.next, line.fate, line.size) for line in plan.lines]
    assert said[:3] == [
        ("新开", "一年级（1）班", "new", 0),
        ("新开", "一年级（2）班", "new", 0),
        ("一年级（1）班", "二年级（1）班", "stays", 3),
    ]
    assert said[-1] == ("六年级（2）班", "毕业", "graduates", 0)
    assert plan.totals == {"up": 30, "repeat": 0, "out": 6, "new": 0}
    assert plan.checks == [
        "一年级（1）班 新学年还没有班主任。",
        "一年级（2）班 新学年还没有班主任。",
    ]
    assert everything(house.id) == before


def test_a_plan_is_saved_left_and_taken_up_again(house: House) -> None:
    full_plan(house)
    with db.transaction(school_id=house.id, read_only=True):
        draft, plan = actions.year_plan(YEAR)
    assert [one.name for one in draft.basics.newcomers] == ["钱小一", "孙小二"]
    assert plan.totals == {"up": 29, "repeat": 2, "out": 5, "new": 2}
    lines = {line.key: line for line in plan.lines}
    assert [(seat.pupil_id, free) for seat, free in lines[2022, 2].arrivals] == [
        (house.pupils[2021, 1][0], 4)
    ]
    assert lines[2024, 2].new_homeroom == house.staff[1]
    assert {duty.title for duty in lines[2024, 2].ended} == {"语文", "班主任"}
    assert lines[2027, 1].size == 2  # a newcomer and one who repeats


def test_choices_gone_stale_count_for_nothing(house: House) -> None:
    full_plan(house)
    with db.transaction(school_id=house.id) as session:
        session.execute(
            update(Enrollment)
            .where(Enrollment.pupil_id == house.pupils[2021, 1][0])
            .values(ends_on=TODAY)
        )
    with db.transaction(school_id=house.id, read_only=True):
        _, plan = actions.year_plan(YEAR)
    assert plan.totals["repeat"] == 1


def test_a_plan_of_the_first_class_page_is_saved_with_what_is_usual(house: House) -> None:
    choose(house, (2024, 1), Choice(REPEAT, (2024, 1), house.pupils[2024, 1][0], 1))
    with db.transaction(school_id=house.id, read_only=True):
        draft = drafts.load_draft(YEAR)
    assert draft.id is not None
    assert draft.basics.effective_on == NEXT
    # The same weekdays as a year before.
    assert draft.terms.first_starts_on.weekday() == date(2026, 9, 1).weekday()


def test_checks_are_plain_sentences(house: House) -> None:
    save(house, "\n".join(f"1 新生{place}" for place in range(66)))
    with db.transaction(school_id=house.id) as session:
        session.execute(
            update(Enrollment)
            .where(Enrollment.pupil_id == house.pupils[2024, 1][1])
            .values(seat_no=1)
        )
        session.execute(
            update(Enrollment)
            .where(Enrollment.pupil_id == house.pupils[2025, 1][0])
            .values(ends_on=TODAY - timedelta(days=1))
        )
    with db.transaction(school_id=house.id, read_only=True):
        checks = actions.year_plan(YEAR)[1].checks
    assert "一年级（1）班 将有 66 人，属于超大班额（标准班额 45 人）。" in checks
    assert "四年级（1）班 的 1 号座号有重复。" in checks
    assert "有 1 名学生不在任何班里，新学年也不会出现在班级中。" in checks


def test_the_year_begins_on_its_day_and_the_past_stays(
    house: House, at: Callable[[date], None]
) -> None:
    full_plan(house)
    begin(house)

    def labels() -> list[str]:
        with db.transaction(school_id=house.id, read_only=True):
            return [f"{one.label}{one.pupils}" for one in all_classes(house.admin)]

    now = labels()
    assert now[0] == "一年级（1）班3" and now[-1] == "六年级（2）班3" and len(now) == 12
    at(date(2027, 8, 31))
    assert labels() == now, "nothing changes before 1 September"
    at(NEXT)
    assert labels() == [
        "一年级（1）班2", "一年级（2）班1", "二年级（1）班2", "二年级（2）班3", "三年级（1）班3",
        "三年级（2）班3", "四年级（1）班3", "四年级（2）班3", "五年级（1）班3", "五年级（2）班3",
        "六年级（1）班3", "六年级（2）班4",
    ]  # fmt: skip
    with db.transaction(school_id=house.id) as session:
        places = session.execute(
            select(
                Enrollment.class_id, Enrollment.starts_on, Enrollment.ends_on, Enrollment.seat_no
            )
            .where(Enrollment.pupil_id == house.pupils[2021, 1][0])
            .order_by(Enrollment.starts_on)
        ).all()
        assert [tuple(row) for row in places] == [
            (house.classes[2021, 1], date(2026, 9, 1), date(2027, 8, 31), 1),
            (house.classes[2022, 2], NEXT, None, 4),
        ]
        assert session.scalars(select(func.count()).select_from(Term)).one() == 4
        heads = session.scalars(
            select(Assignment.staff_id).where(
                Assignment.class_id == house.classes[2024, 2],
                Assignment.homeroom,
                Assignment.ends_on.is_(None),
            )
        ).all()
        assert heads == [house.staff[1]]


def test_doing_it_twice_is_refused_with_a_sentence(house: House) -> None:
    begin(house)
    before = everything(house.id)
    with pytest.raises(Conflict, match="2027—2028 学年已经在刚刚开始，没有重复办理"):
        begin(house)
    assert everything(house.id) == before


def test_what_was_not_seen_is_not_done(house: House) -> None:
    with db.transaction(school_id=house.id, read_only=True):
        mark = actions.year_plan(YEAR)[1].mark
    choose(house, (2024, 1), Choice(REPEAT, (2024, 1), house.pupils[2024, 1][0], 1))
    with pytest.raises(Conflict, match="重新看一遍预览"), db.transaction(school_id=house.id):
        actions.apply_year(house.admin, year=YEAR, seen=mark)


def test_done_and_undone_is_as_if_nothing_had_been(house: House) -> None:
    full_plan(house)
    before = everything(house.id)
    turn_id = begin(house)
    assert everything(house.id) != before
    undo(house, turn_id)
    after = everything(house.id)
    for table, rows in before.items():
        assert after[table] == rows, table
    assert begin(house) > turn_id, "and it can be done again"


def test_undoing_twice_or_late_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    turn_id = begin(house)
    now = clock.now()
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: now + timedelta(days=7, seconds=1))
        with pytest.raises(Conflict, match="超过 7 天"):
            undo(house, turn_id)
    undo(house, turn_id)
    with pytest.raises(Conflict, match="撤销过了"):
        undo(house, turn_id)
    with pytest.raises(NotFound):
        undo(house, turn_id + 1000)


def test_undo_is_refused_when_a_row_was_changed_since(house: House) -> None:
    turn_id = begin(house)
    with db.transaction(school_id=house.id) as session:
        session.execute(
            update(Enrollment)
            .where(Enrollment.pupil_id == house.pupils[2021, 1][0])
            .values(seat_no=40)
        )
    before = everything(house.id)
    with pytest.raises(Conflict, match="学生的班级又改过"):
        undo(house, turn_id)
    assert everything(house.id) == before


def test_undo_is_refused_once_the_new_class_is_called_over(
    house: House, at: Callable[[date], None]
) -> None:
    save(house, "1 钱小一 女")
    at(date(2027, 8, 30))
    turn_id = begin(house)
    at(NEXT)
    with db.transaction(school_id=house.id) as session:
        new = session.scalars(
            select(HomeroomClass.id).where(
                HomeroomClass.entry_year == YEAR, HomeroomClass.number == 1
            )
        ).one()
        take_attendance(house.admin, class_id=new, day=NEXT, half="am")
    with pytest.raises(Conflict, match="9月1日 已经点过名"):
        undo(house, turn_id)


def test_undo_is_refused_when_something_points_at_what_was_made(house: House) -> None:
    turn_id = begin(house)
    with db.transaction(school_id=house.id) as session:
        new = session.scalars(
            select(HomeroomClass.id).where(HomeroomClass.entry_year == YEAR)
        ).first()
        session.add(Enrollment(pupil_id=house.pupils[2026, 1][0], class_id=new, starts_on=NEXT))
    before = everything(house.id)
    with pytest.raises(Conflict, match="之后已经有了学生的班级"):
        undo(house, turn_id)
    assert everything(house.id) == before


def test_two_administrators_at_once_do_it_once(house: House) -> None:
    said: list[str] = []
    ready = threading.Barrier(2)

    def run() -> None:
        try:
            with db.transaction(school_id=house.id):
                mark = actions.year_plan(YEAR)[1].mark
                ready.wait(10)
                actions.apply_year(house.admin, year=YEAR, seen=mark)
            said.append("done")
        except CampusError as error:
            said.append(error.message)

    threads = [threading.Thread(target=run) for _ in range(2)]
    with many():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert sorted(said)[1] == "done" or sorted(said)[0] == "done"
    assert any("没有重复办理" in words for words in said)
    with db.transaction(school_id=house.id) as session:
        assert session.scalars(select(func.count()).select_from(Turn)).one() == 1


def test_many_pupils_cost_as_many_statements_as_few(house: House, school_id: int) -> None:
    """Also the other way round; a turn whose rows are ten times as many."""
    full_plan(house)
    with counting() as few:
        turn_id = begin(house)
    with counting() as few_back:
        undo(house, turn_id)
    crowd(house, 40)
    with counting() as many:
        turn_id = begin(house)
    with db.transaction(school_id=school_id) as session:
        kept = session.scalars(select(func.count()).select_from(TurnChange)).one()
    with counting() as many_back:
        undo(house, turn_id)
    assert kept > 2 * 6 + 80, "a whole grade graduated"
    assert len(many) == len(few), f"{few}\n\n{many}"
    assert len(many_back) == len(few_back), f"{few_back}\n\n{many_back}"
    assert len(many) < 50


def crowd(house: House, each: int) -> None:
    """More children in every class; many of the last grade repeat."""
    with db.transaction(school_id=house.id):
        system = Actor.system(house.id)
        for key, class_id in house.classes.items():
            new = [
                NewPupil(f"又一{key[1]}{place}", class_id, place + 3) for place in range(1, each)
            ]
            house.pupils[key] += enrol_pupils(system, new, starts_on=date(2026, 9, 1))
    repeats = [Choice(REPEAT, (2021, 2), one, 1) for one in house.pupils[2021, 2][:20]]
    choose(house, (2021, 2), *repeats)


def test_only_the_administrator_turns_the_year(house: House) -> None:
    teacher = Actor(1, "王芳", house.id, frozenset({Role.TEACHER, Role.HEAD}))
    with db.transaction(school_id=house.id):
        for act in (
            lambda: actions.apply_year(teacher, year=YEAR, seen="0" * 16),
            lambda: undo_turn(teacher, turn_id=1),
        ):
            with pytest.raises(Forbidden):
                act()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1", "第 1 行应是“班号 姓名 性别”"),
        ("1 李小明 男\n\n3 王欣", "第 3 行的班号应在 1 到 2 之间"),
        ("1 李小明 他", "第 1 行的性别"),
        ("1 李", "第 1 行的姓名"),
    ],
)
def test_a_pasted_list_names_the_line_that_is_wrong(house: House, text: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        save(house, text)


@pytest.mark.parametrize("day", [date(2027, 8, 31), date(2027, 11, 1), date(2028, 9, 1)])
def test_a_year_begins_in_september_or_october(house: House, day: date) -> None:
    with pytest.raises(InvalidInput, match="9 月 1 日到 10 月 31 日"):
        save(house, effective_on=day)


def test_the_next_year_is_planned_once_this_one_is_open(house: House) -> None:
    begin(house)
    with db.transaction(school_id=house.id, read_only=True):
        assert year_to_plan(date(2027, 8, 31)) == 2027
        assert year_to_plan(date(2027, 9, 1)) == 2028


def test_a_year_opened_before_is_not_opened_twice(house: House) -> None:
    with db.transaction(school_id=house.id) as session:
        session.add(
            SchoolYear(name="早开的", starts_on=date(2027, 9, 1), ends_on=date(2028, 8, 31))
        )
    begin(house)
    with db.transaction(school_id=house.id) as session:
        assert session.scalars(select(func.count()).select_from(SchoolYear)).one() == 2
