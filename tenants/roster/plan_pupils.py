"""Children of a file beside children of the school: who is new, what changes, what cannot be.

A child is known by class and name, as they are now or as the last import left them; seat, then
birthday, tell namesakes in one class apart. An empty cell says nothing, so it never erases; a
guardian the file leaves out stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tenants.roster.cell_values import ClassKey
from tenants.roster.compare import (
    SEXES,
    Decided,
    Difference,
    decide,
    pupil_differences,
    wanted_ties,
)
from tenants.roster.doubts import (
    settle_namesakes,
    tell_absent,
    without_doubles,
    without_leavers,
    without_moved,
    without_shared_phones,
)
from tenants.roster.former import settle
from tenants.roster.memory import Known
from tenants.roster.questions import Takes
from tenants.roster.repeats import without_repeats
from tenants.roster.report import Outcome, Place, Report
from tenants.roster.rows import GuardianCells, PupilRow
from tenants.roster.state import HeldPupil, State

Pair = tuple[PupilRow, HeldPupil | None]


@dataclass(frozen=True, slots=True)
class Met:
    """A row, the child it means, and what of it is taken."""

    row: PupilRow
    held: HeldPupil
    taken: frozenset[str]

    @property
    def seat_no(self) -> int | None:
        """The seat afterwards."""
        return self.row.seat_no if "座号" in self.taken else self.held.seat_no


@dataclass(slots=True)
class PupilPlan:
    """Rows to enrol, rows to correct (with the child they mean), names of guardians by phone.

    ``memory`` is what is to be known afterwards of children who were here already, ``kept`` what
    people chose about rows of new ones.
    """

    new: list[PupilRow] = field(default_factory=list)
    changed: list[Met] = field(default_factory=list)
    guardian_names: dict[str, str] = field(default_factory=dict)
    memory: dict[int, Known] = field(default_factory=dict)
    kept: dict[Place, dict[str, str]] = field(default_factory=dict)


def plan_pupils(rows: list[PupilRow], state: State, report: Report, takes: Takes) -> PupilPlan:
    """Decide each row's outcome and note it in ``report``; nothing is written."""
    rows = without_shared_phones(without_repeats(rows, report), state, report, takes)
    plan = PupilPlan()
    rows = _one_name_per_phone(rows, state, plan, report)
    report.read |= {(row.sheet, row.row): row for row in rows}
    matched = _matched(rows, state, report, takes)
    tell_absent(rows, {held.id for _, held in matched if held is not None}, state, report)
    pairs = without_moved(without_leavers(matched, report, takes), state, report, takes)
    pairs = without_doubles(pairs, report, takes)
    decided: dict[int, Decided] = {}
    met: list[tuple[PupilRow, Met | None]] = []
    for written, held in pairs:
        place = written.sheet, written.row
        row, found = settle(written, held.known if held else None, state.moved, takes)
        if row is not written:
            _name_by_new_numbers(row, written, state, plan)
        one = None
        if held is not None:
            found += pupil_differences(row, held, plan.guardian_names)
            decided[held.id] = decide(place, found, held.known, takes, report)
            one = Met(row, held, decided[held.id].taken)
        elif found and _asks(row, found, takes, plan, report):
            continue
        met.append((row, one))
    for row, one in _seated(met, state, report):
        place = row.sheet, row.row
        if one is None:
            report.outcomes[place] = Outcome.NEW
            plan.new.append(row)
            continue
        choice = decided[one.held.id]
        report.outcomes[place] = _outcome(choice)
        if choice.taken:
            plan.changed.append(one)
        _recall(one, choice, plan)
    return plan


def _name_by_new_numbers(row: PupilRow, written: PupilRow, state: State, plan: PupilPlan) -> None:
    """A guardian met by a former number keeps the name standing, unless the list has another."""
    names = {one.slot: one.name for one in written.guardians}
    for one in row.guardians:
        standing = state.guardians.get(one.phone, "")
        plan.guardian_names.setdefault(one.phone, names[one.slot] or standing)


def _asks(
    row: PupilRow, found: list[Difference], takes: Takes, plan: PupilPlan, report: Report
) -> bool:
    """Whether a new child waits for an answer; one that is given is remembered with the child."""
    place = row.sheet, row.row
    choice = decide(place, found, None, takes, report)
    plan.kept[place] = choice.kept
    if choice.asked:
        report.outcomes[place] = Outcome.CONFLICTS
    return bool(choice.asked)


def _outcome(choice: Decided) -> Outcome:
    if choice.asked:
        return Outcome.CONFLICTS
    return Outcome.CHANGED if choice.taken else Outcome.UNCHANGED


def _recall(one: Met, choice: Decided, plan: PupilPlan) -> None:
    """What to know of a child afterwards; a question still open leaves its column as it was."""
    before = one.held.known
    values = dict(before.values) if before else {}
    values |= _standing(one, plan.guardian_names)
    for one_asked in choice.asked:
        for key in (one_asked.column, *_phones(one.row, one_asked.column)):
            if before and key in before.values:
                values[key] = before.values[key]
            else:
                values.pop(key, None)
    known = Known(values, choice.kept)
    if known != before:
        plan.memory[one.held.id] = known


def _phones(row: PupilRow, column: str) -> list[str]:
    return [one.phone for one in row.guardians if f"监护人{one.slot}" == column]


