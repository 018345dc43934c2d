"""What a row of a file comes to: a child or a member of staff, and the row while it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from campus.permissions import Role
from tenants.people.naming import Grades
from tenants.roster.cell_values import BadCell, ClassKey, says_nothing
from tenants.roster.report import Problem, problem
from tenants.roster.titles import SECRET_COLUMNS

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
LONGEST_CELL = 500
NOT_TAKEN = "这一格没有导入，其余的照常。"


class GuardianCells(NamedTuple):
    """One guardian of a row; ``slot`` is 1 to 3 and becomes the order of calling."""

    slot: int
    name: str
    relation: str
    phone: str


class PupilRow(NamedTuple):
    """One child as the file has it. None and 0 mean the file says nothing.

    ``leaving`` is what the file says of a child who may have left, ``hidden`` whether its row is.
    """

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
    leaving: str = ""
    hidden: bool = False

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
    """One row while it is read: parsed values are asked for, problems gather.

    ``problems`` refuse the row, ``told`` only say what of it was not taken; ``nothing`` counts,
    by column, words for nothing (无, -).
    """

    sheet: str
    row: int
    cells: dict[str, str]
    fixed: dict[str, str]
    nothing: Counter[str]
    problems: list[Problem] = field(default_factory=list)
    told: list[Problem] = field(default_factory=list)

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

    def optional(self, column: str, parse: Callable[..., Any], *context: date | Grades) -> Any:
        """As ``get``, of a cell that never costs the row: what is wrong with it is told."""
        text = self.cells.get(column) or self.fixed.get(column)
        if not text:
            return None
        try:
            if len(text) > LONGEST_CELL:
                raise BadCell("too-long", f"内容超过 {LONGEST_CELL} 字。")
            return parse(text, *context)
        except BadCell as error:
            if says_nothing(text):
                self.nothing[column] += 1
            else:
                self.tell(column, error.code, f"{error.reason}{NOT_TAKEN}")
            return None

    def cell(self, column: str) -> str:
        """What stands in a column, or what its heading or sheet says for every row."""
        return self.cells.get(column) or self.fixed.get(column, "")

    def add(self, column: str, code: str, reason: str) -> None:
        """Note a problem of one column that refuses the row."""
        self.problems.append(self._problem(column, code, reason))

    def tell(self, column: str, code: str, reason: str) -> None:
        """Note what of a column was not taken."""
        self.told.append(self._problem(column, code, reason))

    def tells(self, column: str) -> bool:
        """Whether something of a column was told."""
        return any(one.column == column for one in self.told)

    def _problem(self, column: str, code: str, reason: str) -> Problem:
        """Numbers of people are shown by their last four."""
        value = self.cell(column)[:60]
        if column in SECRET_COLUMNS and len(value) > 4:
            value = f"…{value[-4:]}"
        return problem((self.sheet, self.row), column, value, code, reason)


@dataclass(frozen=True, slots=True)
class Roster:
    """The rows of a file that are sound by themselves."""

    pupils: list[PupilRow]
    staff: list[StaffRow]
