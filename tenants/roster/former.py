"""Numbers in a list that somebody had before: whose they were, and what people chose.

A list is older than the school's own knowledge when a parent or a teacher changed their number
since. The row then means the person with the new number; or, months later, somebody else who was
given the old one. Nobody but people can tell, so it is asked, and until it is answered nothing is
tied to anybody.
"""

from __future__ import annotations

from collections.abc import Mapping

from campus.identity.queries import masked_phone
from tenants.roster.compare import OURS, THEIRS, Difference, declined
from tenants.roster.memory import Known
from tenants.roster.questions import Takes
from tenants.roster.report import Place
from tenants.roster.rows import GuardianCells, PupilRow

Moved = Mapping[str, str]


def meant(
    place: Place, column: str, phone: str, *, moved: Moved, known: Known | None, takes: Takes
) -> tuple[str, Difference | None]:
    """The number a cell means, and the question where it is a former one.

    Empty while nobody has answered.
    """
    if phone not in moved:
        return phone, None
    now = moved[phone]
    asked = Difference(column, masked_phone(now), masked_phone(phone), by_hand=True)
    answer = takes.get((*place, column))
    if answer == OURS or (answer is None and declined(asked, known)):
        return now, asked
    return (phone if answer == THEIRS else ""), asked


def settle(
    row: PupilRow, known: Known | None, moved: Moved, takes: Takes
) -> tuple[PupilRow, list[Difference]]:
    """A row with the numbers it means; guardians nobody has answered for are left out of it."""
    if not any(one.phone in moved for one in row.guardians):
        return row, []
    guardians: list[GuardianCells] = []
    questions = []
    for one in row.guardians:
        column = f"监护人{one.slot}手机"
        phone, asked = meant(
            (row.sheet, row.row), column, one.phone, moved=moved, known=known, takes=takes
        )
        if asked is not None:
            questions.append(asked)
        if phone and phone not in {other.phone for other in guardians}:
            guardians.append(one._replace(phone=phone))
    return row._replace(guardians=tuple(guardians)), questions
