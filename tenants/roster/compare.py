"""A row of the file beside the person it means: what differs, and whose hand was the last.

Ours differs from the file. Did the file change, or did somebody here? What the last import left
(memory.py) tells: when ours is no longer that, a hand changed it, and the file does not overwrite
it but asks. Cells the file leaves empty say nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from campus import clock
from campus.identity.queries import masked_phone
from tenants.people.naming import class_label
from tenants.roster.memory import Known
from tenants.roster.pupil_numbers import blind
from tenants.roster.questions import Takes
from tenants.roster.report import Place, Report, problem
from tenants.roster.rows import GuardianCells, PupilRow, StaffRow
from tenants.roster.state import HeldPupil, HeldStaff, HeldTie

OURS, THEIRS = "ours", "theirs"
SEXES = ("", "男", "女")


@dataclass(frozen=True, slots=True)
class Difference:
    """One field: as we hold it, as the file has it, whether a hand stands in between."""

    column: str
    ours: str
    theirs: str
    by_hand: bool = False
    only_ours: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """Which columns of a row are taken from the file, kept as ours, or still to be asked."""

    taken: frozenset[str]
    kept: dict[str, str]
    asked: list[Difference]


def pupil_differences(
    row: PupilRow, held: HeldPupil, names: Mapping[str, str]
) -> Iterator[Difference]:
    """What the file would change about a child."""
    known = held.known
    if row.name != held.name:
        yield Difference("姓名", held.name, row.name, by_hand=True)
    if row.class_key != held.class_key:
        today = clock.today()
        ours, theirs = (class_label(*key, today) for key in (held.class_key, row.class_key))
        yield Difference("班级", ours, theirs, True, True)
    if row.seat_no is not None and row.seat_no != held.seat_no:
        yield _differs("座号", held.seat_no or "", row.seat_no, known)
    if row.sex and row.sex != held.sex:
        yield _differs("性别", SEXES[held.sex], SEXES[row.sex], known)
    if row.birthday is not None and row.birthday != held.birthday:
        yield _differs("出生日期", held.birthday or "", row.birthday, known)
    for one, wanted in wanted_ties(row, held, names):
        yield from _tie_differences(one, wanted, held)
    for column, number in (("学籍号", row.register_number), ("身份证号", row.id_number)):
        if number:
            yield from _number_differs(column, number, held)


def _differs(column: str, ours: object, theirs: object, known: Known | None) -> Difference:
    left = known.values.get(column) if known else None
    return Difference(column, str(ours), str(theirs), left is not None and left != str(ours))


def wanted_ties(
    row: PupilRow, held: HeldPupil | None, names: Mapping[str, str]
) -> list[tuple[GuardianCells, HeldTie]]:
    """The ties the guardians' cells ask for.

    Who is called first, second, third matters, the numbers do not: a file that has the guardians
    in the order held asks for no other numbers.
    """
    ties = held.ties if held else {}
    orders = [ties[one.phone].contact_order for one in row.guardians if one.phone in ties]
    same = orders == sorted(orders)
    found = []
    for one in row.guardians:
        tie = ties.get(one.phone)
        order = tie.contact_order if tie and same else one.slot
        found.append((one, HeldTie(names[one.phone], one.relation, order)))
    return found


def _tie_differences(one: GuardianCells, wanted: HeldTie, held: HeldPupil) -> Iterator[Difference]:
    tie, column = held.ties.get(one.phone), f"监护人{one.slot}"
    if tie == wanted:
        return
    left = held.known.values.get(one.phone) if held.known else None
    if tie is None or tie.ended:
        gone = tie is not None or left is not None
        words = f"{wanted.relation} {wanted.name} {masked_phone(one.phone)}"
        yield Difference(column, "已解除" if gone else "", words, gone)
        return
    yield Difference(column, tie.text(), wanted.text(), left is not None and left != tie.text())


def _number_differs(column: str, number: str, held: HeldPupil) -> Iterator[Difference]:
    mark = held.numbers.get(column)
    if mark is None or mark[0] != blind(column, number):
        ours = f"尾号 {mark[1]}" if mark else ""
        yield Difference(column, ours, f"尾号 {number[-4:]}")


def staff_differences(row: StaffRow, held: HeldStaff) -> Iterator[Difference]:
    """What the file would change about a person who works here; roles and duties are added."""
    if row.name != held.name:
        yield _differs("姓名", held.name, row.name, held.known)
    if row.title and row.title != held.title:
        yield _differs("职务", held.title, row.title, held.known)


def decide(
    place: Place, found: list[Difference], known: Known | None, takes: Takes, report: Report
) -> Decided:
    """Settle each difference by the answers given; what a hand changed and nobody answered is
    asked and stays."""
    taken: set[str] = set()
    kept: dict[str, str] = {}
    asked: list[Difference] = []
    for one in found:
        answer = takes.get((*place, one.column))
        if answer == OURS or (answer is None and declined(one, known)):
            kept[one.column] = one.theirs
        elif not one.by_hand or (answer == THEIRS and not one.only_ours):
            taken.add(one.column)
        else:
            asked.append(one)
    for one in asked:
        reason = f"上次导入以后有人改成了“{one.ours}”，名册里是“{one.theirs}”：没有覆盖，请选择。"
        report.problems.append(problem(place, one.column, one.theirs, "changed-by-hand", reason))
    report.changes[place] = [one for one in found if one.column in taken or one in asked]
    return Decided(frozenset(taken), kept, asked)


def declined(one: Difference, known: Known | None) -> bool:
    """Whether people kept ours against this very value before."""
    return known is not None and known.kept.get(one.column) == one.theirs
