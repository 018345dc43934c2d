"""Children in classes and the families behind them: siblings share their guardians."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from tenants.demo.names import NAMESAKES, UNUSUAL, Names
from tenants.people.surnames import surname
from tenants.roster.cell_values import ClassKey

SIBLING = 0.12
FATHER, MOTHER, GRANDPARENT = 0.88, 0.97, 0.22
MOST_CHILDREN = 3


@dataclass(frozen=True, slots=True)
class Guardian:
    """A grown-up of a family."""

    name: str
    relation: str
    phone: str


@dataclass(slots=True)
class Family:
    """Who looks after the children, and the grades the children are in."""

    surname: str
    guardians: list[Guardian]
    grades: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Child:
    """One pupil to be."""

    name: str
    sex: int
    birthday: date
    class_key: ClassKey
    seat_no: int
    guardians: tuple[Guardian, ...]


class Phones:
    """Numbers 120 0000 xxxx, each given once; the first hundred are kept for known accounts."""

    def __init__(self, random: Random) -> None:
        numbers = list(range(100, 10_000))
        random.shuffle(numbers)
        self._numbers = iter(numbers)

    def next(self) -> str:
        """A number nobody has. Raises StopIteration when all are given."""
        return phone(next(self._numbers))


def phone(number: int) -> str:
    """The demo phone with these last four digits."""
    return f"1200000{number:04d}"


class Families:
    """Makes the children of a school, class by class."""

    def __init__(self, random: Random, phones: Phones) -> None:
        self.random, self.phones, self.names = random, phones, Names(random)
        self.families: list[Family] = []
        self._special = [*UNUSUAL, *NAMESAKES]

    def fill(self, key: ClassKey, grade: int, size: int, first: list[Child]) -> list[Child]:
        """A class of ``size``: the given children, then invented ones, seats in one row."""
        taken = {child.name for child in first}
        children = [*first]
        while len(children) < size:
            child = self._child(key, grade, len(children) + 1, taken)
            taken.add(child.name)
            children.append(child)
        return children

    def _child(self, key: ClassKey, grade: int, seat_no: int, taken: set[str]) -> Child:
        birthday = self.birthday(key[0])
        if self._special and self.random.random() < 0.02 and self._special[0][0] not in taken:
            name, sex = self._special.pop(0)
            family = self.new_family(surname(name) or self.names.surname())
        else:
            family = self._family(grade)
            sex = self.random.choice((1, 2))
            name = next(name for name in self._tries(family.surname, sex) if name not in taken)
        family.grades.add(grade)
        return Child(name, sex, birthday, key, seat_no, tuple(family.guardians))

    def _tries(self, surname: str, sex: int) -> Iterator[str]:
        while True:
            yield self.names.child(surname, sex)

    def _family(self, grade: int) -> Family:
        """Mostly a new one; sometimes one with a child in another grade."""
        if self.families and self.random.random() < SIBLING:
            family = self.random.choice(self.families)
            if grade not in family.grades and len(family.grades) < MOST_CHILDREN:
                return family
        return self.new_family(self.names.surname())

    def new_family(self, surname: str, known: Guardian | None = None) -> Family:
        """A family with its guardians; ``known`` is one who exists already."""
        chance, names = self.random.random, self.names
        guardians = [known] if known else []
        if not known and chance() < MOTHER:
            guardians.append(self._guardian(names.adult(names.surname(), 2), "妈妈"))
        if not guardians or chance() < FATHER:
            guardians.append(self._guardian(names.adult(surname, 1), "爸爸"))
        if chance() < GRANDPARENT:
            relation = self.random.choice(("奶奶", "爷爷", "外婆", "外公"))
            sex = 1 if relation in {"爷爷", "外公"} else 2
            elder = surname if relation == "爷爷" else names.surname()
            guardians.append(self._guardian(names.elder(elder, sex), relation))
        family = Family(surname, guardians)
        self.families.append(family)
        return family

    def _guardian(self, name: str, relation: str) -> Guardian:
        return Guardian(name, relation, self.phones.next())

    def birthday(self, entry_year: int) -> date:
        """Six years old by 31 August of the entry year (义务教育法 art. 11)."""
        return date(entry_year - 7, 9, 1) + timedelta(days=self.random.randrange(365))
