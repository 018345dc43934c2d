"""Bells and lessons of a term, written in one go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import time

from campus import audit
from campus.actor import Actor
from tenants.classes.models import Period, TimetableSlot
from tenants.classes.permissions import Classes
from tenants.people.bulk import add_rows, tie_rows


@dataclass(frozen=True, slots=True)
class Slot:
    """One lesson of a week; weekday 1 is Monday, period 1 the first."""

    class_id: int
    weekday: int
    period: int
    subject_id: int
    staff_id: int


def set_bells(actor: Actor, *, bells: Iterable[tuple[time, time]]) -> None:
    """Set when each period begins and ends, from the first on."""
    actor.check(Classes.TIMETABLE)
    times = list(bells)
    tie_rows(
        Period,
        {
            "number": list(range(1, len(times) + 1)),
            "starts_at": [start for start, _ in times],
            "ends_at": [end for _, end in times],
        },
    )
    audit.record(actor, "onboarding.bells", "school", None, periods=len(times))


def set_timetable(actor: Actor, *, term_id: int, slots: Sequence[Slot]) -> None:
    """Write the lessons of a term that has none yet."""
    actor.check(Classes.TIMETABLE)
    columns: dict[str, list[int]] = {"term_id": [term_id for _ in slots]}
    for name in ("class_id", "weekday", "period", "subject_id", "staff_id"):
        columns[name] = [getattr(slot, name) for slot in slots]
    add_rows(TimetableSlot, columns)
    audit.record(actor, "onboarding.timetable", "term", term_id, lessons=len(slots))
