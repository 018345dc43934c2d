"""One pupil moves: every kind, every slip named, everything taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from campus import clock, db, jobs
from campus.actor import Actor
from campus.errors import Conflict, Forbidden, InvalidInput, NotFound
from campus.permissions import Role
from campus.schools.models import Membership
from tenants.messages.models import Notification
from tenants.people import scope
from tenants.people.history import history_of, last_day_of, past_years
from tenants.people.models import Enrollment, Pupil
from tenants.people.queries import children, place_of
from tenants.rollover import jobs as turn_jobs
from tenants.rollover import queries, single
from tenants.rollover.models import TurnChange
from tenants.rollover.undo import undo_turn
from tests.rollover.conftest import FIRST, TODAY, House, everything

DAY = timedelta(days=1)
CHILD = (2024, 1)


def act(house: House, do: Callable[..., int], **values: object) -> int:
    with db.transaction(school_id=house.id):
        return do(house.admin, **values)


def undo(house: House, turn_id: int) -> None:
    with db.transaction(school_id=house.id):
        undo_turn(house.admin, turn_id=turn_id)


def at_desk(house: House, pupil_id: int) -> tuple[int, int | None] | None:
    with db.transaction(school_id=house.id, read_only=True):
        place = place_of(pupil_id)
    return (place.class_id, place.seat_no) if place else None


def test_a_pupil_changes_class_and_sits_last(house: House) -> None:
    child, goal = house.pupils[CHILD][0], house.classes[2024, 2]
    before = everything(house.id)
    turn = act(house, single.change_class, pupil_id=child, class_id=goal, on=TODAY)
    assert at_desk(house, child) == (goal, 4)
    with db.transaction(school_id=house.id, read_only=True):
        assert queries.turns()[0].title == "转班：三（1）班 → 三（2）班"
    undo(house, turn)
    assert everything(house.id) == before


@pytest.mark.parametrize(("goal", "verb"), [((2025, 1), "留级"), ((2023, 1), "跳级")])
def test_an_other_entry_year_is_a_repeat_or_a_leap(
    house: House, goal: tuple[int, int], verb: str
) -> None:
    act(
        house,
        single.change_class,
        pupil_id=house.pupils[CHILD][0],
        class_id=house.classes[goal],
        on=TODAY,
    )
    with db.transaction(school_id=house.id, read_only=True):
        assert queries.turns()[0].title.startswith(verb)


def test_a_move_ahead_waits_for_its_day(house: House, at: Callable[[date], None]) -> None:
    child, goal = house.pupils[CHILD][0], house.classes[2024, 2]
    act(house, single.change_class, pupil_id=child, class_id=goal, on=TODAY + 7 * DAY)
    assert at_desk(house, child) == (house.classes[CHILD], 1)
    at(TODAY + 7 * DAY)
    assert at_desk(house, child) == (goal, 4)
    with pytest.raises(InvalidInput, match="11月30日 起已经另有安排"):
        act(house, single.change_class, pupil_id=child, class_id=house.classes[CHILD], on=TODAY)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"class_id": "same"}, "class_id"),
        ({"class_id": 0}, "class_id"),
        ({"seat_no": 1}, "seat_no"),
        ({"on": TODAY - 61 * DAY}, "on"),
        ({"on": TODAY + 401 * DAY}, "on"),
    ],
)
def test_a_slip_is_named_at_its_field(house: House, values: dict[str, object], field: str) -> None:
    values = {"class_id": house.classes[2024, 2], "on": TODAY} | values
    if values["class_id"] == "same":
        values["class_id"] = house.classes[CHILD]
    before = everything(house.id)
    with pytest.raises(InvalidInput) as caught:
        act(house, single.change_class, pupil_id=house.pupils[CHILD][0], **values)
    assert list(caught.value.fields) == [field]
    assert everything(house.id) == before


def test_the_seat_asked_for_is_given(house: House) -> None:
    child, goal = house.pupils[CHILD][0], house.classes[2024, 2]
    act(house, single.change_class, pupil_id=child, class_id=goal, on=TODAY, seat_no=30)
    assert at_desk(house, child) == (goal, 30)


def test_a_pupil_leaves_and_the_family_reads_until_that_evening(
    house: House,
    family: Callable[..., int],
    at: Callable[[date], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cut: list[object] = []
    monkeypatch.setattr("campus.realtime.revoke", lambda **whom: cut.append(whom))
    child = house.pupils[CHILD][0]
    account = family(child)
    mother = Actor(account, "李梅", house.id, frozenset({Role.GUARDIAN}))
    before = everything(house.id)
    turn = act(
        house, single.transfer_out, pupil_id=child, on=TODAY, reason="搬家", next_school="东湖小学"
    )

    def reads() -> bool:
        with db.transaction(school_id=house.id, read_only=True):
            own = list(db.session().scalars(scope.children_of(mother)))
            return bool(own) and bool(children(mother))

    def roles() -> tuple[list[str], bool]:
        with db.transaction(school_id=house.id) as session:
            row = session.get_one(Membership, (house.id, account))
            return row.roles, row.ended_at is not None

    def evening() -> None:
        jobs.perform(turn_jobs.evening, {"school_id": house.id})

    assert reads()
    with db.transaction(school_id=house.id) as session:
        news = session.scalars(select(Notification).where(Notification.account_id == account)).one()
        assert "转学手续已经办理" in news.title and "东湖小学" in news.body
    evening()
    assert roles() == (["guardian"], False), "the last day has an evening"
    at(TODAY + DAY)
    assert not reads(), "also before the job has run"
    evening()
    assert roles() == ([], True)
    assert cut == [{"account_ids": [account], "school_id": house.id, "reason": "left"}]
    evening()
    assert len(cut) == 1, "once is enough"
    undo(house, turn)
    assert everything(house.id) == before
    with db.transaction(school_id=house.id) as session:
        assert session.scalars(select(Notification.withdrawn_at)).one() is not None


def test_a_family_with_another_child_here_stays(house: House, family: Callable[..., int]) -> None:
    first, second = house.pupils[CHILD][0], house.pupils[2026, 1][0]
    account = family(first, second)
    mother = Actor(account, "李梅", house.id, frozenset({Role.GUARDIAN}))
    act(house, single.transfer_out, pupil_id=first, on=TODAY - DAY, reason="搬家")
    with db.transaction(school_id=house.id) as session:
        assert session.get_one(Membership, (house.id, account)).ended_at is None
        assert list(session.scalars(scope.children_of(mother))) == [second]


def test_a_teacher_whose_own_child_leaves_stays_a_teacher(
    house: House, family: Callable[..., int]
) -> None:
    child = house.pupils[CHILD][0]
    account = family(child)
    with db.transaction(school_id=house.id) as session:
        held = Membership.account_id == account
        session.execute(update(Membership).where(held).values(roles=["teacher", "guardian"]))
    turn = act(
        house, single.transfer_out, pupil_id=child, on=TODAY - DAY, reason="搬家", tell=False
    )
    with db.transaction(school_id=house.id) as session:
        member = session.get_one(Membership, (house.id, account))
        assert (member.roles, member.ended_at) == (["teacher"], None)
        assert session.scalars(select(Notification)).all() == []
    undo(house, turn)
    with db.transaction(school_id=house.id) as session:
        assert session.get_one(Membership, (house.id, account)).roles == ["teacher", "guardian"]


def test_the_records_of_who_left_stay_with_the_office(house: House) -> None:
    child = house.pupils[CHILD][0]
    act(house, single.transfer_out, pupil_id=child, on=TODAY - DAY, reason="搬家")
    with db.transaction(school_id=house.id, read_only=True):
        page = queries.pupil_page(house.admin, child)
        assert (page.away, page.class_label) == ("转出", "")


def test_suspended_and_back_again(house: House, at: Callable[[date], None]) -> None:
    child = house.pupils[CHILD][0]
    act(house, single.suspend, pupil_id=child, on=TODAY, reason="因病")
    with pytest.raises(InvalidInput, match="还在校"):
        act(house, single.come_back, pupil_id=child, class_id=house.classes[CHILD], on=TODAY)
    at(TODAY + 90 * DAY)
    assert at_desk(house, child) is None
    act(house, single.come_back, pupil_id=child, class_id=house.classes[2025, 1], on=clock.today())
    assert at_desk(house, child) == (house.classes[2025, 1], 4)
    with db.transaction(school_id=house.id, read_only=True):
        lines = [(one.title, one.words) for one in history_of(child)]
    assert lines == [
        ("二年级（1）班", "2026—2027学年 · 2027年2月21日起 · 4 号"),
        ("休学", "最后一天 2026年11月23日 · 2027年2月21日回来"),
        ("三年级（1）班", "2026—2027学年 · 2026年9月1日起 · 2026年11月23日止 · 1 号"),
    ]


def test_back_from_another_school_opens_the_family_door(
    house: House, family: Callable[..., int], at: Callable[[date], None]
) -> None:
    child = house.pupils[CHILD][0]
    account = family(child)
    act(house, single.transfer_out, pupil_id=child, on=TODAY - DAY, reason="搬家")
    at(TODAY + DAY)
    with db.transaction(school_id=house.id) as session:
        assert session.get_one(Membership, (house.id, account)).ended_at is not None
    act(house, single.come_back, pupil_id=child, class_id=house.classes[CHILD], on=TODAY + DAY)
    with db.transaction(school_id=house.id) as session:
        member = session.get_one(Membership, (house.id, account))
        assert (member.roles, member.ended_at) == (["guardian"], None)


def test_a_new_pupil_comes_and_the_slip_is_taken_back(house: House) -> None:
    before = everything(house.id)
    goal = house.classes[CHILD]
    child = act(house, single.take_in, name="翟晓明", class_id=goal, on=TODAY, sex=1)
    assert at_desk(house, child) == (goal, 4)
    with db.transaction(school_id=house.id, read_only=True):
        turn = queries.turns()[0]
    assert turn.title == "转入：三（1）班"
    undo(house, turn.id)
    assert everything(house.id) == before


def test_undo_goes_backwards(house: House) -> None:
    """The earlier of two moves waits for the later, which is named."""
    child = house.pupils[CHILD][0]
    first = act(
        house, single.change_class, pupil_id=child, class_id=house.classes[2024, 2], on=TODAY
    )
    second = act(
        house, single.change_class, pupil_id=child, class_id=house.classes[2025, 1], on=TODAY + DAY
    )
    with pytest.raises(Conflict, match=r"留级：三（2）班 → 二（1）班.*请先撤销那一次"):
        undo(house, first)
    undo(house, second)
    undo(house, first)
    assert at_desk(house, child) == (house.classes[CHILD], 1)


def test_foreign_and_missing_answer_alike(house: House) -> None:
    for do, more in (
        (single.change_class, {"class_id": house.classes[CHILD]}),
        (single.transfer_out, {"reason": "搬家"}),
        (single.suspend, {"reason": "因病"}),
        (single.come_back, {"class_id": house.classes[CHILD]}),
    ):
        with pytest.raises(NotFound):
            act(house, do, pupil_id=999_999, on=TODAY, **more)


def test_a_teacher_moves_nobody(house: House) -> None:
    teacher = Actor(1, "王芳", house.id, frozenset({Role.TEACHER}))
    with db.transaction(school_id=house.id), pytest.raises(Forbidden):
        single.suspend(teacher, pupil_id=house.pupils[CHILD][0], on=TODAY, reason="因病")


def test_a_place_is_shown_year_by_year(house: House, at: Callable[[date], None]) -> None:
    child = house.pupils[CHILD][0]
    at(date(2028, 2, 29))
    with db.transaction(school_id=house.id, read_only=True):
        lines = [(one.title, one.words) for one in history_of(child)]
        assert past_years() == [2026]
        assert last_day_of(2026) == date(2027, 8, 31)
        assert last_day_of(2025) == date(2026, 8, 31)
    assert lines == [
        ("四年级（1）班", "2027—2028学年 · 1 号"),
        ("三年级（1）班", "2026—2027学年 · 2026年9月1日起 · 1 号"),
    ]


def test_old_journals_forget_the_rows(house: House, at: Callable[[date], None]) -> None:
    act(house, single.suspend, pupil_id=house.pupils[CHILD][0], on=TODAY, reason="因病")
    jobs.perform(turn_jobs.evening, {"school_id": house.id})
    with db.transaction(school_id=house.id) as session:
        assert session.scalars(select(TurnChange)).all()
    at(clock.now().date() + 9 * DAY)  # the journal carries the time of the database
    jobs.perform(turn_jobs.evening, {"school_id": house.id})
    with db.transaction(school_id=house.id) as session:
        assert not session.scalars(select(TurnChange)).all()
        assert session.scalars(select(Enrollment.starts_on).limit(1)).one() == FIRST
        assert session.scalars(select(Pupil.id).limit(1)).one()
