"""Rows of one class with the same name: two children, one child twice, or one parent a row.

What both rows say decides: another birthday, seat or number is another child, the same one is the
same child. Where a list has a row for each parent, the second row brings a second guardian; such
rows are joined only when the list is plainly made so, because a wrong join shows one family's
child to another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from tenants.roster.cell_values import ClassKey
from tenants.roster.report import Outcome, Report
from tenants.roster.rows import GuardianCells, PupilRow
from tenants.roster.titles import GUARDIAN_SLOTS

Key = tuple[ClassKey, str]
MOST_NAMESAKES = 30  # in one class; more are no children but a slip
JOINED = "和第 {row} 行是同一个孩子，这一行的监护人记在一起了。"
TWICE = "与「{sheet}」第 {row} 行重复；同名同班的两个孩子请填不同的座号或出生日期。"


def without_repeats(rows: list[PupilRow], report: Report) -> list[PupilRow]:
    """The children, each once; what a later row of the same child brings is joined or refused."""
    if len({(row.class_key, row.name) for row in rows}) == len(rows):
        return rows
    groups: dict[Key, list[PupilRow]] = defaultdict(list)
    for row in rows:
        groups[row.class_key, row.name].append(row)
    by_parent = _sheets_by_parent(groups.values())
    kept: list[PupilRow] = []
    for group in groups.values():
        kept += group if len(group) == 1 else _children(group, by_parent, report)
    order = {(row.sheet, row.row): at for at, row in enumerate(rows)}
    return sorted(kept, key=lambda row: order[row.sheet, row.row])


def _children(group: list[PupilRow], by_parent: set[str], report: Report) -> list[PupilRow]:
    found: list[PupilRow] = []
    for row in group:
        same = next((at for at, one in enumerate(found) if _same(one, row) is not False), None)
        if same is None:
            if len(found) < MOST_NAMESAKES:
                found.append(row)
            else:
                _refuse(row, found[0], report)
            continue
        first = found[same]
        more = _brought(first, row)
        sure = _same(first, row) or (row.sheet in by_parent and _other_parent(first, row))
        if more and sure and first.sheet == row.sheet:
            found[same] = first._replace(guardians=(*first.guardians, *more))
            report.outcomes[row.sheet, row.row] = Outcome.UNCHANGED
            reason = JOINED.format(row=first.row)
            report.problems.append(row.problem("姓名", row.name, "row-joined", reason))
        else:
            _refuse(row, first, report)
    return found


def _refuse(row: PupilRow, first: PupilRow, report: Report) -> None:
    reason = TWICE.format(sheet=first.sheet, row=first.row)
    report.refuse([row.problem("姓名", row.name, "row-twice", reason)])


def _same(one: PupilRow, other: PupilRow) -> bool | None:
    """Whether two rows are one child; None when nothing tells."""
    pairs = (
        (one.id_number, other.id_number),
        (one.register_number, other.register_number),
        (one.birthday, other.birthday),
        (one.seat_no, other.seat_no),
    )
    told = [first == second for first, second in pairs if first and second]
    if not all(told):
        return False
    return True if told else None


def _brought(first: PupilRow, row: PupilRow) -> list[GuardianCells]:
    """Guardians of a later row whom the first does not have, in the slots that are left."""
    phones = {one.phone for one in first.guardians}
    free = [slot for slot in GUARDIAN_SLOTS if slot not in {one.slot for one in first.guardians}]
    new = [one for one in row.guardians if one.phone not in phones]
    return [one._replace(slot=slot) for one, slot in zip(new, free, strict=False)]


def _other_parent(first: PupilRow, row: PupilRow) -> bool:
    """Whether the rows stand together and name guardians of different relations."""
    before = {one.relation for one in first.guardians}
    near = 0 < row.row - first.row <= len(GUARDIAN_SLOTS)
    other = all(one.relation not in before for one in row.guardians)
    return near and other and first.sex == row.sex


def _sheets_by_parent(groups: Iterable[list[PupilRow]]) -> set[str]:
    """Sheets in which half of the children or more stand in several rows, a guardian in each."""
    children: dict[str, int] = defaultdict(int)
    repeated: dict[str, int] = defaultdict(int)
    for group in groups:
        sheet = group[0].sheet
        children[sheet] += 1
        if len(group) > 1 and all(len(row.guardians) <= 1 for row in group):
            repeated[sheet] += 1
    return {sheet for sheet, number in repeated.items() if number * 2 >= children[sheet]}
