"""The people of a preview as other programs read them: what was understood of each row."""

from __future__ import annotations

from typing import Any

from campus import clock
from campus.permissions import ROLE_TITLES
from tenants.people.calendar import grade_of
from tenants.people.naming import class_label
from tenants.roster.cell_values import ClassKey
from tenants.roster.report import Outcome, Report
from tenants.roster.rows import PupilRow, StaffRow

SEX_WORDS = ("", "男", "女")


def people_json(report: Report) -> dict[str, Any]:
    """``children`` and ``staff`` of a report, in the order of the file."""
    outcomes = report.outcomes
    children: list[dict[str, Any]] = []
    staff: list[dict[str, Any]] = []
    for place, row in report.read.items():
        outcome = outcomes.get(place)
        if outcome is None or outcome is Outcome.REFUSED:
            continue
        (children if isinstance(row, PupilRow) else staff).append(
            {"sheet": place[0], "row": place[1], "outcome": str(outcome), **person(row)}
        )
    return {"children": children, "staff": staff}


def person(row: PupilRow | StaffRow) -> dict[str, Any]:
    """One row's values."""
    return _child(row) if isinstance(row, PupilRow) else _member(row)


def _child(row: PupilRow) -> dict[str, Any]:
    return {
        "name": row.name,
        **_class(row.class_key),
        "seat": row.seat_no,
        "sex": SEX_WORDS[row.sex],
        "birthday": str(row.birthday or ""),
        "guardians": [
            {"name": one.name, "relation": one.relation, "phone": one.phone}
            for one in row.guardians
        ],
    }


def _class(key: ClassKey) -> dict[str, Any]:
    today = clock.today()
    return {
        "class": class_label(*key, today),
        "entry_year": key[0],
        "grade": grade_of(key[0], today),
        "class_number": key[1],
    }


def _member(row: StaffRow) -> dict[str, Any]:
    today = clock.today()
    return {
        "name": row.name,
        "phone": row.phone,
        "roles": sorted(ROLE_TITLES[role] for role in row.roles),
        "title": row.title,
        "homeroom": class_label(*row.homeroom, today) if row.homeroom else "",
        "teaching": [
            {"class": class_label(*key, today), "subject": subject} for key, subject in row.teaching
        ],
    }
