"""What the files say about people, by id: who counts, as what, and in which class."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tenants.people.calendar import YEAR_STARTS_MONTH, school_year_of
from tenants.people.naming import Grades
from tenants.roster import cell_values, class_names
from tenants.roster.cell_values import BadCell, ClassKey
from tenants.roster.oneroster.faults import Cause, Faults
from tenants.roster.oneroster.records import Record
from tenants.roster.oneroster.spec import (
    LEFT_OUT,
    NAME,
    PARENTS,
    STUDENT,
    WORKERS,
    listed,
)
from tenants.roster.oneroster.standing import Standing
from tenants.roster.oneroster.values import Files

HOMEROOM = "homeroom"


@dataclass(slots=True)
class Book:
    """The sound rows of a set by id. ``roles`` holds what each person is at this school now."""

    standing: Standing
    grades: Grades
    users: dict[str, Record] = field(default_factory=dict)
    classes: dict[str, Record] = field(default_factory=dict)
    places: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    roles: dict[str, set[str]] = field(default_factory=dict)
    agents: set[str] = field(default_factory=set)
    _born: dict[str, Record] = field(default_factory=dict)
    _keys: dict[str, ClassKey | Cause] = field(default_factory=dict)
    _away: dict[int, Cause | None] = field(default_factory=dict)

    @property
    def files(self) -> Files:
        """Every row of every file."""
        return self.standing.files

    @property
    def faults(self) -> Faults:
        """Where faults are told."""
        return self.standing.faults

    def born(self, one: Record) -> Record:
        """The demographics of a person, empty when there are none."""
        found = self._born.get(one.id)
        return found if found and found.gone is None else Record("demographics.csv", 1, {})

    def name(self, one: Record) -> str | None:
        """The name of somebody who comes in; a bad one refuses the row."""
        try:
            return cell_values.name(full_name(one))
        except BadCell as error:
            self.faults.refuse(one.problem("familyName", error.code, error.reason))
            return None

    def optional(self, one: Record, column: str, parse: Callable[..., Any], *context: Any) -> Any:
        """A parsed cell; a bad one is told and costs nothing but itself."""
        try:
            return parse(one[column], *context)
        except BadCell as error:
            reason = f"{error.reason}这一格没有导入。"
            self.faults.note(one.problem(column, error.code, reason))
            return None

    def out(self, one: Record, cause: Cause) -> None:
        """Leave a person out because of a fault that is told elsewhere."""
        self.faults.costs(cause, one.place, full_name(one))

    def key(self, klass: Record) -> ClassKey | Cause:
        """The class a homeroom row means, or why it means none; asked as often as need be."""
        found = self._keys.get(klass.id)
        if found is None:
            found = self._keys[klass.id] = self._key(klass)
        return found

    def _key(self, klass: Record) -> ClassKey | Cause:
        if klass.gone is not None:
            return klass.gone
        grades = self.grades_of(klass)
        if grades is None:
            reason = "这个班的学期都在以前的学年：没有导入，免得把旧班的学生当成今年的。"
            return self.faults.refuse(klass.problem("termSourcedIds", "class-over", reason))
        try:
            return class_names.school_class(klass["title"], grades)
        except BadCell as error:
            return self.faults.refuse(klass.problem("title", error.code, error.reason))

    def grades_of(self, klass: Record) -> Grades | None:
        """三年级 is said of the year of the class's terms; None when that year is over."""
        year, now = self.standing.year_of(klass), school_year_of(self.grades.today)
        if year is None or year == now:
            return self.grades
        first_day = date(year, YEAR_STARTS_MONTH, 1)
        return self.grades._replace(today=first_day) if year > now else None

    def away(self, place: Record) -> Cause | None:
        """Why an enrollment puts nobody into a class of this school now; told once."""
        if place.row not in self._away:
            self._away[place.row] = self._why_away(place)
        return self._away[place.row]

    def _why_away(self, place: Record) -> Cause | None:
        klass = self.classes.get(place["classSourcedId"])
        if place.gone is not None or klass is None:
            return place.gone
        if klass.gone is not None:
            return klass.gone
        org = place["schoolSourcedId"] or klass["schoolSourcedId"]
        return self.standing.elsewhere(place, "schoolSourcedId", org) or self.standing.over(
            place, "这个人在这个班"
        )


def full_name(one: Record) -> str:
    """``metadata.cn.name`` says it exactly; else family before given, or given before family."""
    if one[NAME]:
        return one[NAME]
    family, given = one["familyName"], one["givenName"]
    return f"{given} {family}".strip() if f"{given}{family}".isascii() else f"{family}{given}"


