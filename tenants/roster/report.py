"""What an import says: every sheet and line accounted for, counts, problems, open questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from tenants.roster.columns import Column

Place = tuple[str, int]
READ, SKIPPED, REFUSED = "read", "skipped", "refused"
WHOLE_SHEET = "工作表"  # the column of a problem that is about all of a sheet


class Outcome(StrEnum):
    """What happens to one row; each row has exactly one."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    CONFLICTS = "conflicts"


GOING_ON = frozenset({Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED})


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


@dataclass(frozen=True, slots=True)
class Skipped:
    """A line of the file that is no person's."""

    row: int
    code: str
    reason: str


@dataclass(slots=True)
class SheetAccount:
    """What became of one sheet: each of its lines is read, skipped or refused."""

    sheet: str
    kind: str = ""
    state: str = READ
    reason: str = ""
    lines: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    columns: tuple[Column, ...] = ()

    def skip(self, row: int, code: str, reason: str) -> None:
        """Count a line that is no person's."""
        self.skipped.append(Skipped(row, code, reason))


@dataclass(frozen=True, slots=True)
class Question:
    """Something a person must decide: (answer, its words) to choose from.

    ``holds`` says that the row waits; otherwise it goes on without what is asked.
    """

    place: Place
    column: str
    code: str
    words: str
    choices: tuple[tuple[str, str], ...]
    holds: bool = False


@dataclass(slots=True)
class Report:
    """The answer to an import or its preview.

    ``changes`` holds a row's differences (compare.py), ``people`` its name and class as written,
    ``read`` the values read of it (rows.py), ``sheets`` what became of every line.
    ``because`` leads from a row that is left out to the place where the reason is told.
    """

    outcomes: dict[Place, Outcome] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    changes: dict[Place, list[Any]] = field(default_factory=dict)
    people: dict[Place, tuple[str, str]] = field(default_factory=dict)
    sheets: list[SheetAccount] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    read: dict[Place, Any] = field(default_factory=dict)
    because: dict[Place, Place] = field(default_factory=dict)

    def refuse(self, problems: Iterable[Problem], outcome: Outcome = Outcome.REFUSED) -> None:
        """Note problems, and that their rows change nothing."""
        for found in problems:
            self.problems.append(found)
            self.outcomes[found.sheet, found.row] = outcome

    def ask(self, question: Question, value: str = "") -> None:
        """Note a question, and tell it among the problems; ``holds`` stops its row."""
        place, column = question.place, question.column
        self.questions.append(question)
        self.problems.append(problem(place, column, value, question.code, question.words))
        if question.holds:
            self.outcomes[place] = Outcome.CONFLICTS

    def leave_out(self, place: Place, reason: str) -> None:
        """Count a row as skipped because somebody said so."""
        self.outcomes.pop(place, None)
        for one in self.sheets:
            if one.sheet == place[0]:
                one.skip(place[1], "left-out", reason)
                return

    def count(self, outcome: Outcome) -> int:
        """How many rows have this outcome."""
        return sum(1 for found in self.outcomes.values() if found is outcome)

    def told(self) -> int:
        """How many rows go on though something of them was not taken."""
        kept = {place for place, one in self.outcomes.items() if one in GOING_ON}
        return len(kept & {(one.sheet, one.row) for one in self.problems})

    def as_json(self) -> dict[str, Any]:
        """The keys other programs read: rows, one per outcome, problems, sheets, questions."""
        counts: dict[str, Any] = {str(outcome): self.count(outcome) for outcome in Outcome}
        found = sorted(self.problems, key=lambda item: (item.sheet, item.row))
        listed = [asdict(item) for item in found]
        return {
            "rows": len(self.outcomes),
            **counts,
            "problems": listed,
            "sheets": self.accounts(),
            "questions": [_question(one) for one in self.questions],
        }

    def accounts(self) -> list[dict[str, Any]]:
        """Every sheet with its lines: lines = read + skipped + refused."""
        refused: dict[str, list[int]] = {}
        for (sheet, row), outcome in self.outcomes.items():
            if outcome is Outcome.REFUSED:
                refused.setdefault(sheet, []).append(row)
        reasons: dict[Place, list[str]] = {}
        for one in self.problems:
            reasons.setdefault((one.sheet, one.row), []).append(one.message)
        return [_account(one, refused.get(one.sheet, []), reasons) for one in self.sheets]


def _question(one: Question) -> dict[str, Any]:
    return {
        "sheet": one.place[0],
        "row": one.place[1],
        "column": one.column,
        "code": one.code,
        "message": one.words,
        "choices": dict(one.choices),
        "holds": one.holds,
    }


def _account(
    one: SheetAccount, refused: list[int], reasons: dict[Place, list[str]]
) -> dict[str, Any]:
    return {
        "sheet": one.sheet,
        "kind": one.kind,
        "state": one.state,
        "reason": one.reason,
        "lines": one.lines,
        "read": one.lines - len(one.skipped) - len(refused),
        "skipped": len(one.skipped),
        "refused": len(refused),
        "skipped_why": dict(Counter(line.reason for line in one.skipped)),
        "skipped_lines": [asdict(line) for line in one.skipped],
        "refused_lines": [
            {"row": row, "reasons": reasons.get((one.sheet, row)) or [one.reason]}
            for row in sorted(refused)
        ],
        "columns": [asdict(column) for column in one.columns],
    }
