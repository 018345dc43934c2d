"""A preview's rows, questions and account as they are kept for the pages."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import delete

from campus import db
from campus.identity.queries import masked_phone
from tenants.people.bulk import tie_rows
from tenants.roster.imports.models import ImportLine
from tenants.roster.listing import SEX_WORDS
from tenants.roster.report import WHOLE_SHEET, Place, Question, Report
from tenants.roster.rows import PupilRow, StaffRow

MOST_SKIPPED = 200
MOST_NOTICES = 100


def keep_lines(run_id: int, report: Report) -> None:
    """Put the rows of a preview or result in the place of the last one's."""
    db.session().execute(
        delete(ImportLine).where(
            ImportLine.school_id == db.school_id(), ImportLine.run_id == run_id
        )
    )
    problems: dict[Place, list[list[str]]] = {}
    for one in report.problems:
        problems.setdefault((one.sheet, one.row), []).append([one.column, one.message, one.code])
    asks: dict[Place, list[Any]] = {}
    for question in report.questions:
        asks.setdefault(question.place, []).append(_asked(question))
    places = sorted(report.outcomes)
    people = [report.people.get(place, ("", "")) for place in places]
    details = [
        json.dumps(
            {
                "changes": [
                    [one.column, one.ours, one.theirs, one.by_hand, one.only_ours]
                    for one in report.changes.get(place, ())
                ],
                "problems": problems.get(report.because.get(place, place), []),
                "asks": asks.get(place, []),
                "facts": _facts(report.read.get(place)),
            },
            ensure_ascii=False,
        )
        for place in places
    ]
    columns: dict[str, list[Any]] = {
        "run_id": [run_id] * len(places),
        "line": list(range(1, len(places) + 1)),
        "sheet": [sheet for sheet, _ in places],
        "row": [row for _, row in places],
        "outcome": [str(report.outcomes[place]) for place in places],
        "name": [name[:60] for name, _ in people],
        "group": [group[:60] for _, group in people],
        "detail": details,
    }
    tie_rows(ImportLine, columns)


def _asked(one: Question) -> list[Any]:
    return [one.column, one.words, [list(choice) for choice in one.choices]]


def _facts(row: PupilRow | StaffRow | None) -> list[str]:
    """What was read of a person, one sentence a guardian: the numbers stay masked."""
    if not isinstance(row, PupilRow):
        return []
    own = [
        f"{row.seat_no} 号" if row.seat_no else "",
        SEX_WORDS[row.sex],
        f"{row.birthday} 出生" if row.birthday else "",
    ]
    told = "　".join(filter(None, own))
    guardians = [
        f"{one.relation} {one.name}".strip() + f"　{masked_phone(one.phone)}"
        for one in row.guardians
    ]
    return [*([told] if told else []), *(guardians or ["没有监护人"])]


def account_of(report: Report) -> dict[str, Any]:
    """What became of every sheet, what is asked of whole sheets, and what belongs to no row."""
    sheets = report.accounts()
    for one in sheets:
        del one["skipped_lines"][MOST_SKIPPED:]
        del one["refused_lines"]
    shown = report.outcomes.keys()
    skipped = {(one.sheet, line.row) for one in report.sheets for line in one.skipped}
    asked = {(one.place, one.column) for one in report.questions}
    notices = [
        one.message
        for one in report.problems
        if (place := (one.sheet, one.row)) not in shown
        and (place not in skipped or one.code != "row-skipped")
        and (place, one.column) not in asked
        and one.column != WHOLE_SHEET
    ]
    return {
        "sheets": sheets,
        "questions": [
            [f"{one.place[0]}|{one.place[1]}", one.place[0], *_asked(one)]
            for one in report.questions
            if one.place not in shown
        ],
        "notices": notices[:MOST_NOTICES],
    }
