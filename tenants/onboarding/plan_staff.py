"""Staff of a file beside staff of the school. A person is known by phone; nothing is taken away."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field

from tenants.onboarding.cells import ClassKey
from tenants.onboarding.report import Outcome, Report
from tenants.onboarding.rows import StaffRow
from tenants.onboarding.state import HeldStaff, State


@dataclass(slots=True)
class StaffPlan:
    """Rows to employ or correct, and the duties each adds."""

    rows: list[StaffRow] = field(default_factory=list)
    homerooms: list[tuple[str, ClassKey]] = field(default_factory=list)
    teaching: list[tuple[str, ClassKey, str]] = field(default_factory=list)


def plan_staff(
    rows: list[StaffRow], state: State, opened: Set[ClassKey], report: Report
) -> StaffPlan:
    """Decide each row's outcome and note it; ``opened`` are the classes this file brings."""
    plan = StaffPlan()
    teachers = {key: member.phone for member in state.staff.values() for key in member.homerooms}
    seen: dict[str, StaffRow] = {}
    for row in rows:
        if not _sound(row, seen, state.classes | opened, report):
            continue
        if row.homeroom and teachers.get(row.homeroom, row.phone) != row.phone:
            reason = "这个班已有班主任：请先在系统里结束原来的班主任，再导入这一行。"
            conflict = row.problem("班主任班级", "", "homeroom-taken", reason)
            report.refuse([conflict], Outcome.CONFLICTS)
            continue
        if row.homeroom:
            teachers[row.homeroom] = row.phone
        _add(row, state.staff.get(row.phone), plan, report)
    return plan


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
    for column, (year, number) in missing[:1]:
        text = f"{year}级{number}班"
        reason = f"没有{text}：请先导入这个班的学生，或核对班名。"
        report.refuse([row.problem(column, text, "class-unknown", reason)])
    return not missing


def _add(row: StaffRow, held: HeldStaff | None, plan: StaffPlan, report: Report) -> None:
    homeroom = row.homeroom if held is None or row.homeroom not in held.homerooms else None
    lessons = [item for item in row.teaching if held is None or item not in held.teaching]
    same = (
        held is not None
        and (held.name, held.title) == (row.name, row.title or held.title)
        and row.roles <= held.roles
        and homeroom is None
        and not lessons
    )
    place = row.sheet, row.row
    if same:
        report.outcomes[place] = Outcome.UNCHANGED
        return
    report.outcomes[place] = Outcome.NEW if held is None else Outcome.CHANGED
    plan.rows.append(row)
    if homeroom:
        plan.homerooms.append((row.phone, homeroom))
    plan.teaching += [(row.phone, key, subject) for key, subject in lessons]
