"""The next school year, worked out from what the school holds and what was chosen.

Nothing is written. A class never changes its name: 2024级2班 is 三年级（2）班 one day and
四年级（2）班 the next, because the grade follows from the day. So all there is
to plan are the exceptions.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from tenants.people import calendar, naming
from tenants.rollover.state import ClassKey, Duty, Room, Seat, State

STAYS, GRADUATES, NEW = "stays", "graduates", "new"
REPEAT, DROP, HOMEROOM = "repeat", "drop", "homeroom"
# Pupils a class, 教育部 as printed by the bureaus: 36–45 正常, 46–55 偏大, 56–65 大班额, ≥66 超大.
SIZES = ((66, "超大班额"), (56, "大班额"), (46, "班额偏大"))


def size_word(pupils: int) -> str:
    """What a class of so many is called; empty up to 45."""
    return next((word for least, word in SIZES if pupils >= least), "")


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A child of the new lowest grade; sex as in GB/T 2261.1."""

    number: int
    name: str
    sex: int


@dataclass(frozen=True, slots=True)
class Choice:
    """One exception, made on the page of the class ``key``."""

    kind: str
    key: ClassKey
    object_id: int
    target: int | None = None


@dataclass(frozen=True, slots=True)
class Basics:
    """What is set for the year as a whole; the grades are the school's (its settings)."""

    year: int
    effective_on: date
    first_grade: int
    last_grade: int
    new_classes: int
    newcomers: Sequence[Newcomer] = ()
    choices: Sequence[Choice] = ()

    @property
    def entering(self) -> int:
        """The entry year of the classes that begin in the lowest grade."""
        return self.year - self.first_grade + 1

    @property
    def first_title(self) -> str:
        """``一年级``: where the new pupils come in."""
        return f"{calendar.NUMERALS[self.first_grade]}年级"

    @property
    def last_title(self) -> str:
        """``六年级``: where they go from."""
        return f"{calendar.NUMERALS[self.last_grade]}年级"


@dataclass(slots=True)
class ClassLine:
    """One class, now and next year."""

    key: ClassKey
    class_id: int | None
    fate: str
    now: str
    next: str
    pupils: int = 0
    repeats: list[Seat] = field(default_factory=list)
    arrivals: list[tuple[Seat, int]] = field(default_factory=list)
    newcomers: list[Newcomer] = field(default_factory=list)
    kept: list[Duty] = field(default_factory=list)
    ended: list[Duty] = field(default_factory=list)
    new_homeroom: int | None = None
    twice: list[int] = field(default_factory=list)

    @property
    def leaving(self) -> int:
        """How many graduate."""
        return self.pupils - len(self.repeats) if self.fate == GRADUATES else 0

    @property
    def size(self) -> int:
        """How many pupils there will be."""
        staying = 0 if self.fate == GRADUATES else self.pupils - len(self.repeats)
        return staying + len(self.arrivals) + len(self.newcomers)

    @property
    def size_word(self) -> str:
        """``大班额`` and its kind; empty for a class of up to 45."""
        return size_word(self.size)

    @property
    def has_homeroom(self) -> bool:
        """Whether somebody will be its 班主任."""
        return self.new_homeroom is not None or any(duty.homeroom for duty in self.kept)


@dataclass(frozen=True, slots=True)
class YearPlan:
    """Every class with its next year, what to look at, and a mark of exactly this."""

    basics: Basics
    lines: list[ClassLine]
    checks: list[str]
    mark: str

    def of(self, fate: str) -> list[ClassLine]:
        """The classes that share a fate."""
        return [line for line in self.lines if line.fate == fate]

    @property
    def totals(self) -> dict[str, int]:
        """How many pupils go on, repeat, graduate and begin."""
        repeats = sum(len(line.repeats) for line in self.lines)
        leaving = sum(line.leaving for line in self.lines)
        begin = sum(len(line.newcomers) for line in self.lines)
        here = sum(line.pupils for line in self.lines)
        return {"up": here - repeats - leaving, "repeat": repeats, "out": leaving, "new": begin}


def plan_year(state: State, basics: Basics) -> YearPlan:
    """Work the year out; the same state and choices give the same mark."""
    lines = {line.key: line for line in _lines(state.rooms, basics)}
    _seat(lines, state, basics)
    _staff(lines, state, basics)
    ordered = sorted(lines.values(), key=lambda line: (-line.key[0], line.key[1]))
    return YearPlan(basics, ordered, _checks(ordered, state.placeless), _mark(ordered, basics))


