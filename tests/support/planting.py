"""What a capability's own `factory.py` is given to plant its rows into a school of the seed."""

from __future__ import annotations

import configparser
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path

from campus.actor import Actor
from tests.support.seed import Person, SchoolSeed, Seed

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Planting:
    """One school while it is planted; its transaction is open and entered."""

    seed: Seed
    school: SchoolSeed
    number: int
    today: date
    secret: str

    @property
    def tail(self) -> str:
        """What the names of this school's people end in."""
        return "" if self.school.key == "a" else f"_{self.school.key}"

    @property
    def system(self) -> Actor:
        """Who does what no person does."""
        return Actor.system(self.school.id)

    def text(self, words: str) -> str:
        """Words that only this school may show."""
        return words + self.school.canary

    def person(self, name: str) -> Person:
        """``guardian``: this school's."""
        return self.seed.people[name + self.tail]

    def actor(self, name: str) -> Actor:
        """The same, as actions want them."""
        return self.seed.actor(name + self.tail)


def factories() -> Iterator[Callable[[Planting], None]]:
    """`plant` of every tests/NAME/factory.py, the lowest layer of setup.cfg first."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    layers = setup["importlinter:contract:layers"]["layers"].split("\n")
    names = [name.strip() for layer in reversed(layers) for name in layer.split("|")]
    for name in filter(None, names):
        if (ROOT / "tests" / name / "factory.py").exists():
            yield import_module(f"tests.{name}.factory").plant
