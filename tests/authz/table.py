"""authz.yaml and each capability's authz/NAME.yaml, read as one table and expanded.

After expansion there is one explicit cell for every row and actor.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from campus import clock
from tests.factories import Seed

FILE = Path(__file__).parents[1] / "authz.yaml"
PARTS = ("routes", "events", "jobs", "commands")
PARAMETER = re.compile(r"<(?:[a-z]+:)?([a-z_]+)>")
OWN_KEYS = {"route", "event", "with", "body", "raw", "at", "own_session", "step_up", "expect"}
MISSING_ID = 999_999_999
_unique = count(1)


@dataclass(frozen=True)
class Row:
    """One route (or event) with what each actor gets."""

    name: str
    expect: Mapping[str, int | str]
    ids: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    raw: str | None = None
    platform: bool = False
    own_session: bool = False
    step_up: bool = False

    @property
    def method(self) -> str:
        """GET or POST."""
        return self.name.split(" ", 1)[0]

    @property
    def rule(self) -> str:
        """The address with its parameters, as in the url map."""
        return self.name.split(" ", 1)[1]

    @property
    def numbered(self) -> list[str]:
        """Parameters that are ids of a school's things."""
        return [
            name
            for name in PARAMETER.findall(self.rule)
            if name not in ("filename", "guide", "seq")
        ]

    def path(self, values: Mapping[str, Any]) -> str:
        """The address with the parameters filled in."""
        return PARAMETER.sub(lambda found: str(values[found[1]]), self.rule)

    def values(self, seed: Seed, school: str) -> dict[str, Any]:
        """The address's parameters in one school."""
        ids = seed.schools[school].ids
        return {name: resolve(word, ids) for name, word in self.ids.items()}

    def form(self, seed: Seed, school: str) -> dict[str, Any]:
        """The form's fields in one school."""
        ids = seed.schools[school].ids
        return {name: resolve(word, ids, name) for name, word in (self.body or {}).items()}

    def allowed(self) -> list[str]:
        """Actors who get through."""
        return [actor for actor, answer in self.expect.items() if answer in (200, 201, 303)]


def resolve(word: Any, ids: Mapping[str, int], name: str = "") -> Any:
    """A word of the table: an id of the seed, something unique, or itself."""
    if word == "UNIQUE":
        return f"unique-{next(_unique)}"
    if word == "one":
        return 1
    if word == "TODAY":
        return clock.today().isoformat()
    if word == "spare_session":
        return 0  # made by the test
    return ids[word] if word in ids and (not name or name.endswith("_id")) else word


def mirrored(actor: str) -> str:
    """The actor of the other direction: ``guardian`` ↔ ``guardian_b``."""
    if actor in ("anonymous", "operator"):
        return actor
    return actor.removesuffix("_b") if actor.endswith("_b") else f"{actor}_b"


@cache
def raw() -> dict[str, Any]:
    """The whole table: the platform's file with the rows of every capability's."""
    whole: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    for parts in by_capability().values():
        for part, rows in parts.items():
            whole[part] = [*whole[part], *rows]
    return whole


@cache
def by_capability() -> dict[str, dict[str, list[Any]]]:
    """What each capability's own file holds: rows, never an actor, a group or an exception."""
    found = {
        path.stem: yaml.safe_load(path.read_text("utf-8"))
        for path in sorted(Path(__file__).parent.glob("*.yaml"))
    }
    for name, parts in found.items():
        assert parts.keys() <= set(PARTS), f"tests/authz/{name}.yaml holds more than rows"
    return found


@cache
def routes() -> tuple[Row, ...]:
    """Every row of ``routes``."""
    return tuple(_row(one, one["route"]) for one in raw()["routes"])


@cache
def events() -> tuple[Row, ...]:
    """Every row of ``events``."""
    return tuple(_row(one, f"EVENT {one['event']}") for one in raw()["events"])


def _row(one: Mapping[str, Any], name: str) -> Row:
    unknown = set(one) - OWN_KEYS
    assert not unknown, f"{name}: unknown keys {unknown}"
    return Row(
        name,
        expand(name, one["expect"]),
        one.get("with", {}),
        one.get("body"),
        one.get("raw"),
        one.get("at") == "platform",
        one.get("own_session", False),
        one.get("step_up", False),
    )


def expand(name: str, given: Mapping[str, Any]) -> dict[str, int | str]:
    """One answer per actor; raises when an actor is named twice or not at all."""
    groups, cells = raw()["groups"], dict[str, Any]()
    for who, answer in given.items():
        for actor in groups.get(who, [who]) if who != "rest" else []:
            assert actor in raw()["actors"], f"{name}: {actor} is no actor"
            assert actor not in cells, f"{name}: {actor} has two cells"
            cells[actor] = answer
    for actor in raw()["actors"]:
        if actor not in cells:
            assert "rest" in given, f"{name}: {actor} has no cell"
            cells[actor] = given["rest"]
    return cells
