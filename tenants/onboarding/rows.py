"""Each row judged on its own: values, or every problem it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from campus.permissions import Role
from tenants.onboarding import cells
from tenants.onboarding.cells import BadCell, ClassKey, plain
from tenants.onboarding.headers import GUARDIAN_SLOTS, PUPILS, STAFF, Layout
from tenants.onboarding.report import Problem, Report, problem
from tenants.onboarding.table import Cell

ROLES = {
    "管理员": Role.ADMIN,
    "校长": Role.HEAD,
    "副校长": Role.HEAD,
    "班主任": Role.TEACHER,
    "任课教师": Role.TEACHER,
}
UNTITLED = frozenset({"班主任", "任课教师"})


@dataclass(frozen=True, slots=True)
class GuardianCells:
    """One guardian of a row; ``slot`` is 1 to 3 and becomes the order of calling."""

    slot: int
    name: str
    relation: str
    phone: str


@dataclass(frozen=True, slots=True)
class PupilRow:
    """One child as the file has it. None and 0 mean the file says nothing."""

    sheet: str
    row: int
    class_key: ClassKey
    seat_no: int | None
    name: str
    sex: int
    birthday: date | None
    guardians: tuple[GuardianCells, ...]

    def problem(self, column: str, value: object, code: str, reason: str) -> Problem:
        """A problem of this row."""
        return problem((self.sheet, self.row), column, str(value), code, reason)


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One person who works here, as the file has it."""

    sheet: str
    row: int
    name: str
    phone: str
    roles: frozenset[Role]
    title: str
    homeroom: ClassKey | None
    teaching: tuple[tuple[ClassKey, str], ...]

    def problem(self, column: str, value: object, code: str, reason: str) -> Problem:
        """A problem of this row."""
        return problem((self.sheet, self.row), column, str(value), code, reason)


@dataclass(slots=True)
class Line:
    """One row while it is read: parsed values are asked for, problems gather."""

    sheet: str
    row: int
    cells: dict[str, Cell]
    problems: list[Problem]

    def get(self, column: str, parse: Callable[..., Any], *context: date) -> Any:
        """The value of a column, or None with a problem noted. A missing column is empty."""
        cell = self.cells.get(column, "")
        text = plain(cell)
        try:
            if len(text) > 500 or "\0" in text:
                raise BadCell("too-long", "内容太长或含有不能用的字符。")
            return parse(cell, *context)
        except BadCell as error:
            self.add(column, error.code, error.reason)
            return None

    def add(self, column: str, code: str, reason: str) -> None:
        """Note a problem of one column."""
        value = plain(self.cells.get(column, ""))[:60]
        self.problems.append(problem((self.sheet, self.row), column, value, code, reason))

    def filled(self, column: str) -> bool:
        """Whether a cell holds anything."""
        return bool(plain(self.cells.get(column, "")))


@dataclass(frozen=True, slots=True)
class Roster:
    """The rows of a file that are sound by themselves."""

    pupils: list[PupilRow]
    staff: list[StaffRow]


def read_rows(layouts: list[Layout], report: Report, today: date) -> Roster:
    """Judge every row; the unsound are refused in ``report`` and left out."""
    roster = Roster([], [])
    for layout in layouts:
        sheet = layout.sheet.name
        for title in layout.unknown:
            reason = "不认识这一列，它的内容没有导入。"
            found = problem((sheet, layout.header + 1), title[:30], "", "column-unknown", reason)
            report.problems.append(found)
        for number, values in layout.lines():
            line = Line(sheet, number, values, [])
            if layout.kind == PUPILS:
                _keep(roster.pupils, _pupil(line, today), line, report)
            elif layout.kind == STAFF:
                _keep(roster.staff, _member(line, today), line, report)
    return roster


def _keep(rows: list[Any], row: PupilRow | StaffRow, line: Line, report: Report) -> None:
    if line.problems:
        report.refuse(line.problems)
    else:
        rows.append(row)


def _pupil(line: Line, today: date) -> PupilRow:
    slots = [slot for slot in GUARDIAN_SLOTS if _mentioned(line, slot)]
    guardians = tuple(_guardian(line, slot) for slot in slots)
    phones = [one.phone for one in guardians if one.phone]
    if len(set(phones)) < len(phones):
        line.add(f"监护人{slots[-1]}手机", "phone-twice", "同一个孩子的监护人手机号不能相同。")
    return PupilRow(
        line.sheet,
        line.row,
        line.get("班级", cells.school_class, today),
        line.get("座号", cells.seat),
        line.get("姓名", cells.name),
        line.get("性别", cells.sex),
        line.get("出生日期", cells.birthday, today),
        guardians,
    )


def _mentioned(line: Line, slot: int) -> bool:
    return line.filled(f"监护人{slot}姓名") or line.filled(f"监护人{slot}手机")


def _guardian(line: Line, slot: int) -> GuardianCells:
    column = f"监护人{slot}"
    return GuardianCells(
        slot,
        line.get(f"{column}姓名", cells.optional_name),
        line.get(f"{column}关系", cells.relation),
        line.get(f"{column}手机", cells.phone),
    )


def _member(line: Line, today: date) -> StaffRow:
    posts = line.get("职务", _posts) or ()
    return StaffRow(
        line.sheet,
        line.row,
        line.get("姓名", cells.name),
        line.get("手机", cells.phone),
        frozenset(ROLES[post] for post in posts),
        "、".join(post for post in posts if post not in UNTITLED),
        line.get("班主任班级", cells.optional_class, today),
        line.get("任教", cells.teaching, today) or (),
    )


def _posts(cell: Cell) -> tuple[str, ...]:
    text = plain(cell)
    for mark in "，,/;；":
        text = text.replace(mark, "、")
    posts = tuple(dict.fromkeys(word.strip() for word in text.split("、") if word.strip()))
    if not posts or not set(posts) <= ROLES.keys():
        raise BadCell("post-wrong", "职务填管理员、校长、副校长、班主任或任课教师，可用顿号并列。")
    return posts
