"""Each line of a file judged on its own: a person, or every problem it has.

A child is refused for what a child cannot be without: a name and a class. Everything else that is
odd is told, and the child enters without it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tenants.people.naming import Grades
from tenants.roster import cell_values, class_names
from tenants.roster.columns import UNKNOWN
from tenants.roster.guardian_cells import guardians_of
from tenants.roster.guardian_columns import WORTH_TELLING
from tenants.roster.layouts import Layout
from tenants.roster.lines import QUIET, count_all, person_lines
from tenants.roster.questions import (
    BIRTHDAY,
    BY_CELL,
    BY_NUMBER,
    SEX,
    Takes,
    birthday_differs,
    sex_differs,
)
from tenants.roster.report import (
    REFUSED,
    SKIPPED,
    WHOLE_SHEET,
    Outcome,
    Report,
    SheetAccount,
    problem,
)
from tenants.roster.rows import Line, PupilRow, Roster, StaffRow
from tenants.roster.sexes import sex_words
from tenants.roster.staff_rows import member_row
from tenants.roster.table import Table
from tenants.roster.titles import PUPILS, REMARK, STATUS

NO_TAKES: Takes = {}
SEX_WORDS = ("", "男", "女")
UNSEEN = "这张工作表是隐藏的，没有读。要导入请先取消隐藏。"
_LEFT = re.compile(
    r"转出|转走|转学|退学|离校|休学|辍学|停学|退转|借出|出国|出境|已走|不来|未报到|没报到|未到校|开除|除名"
    r"|毕业|死亡|去世|病故|流失|已转|迁出|调出|注销"
)
_CAME = re.compile(r"转入|转来|转进|复学|毕业于|来自")
_NOT_HERE = frozenset({"否", "不在", "不在校", "不在读", "不在籍", "离", "no", "n", "inactive"})


@dataclass(frozen=True, slots=True)
class _Reading:
    """What every line of a sheet is read with."""

    report: Report
    grades: Grades
    takes: Takes
    sexes: Mapping[str, str]
    hidden: frozenset[int]
    nothing: Counter[str]


def read_rows(
    layouts: list[Layout], report: Report, grades: Grades, takes: Takes = NO_TAKES
) -> Roster:
    """Judge every row; the unsound are refused in ``report`` and left out."""
    roster = Roster([], [])
    for layout in layouts:
        account = SheetAccount(layout.sheet.name, layout.kind, columns=layout.columns)
        report.sheets.append(account)
        if layout.sound:
            _read_sheet(layout, account, roster, _reading(layout, report, grades, takes))
        elif layout.kind:
            _refuse_sheet(layout, account, report)
        else:
            account.state, account.reason = SKIPPED, layout.reason
            count_all(layout, account)
            if account.lines:
                place = layout.sheet.name, 1
                report.problems.append(
                    problem(place, WHOLE_SHEET, "", "sheet-skipped", layout.reason)
                )
    return roster


def tell_unseen(table: Table, report: Report) -> None:
    """Account for the sheets nobody sees."""
    for name in table.unseen:
        report.sheets.append(SheetAccount(name, "", SKIPPED, UNSEEN))
        report.problems.append(problem((name, 1), WHOLE_SHEET, "", "sheet-hidden", UNSEEN))


def _reading(layout: Layout, report: Report, grades: Grades, takes: Takes) -> _Reading:
    sexes = sex_words(layout, report, takes) if layout.kind == PUPILS else {}
    return _Reading(report, grades, takes, sexes, layout.sheet.hidden, Counter())


def _refuse_sheet(layout: Layout, account: SheetAccount, report: Report) -> None:
    """A list that lacks a column: none of its lines is read, and it is told once."""
    account.state, account.reason = REFUSED, layout.reason
    place = layout.sheet.name, layout.header + 1
    report.problems.append(problem(place, WHOLE_SHEET, "", "sheet-refused", layout.reason))
    for number, _ in person_lines(layout, account, _NO_GRADES):
        report.outcomes[layout.sheet.name, number] = Outcome.REFUSED


_NO_GRADES = Grades(date(2000, 1, 1), 0, 0)


def _read_sheet(layout: Layout, account: SheetAccount, roster: Roster, reading: _Reading) -> None:
    report, sheet = reading.report, layout.sheet.name
    for column in layout.columns:
        if column.state == UNKNOWN or column.reason in WORTH_TELLING:
            place = sheet, layout.header + 1
            title = column.title[:30] or f"第 {column.at + 1} 列"
            code = "column-unknown" if column.state == UNKNOWN else "column-left"
            report.problems.append(problem(place, title, "", code, column.reason))
    for row, words in layout.sheet.remarks:
        report.problems.append(problem((sheet, row), "引号", "", "quote-open", words))
    for number, values in person_lines(layout, account, reading.grades):
        line = Line(sheet, number, values, layout.fixed, reading.nothing)
        if layout.kind == PUPILS:
            _keep(roster.pupils, _pupil(line, reading), line, report)
        else:
            _keep(roster.staff, member_row(line, reading.grades), line, report)
    _tell_skipped(account, report)
    for column_name, many in reading.nothing.items():
        place = sheet, layout.header + 1
        reason = f"有 {many} 格写的是“无”“-”这类字，当作空格。"
        report.problems.append(problem(place, column_name, "", "cell-nothing", reason))


def _tell_skipped(account: SheetAccount, report: Report) -> None:
    for one in account.skipped:
        if one.code not in QUIET:
            place = account.sheet, one.row
            report.problems.append(problem(place, "姓名", "", "row-skipped", one.reason))


def _keep(rows: list[Any], row: PupilRow | StaffRow, line: Line, report: Report) -> None:
    group = line.cell("班级") or line.cells.get("职务", "")
    report.people[line.sheet, line.row] = line.cells.get("姓名", ""), group
    if line.told:
        report.problems += line.told
    if line.problems:
        report.refuse(line.problems)
    else:
        rows.append(row)


def _pupil(line: Line, reading: _Reading) -> PupilRow:
    grade = line.cell("年级")
    if grade:
        line.cells["班级"] = class_names.joined_class(grade, line.cell("班级"))
    number = line.optional("身份证号", cell_values.id_number) or ""
    return PupilRow(
        line.sheet,
        line.row,
        line.get("班级", class_names.school_class, reading.grades),
        line.optional("座号", cell_values.seat),
        line.get("姓名", cell_values.child_name),
        _sex(line, number, reading),
        _birthday(line, number, reading),
        guardians_of(line),
        line.optional("学籍号", cell_values.register_number) or "",
        number,
        _leaving(line),
        line.row in reading.hidden,
    )


def _sex(line: Line, number: str, reading: _Reading) -> int:
    """GB 11643: the last digit of the sequence is odd for men. Both must say the same."""
    text = line.cells.get(SEX, "")
    if reading.sexes and text:
        line.cells[SEX] = reading.sexes.get(cell_values.bare_number(text), text)
    written: int = line.optional(SEX, cell_values.sex) or 0
    if not number:
        return written
    told = 2 - int(number[16]) % 2
    if not written or written == told:
        return told
    place = line.sheet, line.row
    answer = reading.takes.get((*place, SEX), "")
    if answer in {BY_CELL, BY_NUMBER}:
        return written if answer == BY_CELL else told
    if not line.problems:
        reading.report.ask(sex_differs(place, SEX_WORDS[written], SEX_WORDS[told]))
    return 0


def _birthday(line: Line, number: str, reading: _Reading) -> date | None:
    """The day of birth; the ID number may say it alone, and must not say another."""
    found: date | None = line.optional(BIRTHDAY, cell_values.birthday, reading.grades.today)
    if not number:
        return found
    told = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    if found is None or found == told:
        return told
    place = line.sheet, line.row
    answer = reading.takes.get((*place, BIRTHDAY), "")
    if answer in {BY_CELL, BY_NUMBER}:
        return found if answer == BY_CELL else told
    if not line.problems:
        reading.report.ask(birthday_differs(place, str(found), str(told)))
    return None


def _leaving(line: Line) -> str:
    """What the file says of a child who may not be here any more."""
    status, remark = line.cells.get(STATUS, ""), line.cells.get(REMARK, "")
    if status and (cell_values.narrow(status).lower() in _NOT_HERE or _says_left(status)):
        return status
    return remark if remark and _says_left(remark) else ""


def _says_left(text: str) -> bool:
    return _LEFT.search(text) is not None and _CAME.search(text) is None
