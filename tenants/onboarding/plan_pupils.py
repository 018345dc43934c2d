"""Children of a file beside children of the school: who is new, what changes, what cannot be.

A child is known by class and name; seat, then birthday, tell namesakes in one class apart. An
empty cell says nothing, so it never erases; a guardian the file leaves out stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tenants.onboarding.cells import ClassKey
from tenants.onboarding.report import Outcome, Report
from tenants.onboarding.rows import GuardianCells, PupilRow
from tenants.onboarding.state import HeldPupil, HeldTie, State

Pair = tuple[PupilRow, HeldPupil | None]
CHECK_AGAIN = "请先核对，再只导入这一行。"


@dataclass(slots=True)
class PupilPlan:
    """Rows to enrol, rows to correct (with the child they mean), names of guardians by phone."""

    new: list[PupilRow] = field(default_factory=list)
    changed: list[tuple[PupilRow, HeldPupil]] = field(default_factory=list)
    guardian_names: dict[str, str] = field(default_factory=dict)


def plan_pupils(rows: list[PupilRow], state: State, report: Report) -> PupilPlan:
    """Decide each row's outcome and note it in ``report``; nothing is written."""
    rows = _without_repeats(rows, report)
    plan = PupilPlan()
    rows = _one_name_per_phone(rows, state, plan, report)
    pairs = _without_moved(_matched(rows, state, report), state, report)
    for row, held in _seated(pairs, state, report):
        outcome = _outcome(row, held, plan)
        report.outcomes[row.sheet, row.row] = outcome
        if held is None:
            plan.new.append(row)
        elif outcome is Outcome.CHANGED:
            plan.changed.append((row, held))
    return plan


def _outcome(row: PupilRow, held: HeldPupil | None, plan: PupilPlan) -> Outcome:
    if held is None:
        return Outcome.NEW
    same = (
        row.seat_no in {None, held.seat_no}
        and row.sex in {0, held.sex}
        and row.birthday in {None, held.birthday}
        and all(
            held.ties.get(one.phone) == tie_of(one, plan.guardian_names) for one in row.guardians
        )
    )
    return Outcome.UNCHANGED if same else Outcome.CHANGED


def tie_of(one: GuardianCells, names: dict[str, str]) -> HeldTie:
    """The tie a guardian's cells ask for."""
    return HeldTie(names[one.phone], one.relation, one.slot)


def _without_repeats(rows: list[PupilRow], report: Report) -> list[PupilRow]:
    first: dict[tuple[ClassKey, str, int | None], PupilRow] = {}
    kept = []
    for row in rows:
        other = first.setdefault((row.class_key, row.name, row.seat_no), row)
        if other is row:
            kept.append(row)
            continue
        reason = f"与「{other.sheet}」第 {other.row} 行重复；同名同班的两个孩子请填不同的座号。"
        report.refuse([row.problem("姓名", row.name, "row-twice", reason)])
    return kept


def _one_name_per_phone(
    rows: list[PupilRow], state: State, plan: PupilPlan, report: Report
) -> list[PupilRow]:
    """A phone is one person: two names for it in one file cannot both be right."""
    first: dict[str, tuple[str, int]] = {}
    kept = []
    for row in rows:
        wrong = [one for one in row.guardians if _differs(first, one)]
        if wrong:
            number = first[wrong[0].phone][1]
            reason = f"这个手机号在第 {number} 行写的是另一个姓名，请核对。"
            column = f"监护人{wrong[0].slot}姓名"
            report.refuse([row.problem(column, wrong[0].name, "phone-two-names", reason)])
            continue
        kept.append(row)
        for one in row.guardians:
            if one.name:
                first.setdefault(one.phone, (one.name, row.row))
            standing = state.guardians.get(one.phone, f"{row.name}{one.relation}")
            plan.guardian_names.setdefault(one.phone, standing)
    plan.guardian_names |= {phone: name for phone, (name, _) in first.items()}
    return kept