def _lines(rooms: Sequence[Room], basics: Basics) -> Iterable[ClassLine]:
    eve = basics.effective_on - timedelta(days=1)
    open_already = {room.key for room in rooms}
    for room in rooms:
        if room.key[0] <= basics.entering:
            yield ClassLine(
                room.key, room.id, _fate(room.key, basics), *_labels(room.key, eve, basics)
            )
    for number in range(1, basics.new_classes + 1):
        key = (basics.entering, number)
        if key not in open_already:
            yield ClassLine(key, None, NEW, *_labels(key, eve, basics))


def _fate(key: ClassKey, basics: Basics) -> str:
    if key[0] == basics.entering:
        return NEW
    return GRADUATES if basics.year - key[0] + 1 > basics.last_grade else STAYS


def _labels(key: ClassKey, eve: date, basics: Basics) -> tuple[str, str]:
    fate = _fate(key, basics)
    begun = calendar.grade_of(key[0], eve) >= basics.first_grade
    now = naming.graded_label(*key, eve) if begun else "新开"
    return now, "毕业" if fate == GRADUATES else naming.graded_label(*key, basics.effective_on)


def _seat(lines: Mapping[ClassKey, ClassLine], state: State, basics: Basics) -> None:
    by_id = {line.class_id: line for line in lines.values()}
    goals = {choice.object_id: choice for choice in basics.choices if choice.kind == REPEAT}
    taken: dict[ClassKey, list[int]] = {key: [] for key in lines}
    moved: list[tuple[ClassLine, Seat]] = []
    for seat in state.seats:
        line = by_id.get(seat.class_id)
        if line is None:
            continue
        line.pupils += 1
        goal = _goal(line, goals.get(seat.pupil_id), lines)
        if goal is not None:
            line.repeats.append(seat)
            moved.append((goal, seat))
        elif line.fate != GRADUATES:
            taken[line.key] += [seat.seat_no] if seat.seat_no else []
    for goal, seat in moved:
        free = max(taken[goal.key], default=0) + 1
        goal.arrivals.append((seat, free))
        taken[goal.key].append(free)
    for child in basics.newcomers:
        if (basics.entering, child.number) in lines:
            lines[basics.entering, child.number].newcomers.append(child)
    for key, seats in taken.items():
        lines[key].twice = sorted(no for no, count in Counter(seats).items() if count > 1)


def _goal(
    line: ClassLine, choice: Choice | None, lines: Mapping[ClassKey, ClassLine]
) -> ClassLine | None:
    """The class of the next entry year a pupil repeats in; a choice gone stale is none."""
    if choice is None or choice.key != line.key or choice.target is None or line.fate == NEW:
        return None
    goal = lines.get((line.key[0] + 1, choice.target))
    return goal if goal is not None and goal.fate != GRADUATES else None


def _staff(lines: Mapping[ClassKey, ClassLine], state: State, basics: Basics) -> None:
    by_id = {line.class_id: line for line in lines.values()}
    drops = {choice.object_id for choice in basics.choices if choice.kind == DROP}
    heads = {choice.key: choice.object_id for choice in basics.choices if choice.kind == HOMEROOM}
    for duty in state.duties:
        line = by_id.get(duty.class_id)
        if line is None:
            continue
        head = heads.get(line.key)
        replaced = duty.homeroom and head is not None and head != duty.staff_id
        ends = line.fate == GRADUATES or duty.id in drops or replaced
        (line.ended if ends else line.kept).append(duty)
    for key, staff_id in heads.items():
        line = lines.get(key)
        if line is not None and line.fate != GRADUATES:
            same = any(duty.homeroom and duty.staff_id == staff_id for duty in line.kept)
            line.new_homeroom = None if same else staff_id


def _checks(lines: Sequence[ClassLine], placeless: int) -> list[str]:
    found = []
    for line in lines:
        if line.fate == GRADUATES:
            continue
        if not line.has_homeroom:
            found.append(f"{line.next} 新学年还没有班主任。")
        if line.twice:
            seats = "、".join(str(seat) for seat in line.twice)
            found.append(f"{line.next} 的 {seats} 号座号有重复。")
        if line.size_word:
            found.append(
                f"{line.next} 将有 {line.size} 人，属于{line.size_word}（标准班额 45 人）。"
            )
    if placeless:
        found.append(f"有 {placeless} 名学生不在任何班里，新学年也不会出现在班级中。")
    return found


def _mark(lines: Sequence[ClassLine], basics: Basics) -> str:
    """A short hash of everything that would be done; 16 hexadecimal digits."""
    return hashlib.sha256(repr((basics, lines)).encode()).hexdigest()[:16]