def indexed(standing: Standing, grades: Grades) -> Book:
    """The book of a set, with everybody's roles."""
    book, files = Book(standing, grades), standing.files
    book.users = _by_id(files["users"])
    book.classes = _by_id(files["classes"])
    book._born = _by_id(files["demographics"])
    for one in files["enrollments"]:
        book.places[one["userSourcedId"]].append(one)
    for one in files["users"]:
        book.agents.update(listed(one["agentSourcedIds"]))
        if one.gone:  # its cells may stand under other headings: nobody in them is told as alone
            book.agents.update(one.cells.values())
    given: dict[str, list[Record]] = defaultdict(list)
    for one in files["roles"]:
        given[one["userSourcedId"]].append(one)
    for one in files["users"]:
        book.roles[one.id] = set() if one.gone else _roles(book, one, given[one.id])
        if one.gone or not book.roles[one.id] <= PARENTS:
            book.standing.faults.report.people[one.place] = full_name(one), ""
    _tell_enrollments(book)
    return book


def _by_id(rows: list[Record]) -> dict[str, Record]:
    """The first row of each id; a second one is refused where ids are checked."""
    found: dict[str, Record] = {}
    for one in rows:
        found.setdefault(one.id, one)
    return found


def _roles(book: Book, one: Record, given: list[Record]) -> set[str]:
    """What a person is here and now; somebody who is nothing is told, once."""
    roles: set[str] = set()
    causes: list[Cause] = []
    for role in [one] if one["role"] else given:
        cause = role.gone or _unused(book, role)
        if cause:
            causes.append(cause)
        else:
            roles.add(role["role"])
    if roles:
        one.gone = book.standing.disabled(one)
        return set() if one.gone else roles
    if causes:
        one.gone = causes[0]
        book.out(one, causes[0])
    elif one.id in book.agents:
        reason = "没有写这个人的角色；有学生把他写作监护人，就按监护人读了。"
        book.faults.note(one.problem("role", "role-missing", reason))
        return {"guardian"}
    else:
        reason = "不知道这个人是学生、家长还是老师。"
        one.gone = book.faults.refuse(one.problem("role", "role-missing", reason))
    return set()


def _unused(book: Book, role: Record) -> Cause | None:
    """Why a role makes nobody somebody here. A parent is known by the child, wherever they are."""
    word = role["role"]
    if word in LEFT_OUT:
        reason = f"{word} 是{LEFT_OUT[word]}：名册只收学生、家长和本校的教职工，没有导入。"
        return book.faults.note(role.problem("role", "role-unused", reason))
    over = book.standing.over(role, "这个角色")
    if over or word in PARENTS:
        return over
    orgs = listed(role["orgSourcedIds"]) or [role["orgSourcedId"]]
    column = "orgSourcedIds" if role["orgSourcedIds"] else "orgSourcedId"
    found = [book.standing.elsewhere(role, column, org) for org in orgs]
    return found[0] if all(found) else None


def _tell_enrollments(book: Book) -> None:
    """Places in a class that fit nobody we know, told by kind."""
    for one in book.files["enrollments"]:
        person = book.users.get(one["userSourcedId"])
        if one.gone or person is None or person.gone:
            continue
        word, roles = one["role"], book.roles[person.id]
        if word not in {STUDENT, "teacher"}:
            reason = f"{word} 在班里没有对应的身份，这一行没有用。"
            book.faults.note(one.problem("role", "role-unused", reason))
        elif (word == STUDENT) != (STUDENT in roles) or (
            word == "teacher" and roles.isdisjoint(WORKERS)
        ):
            reason = f"这里写作 {word}，这个人的角色却是 {'、'.join(sorted(roles))}：没有用这一行。"
            book.faults.note(one.problem("role", "role-differs", reason))


def seats_of(book: Book, one: Record) -> Iterator[tuple[Record, Cause | None]]:
    """A child's places in homeroom classes, each with the reason why it does not count."""
    for place in book.places[one.id]:
        klass = book.classes.get(place["classSourcedId"])
        cause = book.away(place) if place["role"] == STUDENT or place.gone else None
        if cause is not None:
            yield place, cause
        elif klass is not None and place["role"] == STUDENT and klass["classType"] == HOMEROOM:
            yield place, None


def home_of(book: Book, one: Record) -> Record | None:
    """The one homeroom place of a child; none and two are told."""
    found = list(seats_of(book, one))
    here = {place["classSourcedId"]: place for place, cause in found if cause is None}
    if len(here) == 1:
        return next(iter(here.values()))
    if here:
        first, second = list(here.values())[:2]
        names = [book.classes[place["classSourcedId"]]["title"] for place in (first, second)]
        reason = f"同一个学生既在{names[0]}又在{names[1]}：不知道是哪一个班，请只留一行。"
        cause = book.faults.note(second.problem("classSourcedId", "class-two", reason), by=one.id)
        book.faults.costs(cause, one.place, full_name(one))
    elif found:
        book.out(one, next(cause for _, cause in found if cause))
    else:
        reason = "enrollments.csv 里没有这个学生的行政班（homeroom）。"
        book.faults.refuse(one.problem("sourcedId", "no-class", reason))
    return None
