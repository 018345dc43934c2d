"""Opening a school year with its terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from campus import audit
from campus.actor import Actor
from tenants.people.bulk import insert_rows
from tenants.people.models import SchoolYear, Term
from tenants.people.permissions import People


@dataclass(frozen=True, slots=True)
class TermDates:
    """A term from its first to its last school day."""

    name: str
    starts_on: date
    ends_on: date


def open_year(
    actor: Actor, *, name: str, starts_on: date, ends_on: date, terms: Sequence[TermDates]
) -> list[int]:
    """Make a school year; the ids of its terms in order. A year that exists is an error."""
    actor.check(People.IMPORT)
    year: dict[str, list[Any]] = {"name": [name], "starts_on": [starts_on], "ends_on": [ends_on]}
    year_id = insert_rows(SchoolYear, year)[0]
    audit.record(actor, "people.open-year", "year", year_id)
    return insert_rows(
        Term,
        {
            "year_id": [year_id for _ in terms],
            "name": [term.name for term in terms],
            "starts_on": [term.starts_on for term in terms],
            "ends_on": [term.ends_on for term in terms],
        },
    )
