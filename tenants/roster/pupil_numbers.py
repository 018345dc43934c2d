"""ID and 学籍 numbers of pupils: closed in the database, compared without being opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from campus import crypto, db
from campus.crypto import Place
from tenants.people.bulk import tie_rows
from tenants.roster.imports.models import PupilNumber

TABLE, COLUMN = "pupil_number", "sealed"
# The kind stands in the column's name, so a 学籍号 never opens as an ID number.
KINDS = {"学籍号": "register", "身份证号": "id"}


def blind(column: str, number: str) -> bytes:
    """What equal numbers of the entered school share."""
    return crypto.blind(db.school_id(), f"{TABLE}.{KINDS[column]}", number)


def held_numbers() -> dict[int, dict[str, tuple[bytes, str]]]:
    """(blind, last four) by pupil and column."""
    titles = {kind: title for title, kind in KINDS.items()}
    found: dict[int, dict[str, tuple[bytes, str]]] = {}
    for pupil_id, kind, mark, tail in db.rows(
        select(PupilNumber.pupil_id, PupilNumber.kind, PupilNumber.blind, PupilNumber.tail).where(
            PupilNumber.school_id == db.school_id()
        )
    ):
        found.setdefault(pupil_id, {})[titles[kind]] = bytes(mark), tail
    return found


def keep_numbers(numbers: Iterable[tuple[int, str, str]]) -> None:
    """Close and store (pupil, column, number)."""
    rows, school = list(numbers), db.school_id()
    tie_rows(
        PupilNumber,
        {
            "pupil_id": [pupil_id for pupil_id, _, _ in rows],
            "kind": [KINDS[column] for _, column, _ in rows],
            "sealed": [crypto.sealed(_place(school, *row[:2]), row[2]) for row in rows],
            "blind": [blind(column, number) for _, column, number in rows],
            "tail": [number[-4:] for _, _, number in rows],
        },
    )


def opened_numbers() -> Mapping[tuple[int, str], str]:
    """Every number of the school by (pupil, column), for an export."""
    titles = {kind: title for title, kind in KINDS.items()}
    school = db.school_id()
    rows = db.rows(
        select(PupilNumber.pupil_id, PupilNumber.kind, PupilNumber.sealed).where(
            PupilNumber.school_id == school
        )
    )
    return {
        (pupil_id, titles[kind]): crypto.opened(_place(school, pupil_id, titles[kind]), bytes(blob))
        for pupil_id, kind, blob in rows
    }


def _place(school: int, pupil_id: int, column: str) -> Place:
    return Place(school, TABLE, pupil_id, f"{COLUMN}.{KINDS[column]}")