def _differs(first: dict[str, tuple[str, int]], one: GuardianCells) -> bool:
    return bool(one.name) and first.get(one.phone, (one.name, 0))[0] != one.name


def _matched(rows: list[PupilRow], state: State, report: Report) -> list[Pair]:
    held: dict[tuple[ClassKey, str], list[HeldPupil]] = defaultdict(list)
    for pupil in state.pupils:
        held[pupil.class_key, pupil.name].append(pupil)
    asked: dict[tuple[ClassKey, str], list[PupilRow]] = defaultdict(list)
    for row in rows:
        asked[row.class_key, row.name].append(row)
    pairs: list[Pair] = []
    for key, group in asked.items():
        pairs += _match_group(group, held.get(key, []), report)
    return pairs


def _match_group(rows: list[PupilRow], held: list[HeldPupil], report: Report) -> list[Pair]:
    if len(rows) == 1 and len(held) < 2:
        return [(rows[0], held[0] if held else None)]
    rows, held = list(rows), list(held)
    pairs = _match_by(rows, held, lambda one: one.seat_no)
    pairs += _match_by(rows, held, lambda one: one.birthday)
    if len(rows) == len(held) == 1:
        return [*pairs, (rows[0], held[0])]
    if not held:
        return [*pairs, *((row, None) for row in rows)]
    reason = f"班里有同名学生，分不清是哪一个：请填座号或出生日期。{CHECK_AGAIN}"
    report.refuse(
        (row.problem("姓名", row.name, "namesakes", reason) for row in rows), Outcome.CONFLICTS
    )
    return pairs


def _match_by(
    rows: list[PupilRow], held: list[HeldPupil], mark: Callable[[Any], object]
) -> list[Pair]:
    """Pair what agrees in one mark, and take it out of both lists."""
    pairs: list[Pair] = []
    for row in list(rows):
        same = [one for one in held if mark(row) is not None and mark(one) == mark(row)]
        if len(same) == 1:
            pairs.append((row, same[0]))
            rows.remove(row)
            held.remove(same[0])
    return pairs


def _without_moved(pairs: list[Pair], state: State, report: Report) -> list[Pair]:
    """A new child with name and birthday of one in another class has most likely moved."""
    met = {held.id for _, held in pairs if held is not None}
    elsewhere = {
        (held.name, held.birthday): held
        for held in state.pupils
        if held.birthday and held.id not in met
    }
    kept = []
    for row, held in pairs:
        born = row.birthday if held is None else None
        other = elsewhere.get((row.name, born)) if born else None
        if other is None:
            kept.append((row, held))
            continue
        year, number = other.class_key
        reason = f"{year}级{number}班已有同名、同生日的学生，可能是换班。{CHECK_AGAIN}"
        conflict = row.problem("班级", row.name, "maybe-moved", reason)
        report.refuse([conflict], Outcome.CONFLICTS)
    return kept


def _seated(pairs: list[Pair], state: State, report: Report) -> Iterable[Pair]:
    """Drop rows that claim a taken seat; what a dropped child keeps may be another's claim."""
    while True:
        clashes = _clashes(pairs, state)
        if not clashes:
            return pairs
        for row, _ in clashes:
            reason = f"这个班的 {row.seat_no} 号座位已有别的学生。"
            report.refuse([row.problem("座号", row.seat_no, "seat-taken", reason)])
        dropped = {(row.sheet, row.row) for row, _ in clashes}
        pairs = [pair for pair in pairs if (pair[0].sheet, pair[0].row) not in dropped]


def _clashes(pairs: list[Pair], state: State) -> list[Pair]:
    reseated = {held.id for row, held in pairs if held is not None and row.seat_no is not None}
    taken = {(held.class_key, held.seat_no) for held in state.pupils if held.id not in reseated}
    clashes = []
    for row, held in pairs:
        if row.seat_no is None:
            continue
        if (row.class_key, row.seat_no) in taken:
            clashes.append((row, held))
        taken.add((row.class_key, row.seat_no))
    return clashes
