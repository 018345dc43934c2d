"""One row of a list of staff: values, or every problem it has."""

from __future__ import annotations

from tenants.people.naming import Grades
from tenants.roster import cell_values, class_names
from tenants.roster.cell_values import BadCell, ClassKey
from tenants.roster.rows import ROLES, Line, StaffRow

UNTITLED = frozenset({"班主任", "任课教师", "教师", "老师"})
HOMEROOM = "班主任"
NO_CLASS = frozenset({"否", "无", "-", "/"})


def member_row(line: Line, grades: Grades) -> StaffRow:
    """The values of a row; what is wrong with it is noted in ``line``."""
    homeroom = line.get("班主任班级", _homeroom, grades)
    posts = line.get("职务", _posts) or ()
    if HOMEROOM in posts and homeroom is None and not line.problems:
        homeroom = _only_class(line, grades)
    return StaffRow(
        line.sheet,
        line.row,
        line.get("姓名", cell_values.name),
        line.get("手机", cell_values.phone),
        frozenset(ROLES[post] for post in posts),
        "、".join(post for post in posts if post not in UNTITLED),
        homeroom,
        _lessons(line, grades),
    )


def _only_class(line: Line, grades: Grades) -> ClassKey | None:
    """The class of a 班主任 who teaches in one alone; of which else, nobody can tell."""
    taught: set[ClassKey] = {*(line.get("任教班级", class_names.class_list, grades) or ())}
    taught |= {key for key, _ in line.get("任教", class_names.teaching, grades) or ()}
    if len(taught) == 1:
        return taught.pop()
    reason = "写了班主任，没有写是哪个班：没有设为班主任，请填“班主任班级”这一列。"
    line.tell("职务", "homeroom-which", reason)
    return None


def _homeroom(text: str, grades: Grades) -> ClassKey | None:
    """Some offices write 否 or 无 where there is no class."""
    return None if text in NO_CLASS else class_names.optional_class(text, grades)


def _lessons(line: Line, grades: Grades) -> tuple[tuple[ClassKey, str], ...]:
    """From one column (任教), or from subjects and classes apart."""
    found: tuple[tuple[ClassKey, str], ...] = line.get("任教", class_names.teaching, grades) or ()
    classes = line.get("任教班级", class_names.class_list, grades) or ()
    if not classes:
        return found
    subjects = line.get("学科", class_names.subject_list) if line.cell("学科") else ()
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
