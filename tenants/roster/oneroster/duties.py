"""Who is class teacher, and who teaches what, by the enrollments of the staff."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from tenants.roster import class_names
from tenants.roster.cell_values import BadCell, ClassKey
from tenants.roster.oneroster.book import HOMEROOM, Book, full_name
from tenants.roster.oneroster.faults import Cause
from tenants.roster.oneroster.records import Record
from tenants.roster.oneroster.spec import STUDENT, TRUE, WORKERS, listed

Lessons = tuple[tuple[ClassKey, str], ...]


def class_teachers(book: Book) -> dict[str, str]:
    """Class id → id of its class teacher: the only teacher, or the only primary one."""
    held: dict[str, dict[str, Record]] = defaultdict(dict)
    for one in book.files["enrollments"]:
        klass = book.classes.get(one["classSourcedId"])
        roles = book.roles.get(one["userSourcedId"], set())
        if klass is None or klass["classType"] != HOMEROOM or roles.isdisjoint(WORKERS):
            continue
        if one["role"] == "teacher" and book.away(one) is None:
            held[klass.id][one["userSourcedId"]] = one
    return {
        number: chosen
        for number, places in held.items()
        if (chosen := _class_teacher(book, number, places))
    }


def _class_teacher(book: Book, number: str, places: dict[str, Record]) -> str:
    first = [person for person, place in places.items() if place["primary"] == TRUE]
    if len(places) == 1 or len(first) == 1:
        return first[0] if first else next(iter(places))
    last = list(places.values())[-1]
    reason = (
        f"{book.classes[number]['title']}有 {len(places)} 位老师，分不出谁是班主任"
        "（只给一位写 primary 为 true）：没有记班主任。"
    )
    book.faults.note(last.problem("primary", "homeroom-unclear", reason), by=number)
    return ""


def emptied(book: Book, taught: Collection[ClassKey]) -> dict[ClassKey, Cause]:
    """Classes none of whose children came through, and the first reason why."""
    found: dict[ClassKey, Cause] = {}
    for place in book.files["enrollments"]:
        child = book.users.get(place["userSourcedId"])
        klass = book.classes.get(place["classSourcedId"])
        if place["role"] != STUDENT or child is None or klass is None:
            continue
        why = child.gone or book.away(place)
        key = _said(book, klass) if why else None
        if why and key and key not in taught:
            found.setdefault(key, why)
    return found


def _said(book: Book, klass: Record) -> ClassKey | None:
    """The class a row speaks of, sound or not."""
    try:
        return class_names.school_class(klass["title"], book.grades_of(klass) or book.grades)
    except BadCell:
        return None


def duties_of(
    book: Book, one: Record, teachers: Mapping[str, str], lost: Mapping[ClassKey, Cause]
) -> tuple[ClassKey | None, Lessons]:
    """The class somebody leads, and what they teach in which class."""
    homerooms: dict[ClassKey, Record] = {}
    lessons: dict[tuple[ClassKey, str], None] = {}
    for place in book.places[one.id]:
        klass = book.classes.get(place["classSourcedId"])
        if klass is None or place["role"] != "teacher" or book.away(place) is not None:
            continue
        if klass["classType"] != HOMEROOM:
            lessons |= dict.fromkeys(_lessons(book, klass))
        elif teachers.get(klass.id) == one.id and isinstance(key := book.key(klass), tuple):
            homerooms[key] = place
    for key in {*homerooms, *(key for key, _ in lessons)} & lost.keys():
        lost[key].lost.append(f"{full_name(one)}在这个班的任教")
    mine = [key for key in homerooms if key not in lost]
    if len(mine) > 1:
        reason = "同一位老师是两个班的班主任，名册里只能写一个：没有记班主任，请在系统里指定。"
        book.faults.note(homerooms[mine[1]].problem("classSourcedId", "homeroom-two", reason))
    homeroom = mine[0] if len(mine) == 1 else None
    return homeroom, tuple(pair for pair in lessons if pair[0] not in lost)


def _lessons(book: Book, klass: Record) -> Iterator[tuple[ClassKey, str]]:
    grades = book.grades_of(klass)
    if grades is None:
        reason = "这门课的学期都在以前的学年：没有导入。"
        book.faults.note(klass.problem("termSourcedIds", "class-over", reason), by="")
        return
    try:
        key, rest = class_names.leading_class(klass["title"], grades)
    except BadCell as error:
        reason = f"{error.reason}这门课没有导入。"
        book.faults.note(klass.problem("title", error.code, reason), by=klass.id)
        return
    subjects = listed(klass["subjects"]) or ([rest] if rest else [])
    if not subjects:
        reason = "不知道这门课教什么科目，没有导入。"
        book.faults.note(klass.problem("subjects", "subject-missing", reason), by=klass.id)
    yield from ((key, subject) for subject in subjects)
