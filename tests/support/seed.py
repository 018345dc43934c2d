"""What was planted, plain enough to be kept as JSON for the other workers of the run."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from campus.actor import Actor
from campus.permissions import Role
from tests.support.canary import new_canary

# guardian → whose: child and classmate share a class, stranger is in the other one.
GUARDIANS = {
    "guardian": "child",
    "other_guardian": "classmate",
    "ex_guardian": "child",
    "far_guardian": "stranger",
}


@dataclass(slots=True)
class Person:
    """Somebody who can ask for pages; without a token nobody is signed in."""

    name: str
    school: str | None
    account_id: int = 0
    session_id: int = 0
    token: str = ""
    phone: str = ""
    full_name: str = ""
    roles: list[str] = field(default_factory=list)


@dataclass(slots=True)
class SchoolSeed:
    """One planted school: ids of its things by name, its canary, its children's own canaries."""

    key: str
    slug: str
    id: int = 0
    canary: str = field(default_factory=new_canary)
    ids: dict[str, int] = field(default_factory=dict)
    private: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)

    @property
    def marks(self) -> list[str]:
        """Every word that may be seen in this school alone."""
        return [self.canary, *self.private.values(), *self.files]


@dataclass(slots=True)
class Seed:
    """Both schools and everybody in them."""

    schools: dict[str, SchoolSeed]
    people: dict[str, Person]

    def foreign(self, person: Person) -> list[str]:
        """Canaries this person must never be shown."""
        others = [
            mark for key, one in self.schools.items() if key != person.school for mark in one.marks
        ]
        bare = person.name.removesuffix("_b")
        if person.school and bare in GUARDIANS:
            private = self.schools[person.school].private
            others += [mark for name, mark in private.items() if name != GUARDIANS[bare]]
        return others

    def actor(self, name: str) -> Actor:
        """The person as actions want them."""
        person = self.people[name]
        school = self.schools[person.school].id if person.school else None
        roles = frozenset(Role(role) for role in person.roles)
        return Actor(person.account_id, person.full_name, school, roles, person.session_id)

    def dump(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def parse(cls, text: str) -> Seed:
        """From JSON."""
        raw = json.loads(text)
        return cls(
            {key: SchoolSeed(**one) for key, one in raw["schools"].items()},
            {name: Person(**one) for name, one in raw["people"].items()},
        )
