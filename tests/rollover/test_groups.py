"""合班 and 分班: a preview, the day, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from campus import db
from campus.errors import InvalidInput
from tenants.classes.own import all_classes
from tenants.people.models import Assignment, Enrollment
from tenants.rollover import groups
from tenants.rollover.undo import undo_turn
from tests.rollover.conftest import TODAY, House, everything

MONDAY = TODAY + timedelta(days=7)


def shown(house: House) -> dict[str, int]:
    with db.transaction(school_id=house.id, read_only=True):
        return {one.label: one.pupils for one in all_classes(house.admin)}


def test_two_classes_become_one_and_two_again(house: House, at: Callable[[date], None]) -> None:
    before = everything(house.id)
    gone, stays = house.classes[2024, 2], house.classes[2024, 1]
    with db.transaction(school_id=house.id, read_only=True):
        goal, ending = groups.preview_merge({gone}, stays, MONDAY)
    assert (goal.label, goal.size) == ("三年级（1）班", 6)
    assert [free for _, free in goal.comes] == [4, 5, 6]
    assert [room.id for room in ending] == [gone]
    assert everything(house.id) == before
    with db.transaction(school_id=house.id):
        turn = groups.merge_classes(house.admin, class_ids=[gone], into_id=stays, on=MONDAY)
    assert shown(house)["三年级（2）班"] == 3, "until its day all is as before"
    at(MONDAY)
    assert shown(house)["三年级（1）班"] == 6
    assert "三年级（2）班" not in shown(house)
    with db.transaction(school_id=house.id) as session:
        ends = session.scalars(select(Assignment.ends_on).where(Assignment.class_id == gone))
        assert set(ends) == {MONDAY - timedelta(days=1)}
        undo_turn(house.admin, turn_id=turn)
    assert everything(house.id) == before


@pytest.mark.parametrize(
    ("chosen", "into", "field"),
    [
        ([(2024, 1)], (2024, 1), "class_id"),
        ([], (2024, 1), "class_id"),
        ([(2025, 1)], (2024, 1), "class_id"),
        ([(2024, 2)], None, "into_id"),
    ],
)
def test_what_cannot_be_merged_is_named(
    house: House, chosen: list[tuple[int, int]], into: tuple[int, int] | None, field: str
) -> None:
    ids = [house.classes[key] for key in chosen]
    goal = house.classes[into] if into else 0
    with db.transaction(school_id=house.id), pytest.raises(InvalidInput) as caught:
        groups.merge_classes(house.admin, class_ids=ids, into_id=goal, on=MONDAY)
    assert list(caught.value.fields) == [field]


def test_a_foreign_class_is_never_merged(house: House) -> None:
    with db.transaction(school_id=house.id), pytest.raises(InvalidInput):
        own = house.classes[2024, 1]
        groups.merge_classes(
            house.admin, class_ids=[house.classes[2024, 2], 999_999], into_id=own, on=MONDAY
        )


def test_a_class_is_split_by_seat_and_by_hand(house: House, at: Callable[[date], None]) -> None:
    before = everything(house.id)
    room, (one, two, three) = house.classes[2024, 1], house.pupils[2024, 1]
    with db.transaction(school_id=house.id, read_only=True):
        parts = groups.preview_split(room, 2, MONDAY)
        dealt = groups.preview_split(room, 2, MONDAY, by="turn")
    assert [(part.label, part.size) for part in parts] == [
        ("三年级（1）班", 2),
        ("三年级（3）班", 1),
    ]
    assert [seat.pupil_id for seat in parts[0].stays] == [one, two]
    assert [seat.pupil_id for seat, _ in dealt[1].comes] == [two]
    with db.transaction(school_id=house.id):
        turn = groups.split_class(
            house.admin, class_id=room, parts=2, on=MONDAY, chosen={one: 2, two: 1, three: 2}
        )
    at(MONDAY)
    assert (shown(house)["三年级（1）班"], shown(house)["三年级（3）班"]) == (1, 2)
    with db.transaction(school_id=house.id) as session:
        seats = session.scalars(
            select(Enrollment.seat_no)
            .where(Enrollment.starts_on == MONDAY)
            .order_by(Enrollment.pupil_id)
        )
        assert list(seats) == [1, 2], "the new class counts its seats anew"
        undo_turn(house.admin, turn_id=turn)
    assert everything(house.id) == before


@pytest.mark.parametrize(
    ("parts", "chosen", "field"),
    [
        (1, {}, "parts"),
        (7, {}, "parts"),
        (4, {}, "parts"),
        (2, {"all": 1}, "place"),
        (2, {999: 2}, "place"),
    ],
)
def test_what_cannot_be_split_is_named(
    house: House, parts: int, chosen: dict[object, int], field: str
) -> None:
    given = dict.fromkeys(house.pupils[2024, 1], 1) if "all" in chosen else chosen
    with db.transaction(school_id=house.id), pytest.raises(InvalidInput) as caught:
        groups.split_class(
            house.admin,
            class_id=house.classes[2024, 1],
            parts=parts,
            on=MONDAY,
            chosen=given,  # type: ignore[arg-type]
        )
    assert list(caught.value.fields) == [field]
