"""What a set with a single fault is, and what must be told of it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.roster.oneroster.small_set import Change

Told = tuple[str, int, str]
CORE = (
    *("academicSessions", "classes", "courses", "demographics", "enrollments", "orgs"),
    *("roles", "users"),
)


@dataclass(frozen=True, slots=True)
class Variant:
    """One fault. ``words`` stand in the sentence; ``parents`` are how many guardians come along."""

    change: Change
    told: tuple[Told, ...]
    pupils: int = 2
    staff: int = 1
    words: str = ""
    parents: int | None = None
    old: bool = False
