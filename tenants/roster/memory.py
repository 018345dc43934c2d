"""What an import left behind, so that the next one can tell a hand's change from an old value.

Kept per person as text: for a pupil name, class, seat, sex, birthday and ties by phone, for staff
name and title. ``kept`` holds what a file said where people chose to keep their own; as long as
both stay as they were, nobody is asked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from campus import db
from tenants.people.bulk import add_rows, tie_rows
from tenants.roster.imports.models import ImportHabit, ImportMemory

PUPIL, MEMBER = "pupil", "staff"
SIGN, PAIR, PART = "\x1f", "\x1e", "\x1d"


@dataclass(frozen=True, slots=True)
class Known:
    """The last imported values of one person by column, and files' values people declined."""

    values: dict[str, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """As it is stored: marks of ASCII between the parts, which no clean cell can hold."""
        return f"{_joined(self.values)}{PART}{_joined(self.kept)}"


def _joined(values: Mapping[str, str]) -> str:
    return PAIR.join([f"{name}{SIGN}{value}" for name, value in values.items()])


def _known(text: str) -> Known:
    values, _, kept = text.partition(PART)
    return Known(_parted(values), _parted(kept))


def _parted(text: str) -> dict[str, str]:
    return dict([pair.split(SIGN, 1) for pair in text.split(PAIR)]) if text else {}


def recall(kind: str) -> dict[int, Known]:
    """What is known of every person of the school."""
    rows = db.rows(
        select(ImportMemory.object_id, ImportMemory.known).where(
            ImportMemory.school_id == db.school_id(), ImportMemory.kind == kind
        )
    )
    return {row[0]: _known(row[1]) for row in rows}


def remember(kind: str, people: Mapping[int, Known], *, fresh: bool = False) -> None:
    """Keep what this import left; of ``fresh`` people nothing was kept before."""
    write = add_rows if fresh else tie_rows
    write(
        ImportMemory,
        {
            "kind": [kind] * len(people),
            "object_id": list(people),
            "known": [known.text() for known in people.values()],
        },
    )


def habits() -> dict[tuple[str, str], str]:
    """Headings this school uses: (kind of sheet, heading) → column."""
    rows: Any = db.rows(
        select(ImportHabit.kind, ImportHabit.title, ImportHabit.field).where(
            ImportHabit.school_id == db.school_id()
        )
    )
    return {(kind, title): name for kind, title, name in rows}
