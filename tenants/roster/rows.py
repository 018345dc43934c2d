"""Each row judged on its own: values, or every problem it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from campus.permissions import Role
from tenants.people.naming import Grades
from tenants.roster import cells
from tenants.roster.cells import BadCell, ClassKey
from tenants.roster.headers import Layout
from tenants.roster.report import Problem, Report, problem
from tenants.roster.titles import GUARDIAN_SLOTS, PUPILS, SECRET_COLUMNS, STAFF

ROLES = {
    "管理员": Role.ADMIN,
    "校长": Role.HEAD,
    "副校长": Role.HEAD,
    "班主任": Role.TEACHER,
    "任课教师": Role.TEACHER,
}
ROLES |= dict.fromkeys(
    (
        "教导主任",
        "教务主任",
        "德育主任",
        "总务主任",
        "年级组长",
        "教研组长",
        "校医",
        "教师",
        "老师",
    ),
    Role.TEACHER,
)
UNTITLED = frozenset({"班主任", "任课教师", "教师", "老师"})
LONGEST_CELL = 500
# Slot and its columns (name, relation, phone), put together once and not for every row.
GUARDIANS = tuple(
    (slot, f"监护人{slot}姓名", f"监护人{slot}关系", f"监护人{slot}手机") for slot in GUARDIAN_SLOTS
)
NOTES = ("合计", "备注", "说明", "注:", "注：", "填表", "制表", "审核", "总计", "小计", "共")


class GuardianCells(NamedTuple):
    """One guardian of a row; ``slot`` is 1 to 3 and becomes the order of calling."""

    slot: int
    name: str
    relation: str
    phone: str


class PupilRow(NamedTuple):
    """One child as the file has it. None and 0 mean the file says nothing."""

    sheet: str
    row: int
    class_key: ClassKey
    seat_no: int | None
    name: str
    sex: int
    birthday: date | None
    guardians: tuple[GuardianCells, ...]
    register_number: str = ""
    id_number: str = ""

    def problem(self, column: str, value: object, code: str, reason: str) -> Problem:
        """A problem of this row."""
        return problem((self.sheet, self.row), column, str(value), code, reason)


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One person who works here, as the file has it; without ``roles`` it says nothing of them."""

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
    cells: dict[str, str]
    fixed: dict[str, str]
    problems: list[Problem] = field(default_factory=list)

    def get(self, column: str, parse: Callable[..., Any], *context: date | Grades) -> Any:
        """The value of a column, or None with a problem noted. A missing column is empty."""
        text = self.cells.get(column) or self.fixed.get(column, "")
        try:
            if len(text) > LONGEST_CELL:
                raise BadCell("too-long", f"内容超过 {LONGEST_CELL} 字。")
            return parse(text, *context)
        except BadCell as error:
            self.add(column, error.code, error.reason)
            return None

    def cell(self, column: str) -> str:
        """What stands in a column, or what its heading or sheet says for every row."""
        return self.cells.get(column) or self.fixed.get(column, "")

    def add(self, column: str, code: str, reason: str) -> None:
        """Note a problem of one column; numbers of people are shown by their last four."""
        value = self.cell(column)[:60]
        if column in SECRET_COLUMNS and len(value) > 4:
            value = f"…{value[-4:]}"
        self.problems.append(problem((self.sheet, self.row), column, value, code, reason))


@dataclass(frozen=True, slots=True)
class Roster:
    """The rows of a file that are sound by themselves."""

    pupils: list[PupilRow]
    staff: list[StaffRow]


def read_rows(layouts: list[Layout], report: Report, grades: Grades) -> Roster:
    """Judge every row; the unsound are refused in ``report`` and left out."""
    roster = Roster([], [])
    for layout in layouts:
        sheet = layout.sheet.name
        for title in layout.unknown:
            reason = "不认识这一列，它的内容没有导入。"
            found = problem((sheet, layout.header + 1), title[:30], "", "column-unknown", reason)
            report.problems.append(found)
        for number, values in layout.lines():
            line = Line(sheet, number, values, layout.fixed)
            if _note(values):
                line.add("姓名", "row-skipped", "看起来是说明，不是名单，这一行跳过了。")
                report.problems += line.problems
            elif layout.kind == PUPILS:
                _keep(roster.pupils, _pupil(line, grades), line, report)
            elif layout.kind == STAFF:
                _keep(roster.staff, _member(line, grades), line, report)
    return roster


