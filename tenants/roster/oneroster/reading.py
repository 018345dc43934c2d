"""Sound OneRoster files become the same rows a spreadsheet gives.

A child's class is its enrollment in a class of type homeroom; agents are guardians in the order
they are listed. Staff are users with a role at the school; what they teach is their enrollment in
scheduled classes, whose title begins with the homeroom class.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from campus.permissions import Role
from tenants.people.naming import Grades
from tenants.roster import cells
from tenants.roster.cells import BadCell, ClassKey
from tenants.roster.oneroster.checks import Files, Record, checked, listed
from tenants.roster.oneroster.spec import NAME, REGISTER, RELATIONS, SEAT, TITLE
from tenants.roster.report import Report
from tenants.roster.rows import GuardianCells, PupilRow, Roster, StaffRow
from tenants.roster.table import Table

MOST_GUARDIANS = 3
PARENTS = frozenset({"parent", "guardian", "relative"})
# An aide says no more than that somebody works here: see plan_staff.
STAFF = {
    "teacher": Role.TEACHER,
    "aide": None,
    "counselor": Role.TEACHER,
    "principal": Role.HEAD,
    "administrator": Role.ADMIN,
    "siteAdministrator": Role.ADMIN,
    "systemAdministrator": Role.ADMIN,
}
SEXES = {"male": 1, "female": 2}


@dataclass(slots=True)
class Book:
    """What the files say, by id."""

    files: Files
    report: Report
    grades: Grades
    users: dict[str, Record] = field(default_factory=dict)
    roles: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    born: dict[str, Record] = field(default_factory=dict)
    seats: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    classes: dict[str, Record] = field(default_factory=dict)
    faults: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))

    def value(self, one: Record, column: str, parse: Callable[..., Any], *context: Any) -> Any:
        """A parsed cell; a bad one is a fault of its row."""
        try:
            return parse(one[column], *context)
        except BadCell as error:
            self.faults[one.id].append(one.problem(column, error.code, error.reason))
            return None


def read_oneroster(table: Table, report: Report, grades: Grades) -> Roster:
    """The pupils and staff of the files; what cannot be read is refused in ``report``."""
    files = checked(table, report)
    if files.broken:
        return Roster([], [])
    book = _indexed(files, report, grades)
    pupils, staff = [], []
    for one in files["users"]:
        roles = book.roles[one.id]
        report.people[f"{one.file}.csv", one.row] = _full_name(one), ""
        row: Any = None
        if "student" in roles:
            row = _pupil(book, one)
            pupils.append((one, row))
        elif roles & STAFF.keys():
            row = _member(book, one, roles)
            staff.append((one, row))
        elif not roles & PARENTS:
            reason = "不知道这个人是学生、家长还是老师。"
            report.refuse([one.problem("role", "role-missing", reason)])
    for found in book.faults.values():
        report.refuse(found)
    return Roster(_sound(book, pupils), _sound(book, staff))


def _sound(book: Book, rows: list[tuple[Record, Any]]) -> list[Any]:
    return [row for one, row in rows if not book.faults.get(one.id)]


def _indexed(files: Files, report: Report, grades: Grades) -> Book:
    book = Book(files, report, grades)
    book.users = {one.id: one for one in files["users"]}
    book.born = {one.id: one for one in files["demographics"]}
    book.classes = {one.id: one for one in files["classes"]}
    for one in files["users"]:
        if one["role"]:
            book.roles[one.id].add(one["role"])
    for one in files["roles"]:
        book.roles[one["userSourcedId"]].add(one["role"])
    for one in files["enrollments"]:
        book.seats[one["userSourcedId"]].append(one)
    return book


def _full_name(one: Record) -> str:
    """``metadata.cn.name`` says it exactly; else family before given, or given before family."""
    if one[NAME]:
        return one[NAME]
    family, given = one["familyName"], one["givenName"]
    return f"{given} {family}".strip() if f"{given}{family}".isascii() else f"{family}{given}"


def _name(book: Book, one: Record) -> str:
    try:
        return cells.name(_full_name(one))
    except BadCell as error:
        book.faults[one.id].append(one.problem("familyName", error.code, error.reason))
        return ""


def _pupil(book: Book, one: Record) -> PupilRow:
    home = [seat for seat in book.seats[one.id] if _homeroom(book, seat)]
    key: ClassKey = (0, 0)
    seat_no = None
    if not home:
        reason = "enrollments.csv 里没有这个学生的行政班（homeroom）。"
        book.faults[one.id].append(one.problem("sourcedId", "no-class", reason))
    else:
        key = _class_key(book, one, book.classes[home[0]["classSourcedId"]])
        seat_no = book.value(home[0], SEAT, cells.seat)
    born = book.born.get(one.id, Record("demographics", 1, {}))
    return PupilRow(
        f"{one.file}.csv",
        one.row,
        key,
        seat_no,
        _name(book, one),
        SEXES.get(born["sex"], 0),
        book.value(born, "birthDate", cells.birthday, book.grades.today) if born.id else None,
        _guardians(book, one),
        book.value(one, REGISTER, cells.register_number) or "",
    )


def _homeroom(book: Book, seat: Record) -> bool:
    held = book.classes.get(seat["classSourcedId"])
    return seat["role"] == "student" and held is not None and held["classType"] == "homeroom"


def _class_key(book: Book, one: Record, klass: Record) -> ClassKey:
    try:
        return cells.school_class(klass["title"], book.grades)
    except BadCell as error:
        book.faults[one.id].append(klass.problem("title", error.code, error.reason))
        book.faults[one.id].append(
            one.problem("sourcedId", "class-unread", f"所在班级“{klass['title'][:20]}”认不出来。")
        )
        return 0, 0


def _guardians(book: Book, one: Record) -> tuple[GuardianCells, ...]:
    agents = [book.users[aim] for aim in listed(one["agentSourcedIds"]) if aim in book.users]
    relations = one[RELATIONS].split(",") if one[RELATIONS] else []
    if len(agents) > MOST_GUARDIANS:
        reason = f"监护人超过 {MOST_GUARDIANS} 位，只导入前 {MOST_GUARDIANS} 位。"
        book.report.problems.append(one.problem("agentSourcedIds", "guardians-many", reason))
    found = []
    for slot, agent in enumerate(agents[:MOST_GUARDIANS], 1):
        column = "sms" if agent["sms"] else "phone"
        word = relations[slot - 1] if slot <= len(relations) else ""
        try:
            phone, relation = cells.phone(agent[column]), cells.relation(word)
        except BadCell as error:
            book.faults[one.id].append(agent.problem(column, error.code, error.reason))
            reason = f"监护人“{agent.id[:40]}”的资料不完整：{error.reason}"
            book.faults[one.id].append(one.problem("agentSourcedIds", "guardian-wrong", reason))
            continue
        found.append(GuardianCells(slot, _name(book, agent), relation, phone))
    return tuple(found)


def _member(book: Book, one: Record, roles: set[str]) -> StaffRow:
    column = "sms" if one["sms"] else "phone"
    homeroom: ClassKey | None = None
    lessons: dict[tuple[ClassKey, str], None] = {}
    for seat in book.seats[one.id]:
        klass = book.classes.get(seat["classSourcedId"])
        if klass is None or seat["role"] != "teacher":
            continue
        if klass["classType"] == "homeroom":
            homeroom = _class_key(book, one, klass)
        else:
            for key, subject in _lessons(book, one, klass):
                lessons[key, subject] = None
    return StaffRow(
        f"{one.file}.csv",
        one.row,
        _name(book, one),
        book.value(one, column, cells.phone) or "",
        frozenset(found for role in roles if (found := STAFF.get(role))),
        one[TITLE],
        homeroom,
        tuple(lessons),
    )


def _lessons(book: Book, one: Record, klass: Record) -> list[tuple[ClassKey, str]]:
    try:
        key, rest = cells.leading_class(klass["title"], book.grades)
    except BadCell as error:
        book.faults[one.id].append(klass.problem("title", error.code, error.reason))
        return []
    return [(key, subject) for subject in listed(klass["subjects"]) or ([rest] if rest else [])]
