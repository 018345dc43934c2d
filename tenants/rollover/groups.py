"""合班 and 分班: several classes of one entry year into one, one into several."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from campus.actor import Actor
from campus.errors import InvalidInput
from tenants.people import naming
from tenants.people.doors import among
from tenants.people.enrol import open_classes
from tenants.people.models import HomeroomClass
from tenants.people.moves import Place, close_classes, move_pupils
from tenants.rollover.actions import begin, lock_turns
from tenants.rollover.permissions import Rollover
from tenants.rollover.plan import size_word
from tenants.rollover.state import ClassKey, Room, Seat, State, load_state

MOST_PARTS = 6
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Part:
    """One class as it will be: who sits where; ``class_id`` is None for a class to be opened."""

    key: ClassKey
    class_id: int | None
    label: str
    stays: Sequence[Seat]
    comes: Sequence[tuple[Seat, int]]

    @property
    def size(self) -> int:
        """How many pupils there will be."""
        return len(self.stays) + len(self.comes)

    @property
    def size_word(self) -> str:
        """``大班额`` and its kind; empty for a class of up to 45."""
        return size_word(self.size)


def preview_merge(class_ids: Collection[int], into_id: int, on: date) -> tuple[Part, list[Room]]:
    """The merged class and the classes that end. Raises InvalidInput for what cannot be merged."""
    state = load_state(on + DAY)  # as it is on that day, with what begins on it
    rooms = {room.id: room for room in state.rooms}
    goal = rooms.get(into_id)
    if goal is None:
        raise InvalidInput({"into_id": "请选择并入哪个班。"})
    ending = [rooms[one] for one in sorted(set(class_ids) - {into_id}) if one in rooms]
    if not ending or set(class_ids) - rooms.keys():
        raise InvalidInput({"class_id": "请选择要并过来的班，至少一个。"})
    if {room.key[0] for room in ending} != {goal.key[0]}:
        raise InvalidInput({"class_id": "只能合并同一个年级的班。"})
    stays = _seated(state, goal.id)
    coming = [seat for room in ending for seat in _seated(state, room.id)]
    return Part(
        goal.key, goal.id, naming.class_label(*goal.key, on), stays, _after(stays, coming)
    ), ending


def _seated(state: State, class_id: int) -> list[Seat]:
    return [seat for seat in state.seats if seat.class_id == class_id]


def _after(stays: Sequence[Seat], coming: Sequence[Seat]) -> list[tuple[Seat, int]]:
    """Those who come sit behind those who stay, in the order given."""
    last = max((seat.seat_no or 0 for seat in stays), default=0)
    return [(seat, last + place) for place, seat in enumerate(coming, start=1)]


def merge_classes(actor: Actor, *, class_ids: Collection[int], into_id: int, on: date) -> int:
    """Everybody of ``class_ids`` goes into ``into_id`` from ``on``; those classes end. The turn."""
    actor.check(Rollover.TURN)
    lock_turns()
    goal, ending = preview_merge(class_ids, into_id, on)
    names = "、".join(naming.short_label(*room.key, on) for room in ending)
    journal = begin(
        actor,
        "merge",
        title=f"合班：{names} 并入 {naming.short_label(*goal.key, on)}",
        effective_on=on,
    )
    places = [Place(seat.pupil_id, into_id, free) for seat, free in goal.comes]
    move_pupils(actor, journal, places, on=on)
    close_classes(actor, journal, [room.id for room in ending], last_day=on - DAY)
    return journal.turn_id


def preview_split(
    class_id: int, parts: int, on: date, chosen: Mapping[int, int] | None = None, by: str = "seat"
) -> list[Part]:
    """The class and the new ones beside it; ``chosen`` is pupil → part, part 1 stays.

    Without a choice pupils are dealt ``by`` seat in blocks, or in ``turn`` one by one. Raises
    InvalidInput for a class or number that cannot be.
    """
    state = load_state(on + DAY)  # as it is on that day, with what begins on it
    room = next((one for one in state.rooms if one.id == class_id), None)
    if room is None:
        raise InvalidInput({"class_id": "请选择要分的班。"})
    seats = _seated(state, class_id)
    if not 2 <= parts <= MOST_PARTS or len(seats) < parts:
        raise InvalidInput({"parts": f"一个班可以分成 2 到 {MOST_PARTS} 个班，每班至少一人。"})
    if set(chosen or {}) - {seat.pupil_id for seat in seats}:
        raise InvalidInput({"place": "有学生不在这个班，请刷新页面再试。"})
    deal = _dealt(seats, parts, by) | dict(chosen or {})
    if set(deal.values()) != set(range(1, parts + 1)):
        raise InvalidInput({"place": "每个新班至少要有一名学生。"})
    last = max(one.key[1] for one in state.rooms if one.key[0] == room.key[0])
    return [
        _part(room, part, (room.key[0], last + part - 1), _dealt_to(part, seats, deal), on)
        for part in range(1, parts + 1)
    ]


def _dealt(seats: Sequence[Seat], parts: int, by: str) -> dict[int, int]:
    if by == "turn":
        return {seat.pupil_id: place % parts + 1 for place, seat in enumerate(seats)}
    return {seat.pupil_id: place * parts // len(seats) + 1 for place, seat in enumerate(seats)}


def _dealt_to(part: int, seats: Sequence[Seat], deal: Mapping[int, int]) -> list[Seat]:
    return [seat for seat in seats if deal[seat.pupil_id] == part]


def _part(room: Room, part: int, key: ClassKey, mine: list[Seat], on: date) -> Part:
    """Part 1 is the class itself; the others are opened under ``key`` and count seats anew."""
    if part == 1:
        return Part(room.key, room.id, naming.class_label(*room.key, on), mine, [])
    return Part(key, None, naming.class_label(*key, on), [], _after([], mine))


def split_class(
    actor: Actor, *, class_id: int, parts: int, on: date, chosen: Mapping[int, int]
) -> int:
    """Open the new classes and move the chosen pupils into them from ``on``; the turn."""
    actor.check(Rollover.TURN)
    lock_turns()
    planned = preview_split(class_id, parts, on, chosen)
    names = "、".join(naming.short_label(*part.key, on) for part in planned[1:])
    label = naming.short_label(*planned[0].key, on)
    journal = begin(actor, "split", title=f"分班：{label} 分出 {names}", effective_on=on)
    keys = [part.key for part in planned[1:]]
    classes = open_classes(actor, keys)
    journal.noted(HomeroomClass, HomeroomClass.id == among([classes[key] for key in keys]))
    places = [
        Place(seat.pupil_id, classes[part.key], free)
        for part in planned[1:]
        for seat, free in part.comes
    ]
    move_pupils(actor, journal, places, on=on)
    return journal.turn_id
