"""Who teaches what where: a class teacher for every class, specialists for several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from tenants.demo.families import Phones
from tenants.demo.lessons import Lesson
from tenants.demo.names import Names
from tenants.roster.cell_values import ClassKey

CHINESE, MATHS, MEETING = "语文", "数学", "班会"
# Lessons a week: in grades 1 and 2, in grades 3 to 6 (课程方案 2022: 26 and 30 in all).
WEEKLY = {
    CHINESE: (8, 6),
    MATHS: (5, 5),
    "英语": (0, 3),
    "道德与法治": (2, 2),
    "科学": (1, 2),
    "体育": (4, 3),
    "音乐": (2, 2),
    "美术": (2, 2),
    "信息科技": (0, 1),
    "劳动": (1, 1),
    "书法": (0, 1),
    "心理健康": (1, 1),
    MEETING: (1, 1),
}
SPECIALIST_LESSONS = 14
CLASSES_OF_MAIN_TEACHER = 2


@dataclass(slots=True)
class Teacher:
    """A person who works here; ``teaching`` holds (class, subject)."""

    name: str
    phone: str
    post: str
    homeroom: ClassKey | None = None
    teaching: list[tuple[ClassKey, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody the demo promises: name, phone, post, and the class if it is a class teacher."""

    name: str
    phone: str
    post: str
    homeroom: ClassKey | None = None


class Hiring:
    """Makes the staff of a school from its classes (key → grade, in order)."""

    def __init__(
        self, random: Random, phones: Phones, classes: dict[ClassKey, int], known: Sequence[Known]
    ) -> None:
        self.random, self.phones, self.classes = random, phones, classes
        self.names = Names(random)
        self.homerooms = {one.homeroom: one for one in known if one.homeroom}
        self.staff = [Teacher(one.name, one.phone, one.post) for one in known if not one.homeroom]

    def hire(self) -> list[Teacher]:
        """Everybody, the known first."""
        for grade in sorted(set(self.classes.values())):
            self._main_teachers([key for key, at in self.classes.items() if at == grade])
        for subject in WEEKLY:
            if subject not in {CHINESE, MATHS, MEETING}:
                self._specialists(subject)
        return self.staff

    def _main_teachers(self, keys: list[ClassKey]) -> None:
        """Two thirds of a grade's class teachers teach 语文, the others 数学."""
        border = (2 * len(keys) + 2) // 3
        for place, key in enumerate(keys):
            subject = CHINESE if place < border else MATHS
            known = self.homerooms.get(key)
            teacher = Teacher(known.name, known.phone, known.post) if known else self._new("班主任")
            teacher.homeroom = key
            teacher.teaching = [(key, subject), (key, MEETING)]
            self.staff.append(teacher)
        for subject, rest in ((CHINESE, keys[border:]), (MATHS, keys[:border])):
            for group in _groups(rest, CLASSES_OF_MAIN_TEACHER):
                teacher = self._new("任课教师")
                teacher.teaching = [(key, subject) for key in group]
                self.staff.append(teacher)

    def _specialists(self, subject: str) -> None:
        teacher, lessons = None, SPECIALIST_LESSONS
        for key, grade in self.classes.items():
            weekly = WEEKLY[subject][grade > 2]
            if not weekly:
                continue
            if teacher is None or lessons + weekly > SPECIALIST_LESSONS:
                teacher, lessons = self._new("任课教师"), 0
                self.staff.append(teacher)
            teacher.teaching.append((key, subject))
            lessons += weekly

    def _new(self, post: str) -> Teacher:
        sex = 1 if self.random.random() < 0.3 else 2
        name = self.names.adult(self.names.surname(), sex)
        return Teacher(name, self.phones.next(), post)


def _groups(keys: list[ClassKey], size: int) -> Iterator[list[ClassKey]]:
    return (keys[at : at + size] for at in range(0, len(keys), size))


def lessons_of(staff: Sequence[Teacher], classes: dict[ClassKey, int]) -> list[Lesson]:
    """Every lesson of the week that wants a slot; teachers are known by phone."""
    return [
        Lesson(key, teacher.phone, subject)
        for teacher in staff
        for key, subject in teacher.teaching
        for _ in range(WEEKLY[subject][classes[key] > 2])
    ]
