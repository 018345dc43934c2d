"""A timetable without clashes, found by construction.

Classes and teachers are the two sides of a graph, a lesson is an edge, a slot of the week is a
colour. No side has more lessons than there are slots, so a colouring exists (König, 1916): each
lesson takes the best slot free on both sides, or two slots change places along a chain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random

DAYS = 5
PERIODS = 7
SLOTS = DAYS * PERIODS
MAIN = frozenset({"语文", "数学", "英语"})
LAST_MORNING = 4


@dataclass(frozen=True, slots=True)
class Lesson:
    """One weekly lesson that wants a slot; class and teacher are known by any key."""

    class_key: object
    teacher: object
    subject: str


@dataclass(slots=True)
class Week:
    """A timetable while it is made: which lesson a class or a teacher has in a slot (from 0)."""

    classes: dict[object, dict[int, Lesson]] = field(default_factory=dict)
    teachers: dict[object, dict[int, Lesson]] = field(default_factory=dict)

    def sides(self, lesson: Lesson) -> tuple[dict[int, Lesson], dict[int, Lesson]]:
        """The week of the lesson's class, the week of its teacher."""
        own = self.classes.setdefault(lesson.class_key, {})
        return own, self.teachers.setdefault(lesson.teacher, {})

    def put(self, lesson: Lesson, slot: int) -> None:
        """Place a lesson."""
        for side in self.sides(lesson):
            side[slot] = lesson

    def take(self, lesson: Lesson, slot: int) -> None:
        """Take a lesson out."""
        for side in self.sides(lesson):
            del side[slot]


def arrange(lessons: Iterable[Lesson], random: Random) -> Week:
    """Place every lesson. Raises ValueError when a class or teacher has over 35 a week."""
    week = Week()
    # Subjects with many lessons are the hardest to spread over the days, so they choose first.
    for lesson in sorted(lessons, key=lambda item: item.subject not in MAIN):
        own, teacher = week.sides(lesson)
        free = [slot for slot in range(SLOTS) if slot not in own and slot not in teacher]
        if free:
            week.put(lesson, min(free, key=_cost(lesson, own, random)))
        else:
            _put_by_chain(week, lesson)
    return week


def _cost(lesson: Lesson, own: dict[int, Lesson], random: Random) -> Callable[[int], float]:
    """What a slot is worth avoiding: the same subject twice a day, main ones late, the last one."""
    days = [slot // PERIODS for slot, item in own.items() if item.subject == lesson.subject]

    def cost(slot: int) -> float:
        day, period = divmod(slot, PERIODS)
        late = period >= LAST_MORNING
        return (
            20 * days.count(day)
            + 8 * (late if lesson.subject in MAIN else period < 2)
            + 30 * (period == PERIODS - 1)
            + random.random()
        )

    return cost


def _put_by_chain(week: Week, lesson: Lesson) -> None:
    own, teacher = week.sides(lesson)
    free = [slot for slot in range(SLOTS) if slot not in teacher]
    other = [slot for slot in range(SLOTS) if slot not in own]
    if not free or not other:
        raise ValueError(f"{lesson.class_key} or {lesson.teacher} has over {SLOTS} lessons")
    _swap(week, lesson.class_key, free[0], other[0])
    week.put(lesson, free[0])


def _swap(week: Week, class_key: object, slot: int, other: int) -> None:
    """Free ``slot`` of a class: along the chain that starts there the two slots change places.

    The chain comes to teachers by ``slot`` only, so it never meets the one who is free then.
    """
    chain: list[tuple[Lesson, int]] = []
    side, place = week.classes[class_key], slot
    while place in side:
        found = side[place]
        chain.append((found, place))
        own, teacher = week.sides(found)
        side = teacher if side is own else own
        place = other if place == slot else slot
    for found, place in chain:
        week.take(found, place)
    for found, place in chain:
        week.put(found, other if place == slot else slot)
