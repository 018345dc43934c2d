"""What an import says: counts of rows, and problems that name sheet, row and column."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

Place = tuple[str, int]


class Outcome(StrEnum):
    """What happens to one row; each row has exactly one."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    CONFLICTS = "conflicts"


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason in Chinese. ``row`` counts as Excel does; ``column`` is the heading."""

    sheet: str
    row: int
    column: str
    value: str
    code: str
    message: str


def problem(place: Place, column: str, value: str, code: str, reason: str) -> Problem:
    """A problem whose message says where it is: ``「学生」第 5 行「性别」：只填男或女。``"""
    sheet, row = place
    return Problem(sheet, row, column, value, code, f"「{sheet}」第 {row} 行「{column}」：{reason}")


@dataclass(slots=True)
class Report:
    """The answer to an import or its preview.

    ``changes`` holds a row's differences (compare.py), ``people`` its name and class as written,
    ``because`` leads from a row that is left out to the place where the reason is told.
    """

    outcomes: dict[Place, Outcome] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    changes: dict[Place, list[Any]] = field(default_factory=dict)
    people: dict[Place, tuple[str, str]] = field(default_factory=dict)
    because: dict[Place, Place] = field(default_factory=dict)

    def refuse(self, problems: Iterable[Problem], outcome: Outcome = Outcome.REFUSED) -> None:
        """Note problems, and that their rows change nothing."""
        for found in problems:
            self.problems.append(found)
            self.outcomes[found.sheet, found.row] = outcome

    def count(self, outcome: Outcome) -> int:
        """How many rows have this outcome."""
        return sum(1 for found in self.outcomes.values() if found is outcome)

    def as_json(self) -> dict[str, Any]:
        """The keys other programs read: rows, one per outcome, problems."""
        counts: dict[str, Any] = {str(outcome): self.count(outcome) for outcome in Outcome}
        found = sorted(self.problems, key=lambda item: (item.sheet, item.row))
        listed = [asdict(item) for item in found]
        return {"rows": len(self.outcomes), **counts, "problems": listed}