def _note(values: dict[str, str]) -> bool:
    """A remark under the table: one cell is filled, and it does not look like a name."""
    filled = list(filter(None, values.values()))
    return len(filled) == 1 and (filled[0].startswith(NOTES) or len(filled[0]) > 20)


def _keep(rows: list[Any], row: PupilRow | StaffRow, line: Line, report: Report) -> None:
    group = line.cell("班级") or line.cells.get("职务", "")
    report.people[line.sheet, line.row] = line.cells.get("姓名", ""), group
    if line.problems:
        report.refuse(line.problems)
    else:
        rows.append(row)


def _pupil(line: Line, grades: Grades) -> PupilRow:
    guardians = _guardians(line)
    phones = [one.phone for one in guardians if one.phone]
    if len(set(phones)) < len(phones):
        last = guardians[-1].slot
        line.add(f"监护人{last}手机", "phone-twice", "同一个孩子的监护人手机号不能相同。")
    grade = line.cell("年级")
    if grade:
        line.cells["班级"] = cells.joined_class(grade, line.cell("班级"))
    number = line.get("身份证号", cells.id_number) or ""
    return PupilRow(
        line.sheet,
        line.row,
        line.get("班级", cells.school_class, grades),
        line.get("座号", cells.seat),
        line.get("姓名", cells.name),
        line.get("性别", cells.sex) or _sex_of(number),
        _birthday(line, number, grades.today),
        guardians,
        line.get("学籍号", cells.register_number) or "",
        number,
    )


def _sex_of(number: str) -> int:
    """GB 11643: the last digit of the sequence is odd for men."""
    return 2 - int(number[16]) % 2 if number else 0


def _birthday(line: Line, number: str, today: date) -> date | None:
    """The day of birth; the ID number must say the same and may say it alone."""
    found: date | None = line.get("出生日期", cells.birthday, today)
    if not number:
        return found
    told = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    if found and found != told:
        line.add("出生日期", "birthday-differs", "和身份证号里的出生日期不一样，请核对。")
    return told


def _guardians(line: Line) -> tuple[GuardianCells, ...]:
    written = line.cells.get
    return tuple(
        [
            GuardianCells(
                slot,
                line.get(name, cells.optional_name),
                line.get(relation, cells.relation),
                line.get(phone, cells.phone),
            )
            for slot, name, relation, phone in GUARDIANS
            if written(name) or written(phone)
        ]
    )


def _member(line: Line, grades: Grades) -> StaffRow:
    homeroom = line.get("班主任班级", _homeroom, grades)
    posts = line.get("职务", _posts) or ()
    return StaffRow(
        line.sheet,
        line.row,
        line.get("姓名", cells.name),
        line.get("手机", cells.phone),
        frozenset(ROLES[post] for post in posts),
        "、".join(post for post in posts if post not in UNTITLED),
        homeroom,
        _lessons(line, grades),
    )


def _homeroom(text: str, grades: Grades) -> ClassKey | None:
    """Some offices write 否 or 无 where there is no class."""
    return None if text in {"否", "无", "-", "/"} else cells.optional_class(text, grades)


def _lessons(line: Line, grades: Grades) -> tuple[tuple[ClassKey, str], ...]:
    """From one column (任教), or from subjects and classes apart."""
    found: tuple[tuple[ClassKey, str], ...] = line.get("任教", cells.teaching, grades) or ()
    classes = line.get("任教班级", cells.class_list, grades) or ()
    if not classes:
        return found
    subjects = line.get("学科", cells.subject_list) if line.cell("学科") else ()
    if not subjects:
        line.add("学科", "subject-missing", "填了任教班级，请再填学科。")
    pairs = ((key, subject) for key in classes for subject in subjects or ())
    return tuple(dict.fromkeys((*found, *pairs)))


def _posts(text: str) -> tuple[str, ...]:
    for mark in "，,/;；":
        text = text.replace(mark, "、")
    posts = tuple(dict.fromkeys(word.strip() for word in text.split("、") if word.strip()))
    if not set(posts) <= ROLES.keys():
        raise BadCell("post-wrong", "职务填管理员、校长、副校长、班主任或任课教师，可用顿号并列。")
    return posts
