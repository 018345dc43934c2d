"""A whole school before it exists: people, lessons, and the tables its roster file would hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from tenants.demo.families import Child, Families, Guardian, Phones, phone
from tenants.demo.staff import Hiring, Known, Teacher
from tenants.people.calendar import school_year_of
from tenants.roster.cell_values import ClassKey
from tenants.roster.table import Cell, Sheet, Table
from tenants.roster.titles import GUARDIAN_SLOTS, PUPIL_COLUMNS, PUPILS, STAFF, STAFF_COLUMNS

ADMIN, HEAD, TEACHER, PARENT = phone(1), phone(2), phone(3), phone(4)
OTHER_ADMIN, OPERATOR = phone(9), phone(10)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be made of one school; ``sizes`` are the smallest and largest class."""

    name: str
    slug: str
    short_name: str
    grades: Sequence[int]
    classes_per_grade: int
    sizes: tuple[int, int]
    history_days: int
    praise_a_day: tuple[int, int]


HEJIATU = Plan("贺嘉土小学", "hejiatu", "贺嘉土小学", range(1, 7), 6, (43, 47), 15, (1, 2))
FENGXI = Plan("枫溪小学", "fengxi", "枫溪小学", (1, 2), 2, (41, 45), 10, (1, 2))
SMALL_HEJIATU = Plan("贺嘉土小学", "hejiatu", "贺嘉土小学", (1, 3), 2, (12, 12), 3, (1, 2))
SMALL_FENGXI = Plan("枫溪小学", "fengxi", "枫溪小学", (1,), 1, (12, 12), 2, (1, 2))


@dataclass(frozen=True, slots=True)
class Imagined:
    """People of a school that is not there yet; ``classes`` maps key to grade."""

    plan: Plan
    classes: dict[ClassKey, int]
    children: list[Child]
    staff: list[Teacher]

    @property
    def guardians(self) -> dict[str, str]:
        """Names of all guardians by phone."""
        return {one.phone: one.name for child in self.children for one in child.guardians}

    def table(self) -> Table:
        """The roster file of this school."""
        pupils: list[list[Cell]] = [list(PUPIL_COLUMNS), *map(_pupil_line, self.children)]
        staff: list[list[Cell]] = [list(STAFF_COLUMNS), *map(_staff_line, self.staff)]
        return Table((Sheet(PUPILS, pupils), Sheet(STAFF, staff)))


def known_class(today: date) -> ClassKey:
    """三年级（2）班: the class of the demo teacher."""
    return school_year_of(today) - 2, 2


def imagine_hejiatu(plan: Plan, random: Random, phones: Phones, today: date) -> Imagined:
    """The demo school with everybody the demo accounts belong to."""
    classes = _classes(plan, today)
    families = Families(random, phones)
    parents = (Guardian("陈静", "妈妈", PARENT), Guardian("李建军", "爸爸", phones.next()))
    elder, younger = known_class(today), (school_year_of(today), 1)
    first = {
        elder: [Child("李小明", 1, families.birthday(elder[0]), elder, 1, parents)],
        younger: [Child("李小悦", 2, families.birthday(younger[0]), younger, 1, parents)],
    }
    children = _children(plan, random, families, classes, first)
    known = (
        Known("何文", ADMIN, "管理员"),
        Known("周敏", HEAD, "校长"),
        Known("刘志国", phones.next(), "副校长"),
        Known("彭秀华", phones.next(), "副校长"),
        Known("王芳", TEACHER, "班主任", elder),
    )
    return Imagined(plan, classes, children, Hiring(random, phones, classes, known).hire())


def imagine_fengxi(
    plan: Plan, random: Random, phones: Phones, today: date, guest: Teacher
) -> Imagined:
    """The small school beside it; ``guest`` teaches at the other one and has a child here."""
    classes = _classes(plan, today)
    families = Families(random, phones)
    key = next(iter(classes))
    parent = Guardian(guest.name, "妈妈", guest.phone)
    family = families.new_family(families.names.surname(), parent)
    name = families.names.child(family.surname, 2)
    birthday = families.birthday(key[0])
    first = {key: [Child(name, 2, birthday, key, 1, tuple(family.guardians))]}
    children = _children(plan, random, families, classes, first)
    known = (Known("谭丽", OTHER_ADMIN, "管理员"), Known("邹海平", phones.next(), "校长"))
    return Imagined(plan, classes, children, Hiring(random, phones, classes, known).hire())


def _classes(plan: Plan, today: date) -> dict[ClassKey, int]:
    year = school_year_of(today)
    return {
        (year - grade + 1, number): grade
        for grade in plan.grades
        for number in range(1, plan.classes_per_grade + 1)
    }


def _children(
    plan: Plan,
    random: Random,
    families: Families,
    classes: dict[ClassKey, int],
    first: dict[ClassKey, list[Child]],
) -> list[Child]:
    return [
        child
        for key, grade in classes.items()
        for child in families.fill(key, grade, random.randint(*plan.sizes), first.get(key, []))
    ]


def _pupil_line(child: Child) -> list[Cell]:
    line: list[Cell] = [_class(child.class_key), str(child.seat_no), child.name]
    line += ["男" if child.sex == 1 else "女", child.birthday]
    for one in child.guardians[: len(GUARDIAN_SLOTS)]:
        line += [one.name, one.relation, one.phone]
    return line


def _staff_line(one: Teacher) -> list[Cell]:
    teaching = ";".join(f"{_class(key)} {subject}" for key, subject in one.teaching)
    homeroom = _class(one.homeroom) if one.homeroom else ""
    return [one.name, one.phone, one.post, homeroom, teaching]


def _class(key: ClassKey) -> str:
    return f"{key[0]}级{key[1]}班"
