"""Staff of a file beside staff of the school. A person is known by phone; nothing is taken away."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass, field, replace
from typing import Any

from campus.permissions import ROLE_TITLES, STAFF, Role
from tenants.people.employ import UNMET
from tenants.people.naming import entry_label
from tenants.roster.cell_values import ClassKey
from tenants.roster.compare import Difference, decide, staff_differences
from tenants.roster.doubts import brought
from tenants.roster.former import meant
from tenants.roster.memory import Known
from tenants.roster.questions import Takes, homeroom_taken
from tenants.roster.report import Outcome, Report
from tenants.roster.rows import StaffRow
from tenants.roster.state import HeldStaff, State

KEPT = "这个手机号最近换过主人，三十天里不能给别人开账号。请核对号码。"


@dataclass(slots=True)
class StaffPlan:
    """Rows to employ or correct, and the duties each adds; everything by phone.

    ``titles`` are names and titles to write, ``ids`` the rows of those who are here already.
    """

    rows: list[StaffRow] = field(default_factory=list)
    homerooms: list[tuple[str, ClassKey]] = field(default_factory=list)
    teaching: list[tuple[str, ClassKey, str]] = field(default_factory=list)
    memory: dict[str, Known] = field(default_factory=dict)
    titles: dict[str, tuple[str, str]] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)


def plan_staff(
    rows: list[StaffRow],
    state: State,
    opened: Set[ClassKey],
    report: Report,
    takes: Takes,
    *,
    unmet: Set[str] = frozenset(),
    kept: Set[str] = frozenset(),
) -> StaffPlan:
    """Decide each row's outcome and note it; ``opened`` are the classes this file brings.

    ``unmet`` are numbers that may be in a stranger's hand (people.employ.unmet_phones), ``kept``
    those nobody can open an account with yet (identity.numbers.kept).
    """
    plan = StaffPlan()
    report.read |= {(row.sheet, row.row): row for row in rows}
    teachers = {key: member.phone for member in state.staff.values() for key in member.homerooms}
    seen: dict[str, StaffRow] = {}
    for written in rows:
        row, asked = _meant(written, state, report, takes)
        if row is None or not _sound(row, seen, state.classes | opened, report):
            continue
        if row.phone in kept:
            report.refuse([row.problem("手机", row.phone, "phone-kept", KEPT)])
            continue
        if row.phone in unmet:
            report.refuse([row.problem("手机", row.phone, "phone-unmet", UNMET)])
            continue
        if row.homeroom and teachers.get(row.homeroom, row.phone) != row.phone:
            if not brought(homeroom_taken((row.sheet, row.row)), report, takes):
                continue
            row = replace(row, homeroom=None)
        if row.homeroom:
            teachers[row.homeroom] = row.phone
        _add(row, state.staff.get(row.phone), plan, report, takes, asked=asked)
    return plan


def _meant(
    row: StaffRow, state: State, report: Report, takes: Takes
) -> tuple[StaffRow | None, list[Difference]]:
    """The row with the number it means, or none while people have not said whom it means."""
    place, now = (row.sheet, row.row), state.staff_moved.get(row.phone, "")
    known = state.staff[now].known if now else None
    phone, asked = meant(
        place, "手机", row.phone, moved=state.staff_moved, known=known, takes=takes
    )
    if asked is None:
        return row, []
    if not phone:
        decide(place, [asked], known, takes, report)
        report.outcomes[place] = Outcome.CONFLICTS
        return None, []
    return replace(row, phone=phone), [asked] if phone == now else []


def _sound(
    row: StaffRow, seen: dict[str, StaffRow], classes: Set[ClassKey], report: Report
) -> bool:
    other = seen.setdefault(row.phone, row)
    if other is not row:
        reason = f"这个手机号与第 {other.row} 行相同：一个人请只写一行。"
        report.refuse([row.problem("手机", row.phone, "row-twice", reason)])
        return False
    asked = [("任教", key) for key, _ in row.teaching]
    if row.homeroom:
        asked.append(("班主任班级", row.homeroom))
    missing = [(column, key) for column, key in asked if key not in classes]
    for column, key in missing[:1]:
        text = entry_label(*key)
        reason = f"没有{text}：请先导入这个班的学生，或核对班名。"
        report.refuse([row.problem(column, text, "class-unknown", reason)])
    return not missing


def _add(
    row: StaffRow,
    held: HeldStaff | None,
    plan: StaffPlan,
    report: Report,
    takes: Takes,
    *,
    asked: list[Difference],
) -> None:
    place = row.sheet, row.row
    if held is None:
        report.outcomes[place] = Outcome.NEW
        plan.titles[row.phone] = row.name, row.title
        plan.memory[row.phone] = Known({"姓名": row.name, "职务": row.title})
        _bring(row, None, plan)
        return
    plan.ids[row.phone] = held.id
    found = [*asked, *staff_differences(row, held)]
    choice = decide(place, found, held.known, takes, report)
    added = _bring(row, held, plan)
    report.changes[place] += added
    name = row.name if "姓名" in choice.taken else held.name
    title = row.title if "职务" in choice.taken else held.title
    if choice.taken or added:
        plan.titles[row.phone] = name, title
    known = Known({"姓名": name, "职务": title}, choice.kept)
    if known != held.known and not choice.asked:
        plan.memory[row.phone] = known
    if choice.asked:
        report.outcomes[place] = Outcome.CONFLICTS
    else:
        report.outcomes[place] = Outcome.CHANGED if choice.taken or added else Outcome.UNCHANGED


def _bring(row: StaffRow, held: HeldStaff | None, plan: StaffPlan) -> list[Difference]:
    """Plan the roles and duties that the row adds, and tell them; nothing is ever taken away.

    An empty 职务 says nothing of somebody who works here; who is new, or comes back, teaches.
    """
    held = held or HeldStaff(0, row.phone, row.name, row.title, frozenset())
    homerooms = {row.homeroom} - held.homerooms if row.homeroom else set()
    lessons = [item for item in row.teaching if item not in held.teaching]
    roles = row.roles
    if not roles and (homerooms or lessons or not held.here):
        roles = frozenset({Role.TEACHER})
    plan.homerooms += [(row.phone, key) for key in homerooms]
    plan.teaching += [(row.phone, key, subject) for key, subject in lessons]
    plan.rows.append(replace(row, roles=roles))
    columns = (
        ("身份", held.roles & STAFF, roles, ROLE_TITLES.__getitem__),
        ("班主任班级", held.homerooms, homerooms, _class_words),
        ("任教", held.teaching, lessons, _lesson_words),
    )
    return [
        Difference(column, _joined(had, words), _joined({*had, *new}, words))
        for column, had, new, words in columns
        if not had.issuperset(new)
    ]


def _joined(things: Set[Any], words: Callable[[Any], str]) -> str:
    return "、".join(words(one) for one in sorted(things))


def _class_words(key: ClassKey) -> str:
    return entry_label(*key)


def _lesson_words(lesson: tuple[ClassKey, str]) -> str:
    key, subject = lesson
    return f"{entry_label(*key)} {subject}"