def remembered(row: PupilRow, names: dict[str, str]) -> dict[str, str]:
    """The values of a new child by column, ties by phone."""
    values = _values(row.name, row.class_key, row.seat_no, row.sex, row.birthday)
    for one, tie in wanted_ties(row, None, names):
        values[one.phone] = tie.text()
    return values


def _standing(met: Met, names: dict[str, str]) -> dict[str, str]:
    """As ``remembered``, of a child who was here already, as it will stand after this import."""
    row, held, taken = met.row, met.held, met.taken
    values = _values(
        row.name if "姓名" in taken else held.name,
        held.class_key,
        met.seat_no,
        row.sex if "性别" in taken else held.sex,
        row.birthday if "出生日期" in taken else held.birthday,
    )
    for one, wanted in wanted_ties(row, held, names):
        tie = held.ties.get(one.phone)
        keeps = tie is not None and f"监护人{one.slot}" not in taken
        values[one.phone] = (tie if tie and keeps else wanted).text()
    return values


def _values(
    name: str, class_key: ClassKey, seat_no: int | None, sex: int, birthday: date | None
) -> dict[str, str]:
    return {
        "姓名": name,
        "班级": f"{class_key[0]}-{class_key[1]}",
        "座号": str(seat_no or ""),
        "性别": SEXES[sex],
        "出生日期": str(birthday or ""),
    }


def _one_name_per_phone(
    rows: list[PupilRow], state: State, plan: PupilPlan, report: Report
) -> list[PupilRow]:
    """A phone is one person: a later row that has another name for it goes on without them."""
    first: dict[str, tuple[str, int]] = {}
    names, kept = plan.guardian_names, []
    for written in rows:
        row = written
        for one in written.guardians:
            if _differs(first, one):
                row = _left_out(row, one, first[one.phone][1], report)
        kept.append(row)
        for one in row.guardians:
            if not one.name:
                unnamed = f"{row.name}{one.relation}"
                names.setdefault(one.phone, state.guardians.get(one.phone, unnamed))
            elif one.phone not in first:
                first[one.phone] = one.name, row.row
                names[one.phone] = one.name
    return kept


def _left_out(row: PupilRow, one: GuardianCells, before: int, report: Report) -> PupilRow:
    reason = f"这个手机号在第 {before} 行写的是另一个姓名：没有记下这位监护人，请核对。"
    column = f"监护人{one.slot}姓名"
    report.problems.append(row.problem(column, one.name, "phone-two-names", reason))
    return row._replace(guardians=tuple(other for other in row.guardians if other is not one))


def _differs(first: dict[str, tuple[str, int]], one: GuardianCells) -> bool:
    """Whether the number stood beside another name before."""
    before = first.get(one.phone)
    return before is not None and bool(one.name) and before[0] != one.name


def _matched(rows: list[PupilRow], state: State, report: Report, takes: Takes) -> list[Pair]:
    held: dict[tuple[ClassKey, str], list[HeldPupil]] = defaultdict(list)
    for pupil in state.pupils:
        held[pupil.class_key, pupil.name].append(pupil)
    asked: dict[tuple[ClassKey, str], list[PupilRow]] = defaultdict(list)
    for row in rows:
        asked[row.class_key, row.name].append(row)
    pairs: list[Pair] = []
    for key, group in asked.items():
        pairs += _match_group(group, held.get(key, []), report, takes)
    return _remembered_as(pairs, state)


def _remembered_as(pairs: list[Pair], state: State) -> list[Pair]:
    """A child whose name or class was changed here is still known by those of the last import."""
    met = {held.id for _, held in pairs if held is not None}
    before: dict[tuple[str, str], list[HeldPupil]] = defaultdict(list)
    for child in state.pupils:
        if child.known and child.id not in met:
            values = child.known.values
            before[values.get("班级", ""), values.get("姓名", "")].append(child)
    if not before:
        return pairs
    found: list[Pair] = []
    for row, held in pairs:
        same = before.get((f"{row.class_key[0]}-{row.class_key[1]}", row.name), [])
        found.append((row, same.pop() if held is None and len(same) == 1 else held))
    return found


def _match_group(
    rows: list[PupilRow], held: list[HeldPupil], report: Report, takes: Takes
) -> list[Pair]:
    if len(rows) == 1 and len(held) < 2:
        return [(rows[0], held[0] if held else None)]
    rows, held = list(rows), list(held)
    pairs = _match_by(rows, held, lambda one: one.seat_no)
    pairs += _match_by(rows, held, lambda one: one.birthday)
    if len(rows) == len(held) == 1:
        return [*pairs, (rows[0], held[0])]
    if not held:
        return [*pairs, *((row, None) for row in rows)]
    return [*pairs, *settle_namesakes(rows, held, report, takes)]


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


Seat = tuple[PupilRow, Met | None]


def _seated(pairs: list[Seat], state: State, report: Report) -> Iterable[Seat]:
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


def _clashes(pairs: list[Seat], state: State) -> list[Seat]:
    reseated = {met.held.id for _, met in pairs if met is not None and "座号" in met.taken}
    taken = {(held.class_key, held.seat_no) for held in state.pupils if held.id not in reseated}
    clashes = []
    for row, met in pairs:
        seat = row.seat_no if met is None or "座号" in met.taken else None
        if seat is None:
            continue
        key = met.held.class_key if met else row.class_key
        if (key, seat) in taken:
            clashes.append((row, met))
        taken.add((key, seat))
    return clashes
