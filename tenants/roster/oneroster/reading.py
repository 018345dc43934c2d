"""Sound OneRoster files become the same rows a spreadsheet gives.

A child's class is its enrollment in a class of type homeroom; agents are guardians in the order
they are listed. Staff are users with a role at the school; what they teach is their enrollment in
scheduled classes, whose title begins with the homeroom class.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from campus.permissions import Role
from tenants.people.naming import Grades
from tenants.roster import cell_values
from tenants.roster.cell_values import BadCell, ClassKey
from tenants.roster.oneroster.account import tell_account
from tenants.roster.oneroster.book import Book, home_of, indexed
from tenants.roster.oneroster.checks import checked
from tenants.roster.oneroster.duties import class_teachers, duties_of, emptied
from tenants.roster.oneroster.family import guardians_of, tell_unmet, written_with_parents
from tenants.roster.oneroster.faults import Cause, Faults
from tenants.roster.oneroster.records import Record
from tenants.roster.oneroster.spec import REGISTER, SEAT, STUDENT, TITLE, WORKERS
from tenants.roster.oneroster.standing import standing
from tenants.roster.report import Report
from tenants.roster.rows import PupilRow, Roster, StaffRow
from tenants.roster.table import Table

SEXES = {"male": 1, "female": 2}
# An aide says no more than that somebody works here: see plan_staff.
POSTS = {
    "teacher": Role.TEACHER,
    "counselor": Role.TEACHER,
    "principal": Role.HEAD,
    "administrator": Role.ADMIN,
    "siteAdministrator": Role.ADMIN,
    "systemAdministrator": Role.ADMIN,
}


def read_oneroster(
    table: Table, report: Report, grades: Grades, *, names: Collection[str] = ()
) -> Roster:
    """The pupils and staff of the files; what cannot be read is refused in ``report``.

    ``names`` are what this school is called: a set may hold several. Raises UnreadableFile.
    """
    faults, roster = Faults(report), Roster([], [])
    package, files = checked(table, faults)
    if not faults.broken:
        here = standing(files, names, grades.today, faults)
        if not faults.broken:
            _fill(roster, indexed(here, grades))
    faults.settle()
    tell_account(table, package, files, faults)
    return roster


def _fill(roster: Roster, book: Book) -> None:
    """Children first: the staff teach classes that have some."""
    turned = written_with_parents(book)
    for one in book.files["users"]:
        if STUDENT in book.roles[one.id] and (row := _pupil(book, one, turned)):
            roster.pupils.append(row)
    lost = emptied(book, {row.class_key for row in roster.pupils})
    teachers = class_teachers(book)
    for one in book.files["users"]:
        roles = book.roles[one.id]
        if STUDENT not in roles and not roles.isdisjoint(WORKERS):
            member = _member(book, one, teachers, lost)
            if member is not None:
                roster.staff.append(member)
    tell_unmet(book, turned)


def _pupil(book: Book, one: Record, turned: dict[str, list[Record]]) -> PupilRow | None:
    name = book.name(one)
    seat = home_of(book, one) if name else None
    if name is None or seat is None:
        return None
    klass = book.classes[seat["classSourcedId"]]
    book.faults.report.people[one.place] = name, klass["title"]
    key = book.key(klass)
    if isinstance(key, Cause):
        book.out(one, key)
        return None
    born = book.born(one)
    return PupilRow(
        one.sheet,
        one.row,
        key,
        book.optional(seat, SEAT, cell_values.seat),
        name,
        SEXES.get(born["sex"], 0),
        book.optional(born, "birthDate", cell_values.birthday, book.grades.today),
        guardians_of(book, one, turned),
        book.optional(one, REGISTER, cell_values.register_number) or "",
    )


def _member(
    book: Book, one: Record, teachers: Mapping[str, str], lost: Mapping[ClassKey, Cause]
) -> StaffRow | None:
    column = "sms" if one["sms"] else "phone"
    name = book.name(one)
    if name is None:
        return None
    try:
        phone = cell_values.phone(one[column])
    except BadCell as error:
        book.faults.refuse(one.problem(column, error.code, error.reason))
        return None
    homeroom, lessons = duties_of(book, one, teachers, lost)
    posts = frozenset(found for role in book.roles[one.id] if (found := POSTS.get(role)))
    return StaffRow(one.sheet, one.row, name, phone, posts, one[TITLE], homeroom, lessons)
