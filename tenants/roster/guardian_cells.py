"""The guardians of one row. Whatever is odd about them is told and never costs the child."""

from __future__ import annotations

import re

from tenants.roster.cell_values import (
    ANYBODY,
    RELATIONS,
    BadCell,
    guardian_name,
    guardian_phone,
    is_plain_name,
    is_plain_phone,
    narrow,
    says_nothing,
)
from tenants.roster.rows import NOT_TAKEN, GuardianCells, Line
from tenants.roster.titles import GUARDIAN_SLOTS, LONE_PHONE

# Slot and its columns (name, relation, phone), put together once and not for every row.
COLUMNS = tuple(
    (slot, f"监护人{slot}姓名", f"监护人{slot}关系", f"监护人{slot}手机") for slot in GUARDIAN_SLOTS
)
MOBILE = 11
_SEVERAL = re.compile(r"[\s、,;/]+")
_BOTH = re.compile(r"(?P<name>\D*?[^\W0-9_])[\s:,、;/(+-]*(?P<phone>(?:86)?1[0-9]{10})\)?")
NO_PHONE = "没有能用的手机号，没有记下这位监护人；补上手机号再导入就行。"
TWO_PHONES = "一格里有两个手机号，只记了第一个。"
SAME_PHONE = "和前面一位监护人是同一个手机号，只记了一位。"
UNKNOWN_RELATION = "不认识这个称呼，记成了“监护人”。"
NO_SLOT = "没有位置了，这个联系电话没有导入。"
SPARE = "和监护人的手机号都不一样，不知道是谁的，没有导入。"


def guardians_of(line: Line) -> tuple[GuardianCells, ...]:
    """The guardians who can be reached, in the order of the columns."""
    written = line.cells.get
    found: list[GuardianCells] = []
    unreached: list[GuardianCells] = []
    silent: set[int] = set()  # their phone was told to be wrong already
    for slot, name, relation, phone in COLUMNS:
        if not (written(name) or written(phone)):
            continue
        one = _guardian(line, slot, name, relation, phone)
        if not one.phone:
            if one.name:
                unreached.append(one)
                silent |= {slot} if line.tells(phone) else set()
        elif any(one.phone == other.phone for other in found):
            line.tell(phone, "phone-twice", SAME_PHONE)
            _name_the_nameless(found, one)
        else:
            found.append(one)
    lone = line.cells.get(LONE_PHONE)
    if lone:
        _lone_phone(line, found, unreached)
    for one in unreached:
        if one.slot in silent:
            continue
        line.tell(f"监护人{one.slot}姓名", "guardian-no-phone", NO_PHONE)
    return tuple(found)


def _name_the_nameless(found: list[GuardianCells], one: GuardianCells) -> None:
    for at, other in enumerate(found):
        if other.phone == one.phone and one.name and not other.name:
            found[at] = one._replace(slot=other.slot)


def _guardian(line: Line, slot: int, name: str, relation: str, phone: str) -> GuardianCells:
    written, fixed = line.cells.get, line.fixed.get
    called, number = written(name, ""), written(phone, "")
    known = RELATIONS.get(written(relation) or fixed(relation, ""), ANYBODY)
    if known != ANYBODY and is_plain_phone(number) and is_plain_name(called):
        return GuardianCells(slot, called, known, number)
    return _odd_guardian(line, slot, name, relation, phone)


def _odd_guardian(line: Line, slot: int, name: str, relation: str, phone: str) -> GuardianCells:
    """As read cell by cell: what is unusual in one may be told by another."""
    _part(line, slot, name, phone)
    number, by_phone = _phone(line, phone)
    called, by_name = _name(line, name)
    text = line.cells.get(relation) or line.fixed.get(relation, "")
    known = RELATIONS.get(text)
    if known is None:
        known = _relation(line, relation, text)
    if known == ANYBODY:
        known = by_name or by_phone or known
    return GuardianCells(slot, called, known, number)


def _part(line: Line, slot: int, name: str, phone: str) -> None:
    """A name and a phone in one cell: ``张伟 12000000001`` under 父亲姓名及电话; or two of each."""
    cells = line.cells
    if len(cells.get(phone, "")) > 2 * MOBILE:
        _spread(cells, slot, name, phone)
    for column, other in ((name, phone), (phone, name)):
        text = cells.get(column, "")
        if len(text) <= MOBILE or cells.get(other):
            continue
        if found := _BOTH.fullmatch(narrow(text)):
            cells[name], cells[phone] = found["name"], found["phone"]
            return


def _spread(cells: dict[str, str], slot: int, name: str, phone: str) -> None:
    """As many names as phones in two cells, in the same order, become guardians each."""
    names = _SEVERAL.split(narrow(cells.get(name, "")).strip())
    phones = _SEVERAL.split(narrow(cells[phone]).strip())
    said = f"监护人{slot}关系"
    relations = _SEVERAL.split(narrow(cells.get(said, "")).strip())
    free = [
        other
        for other, called, _, number in COLUMNS[slot:]
        if not cells.get(called) and not cells.get(number)
    ]
    if len(names) != len(phones) or len(phones) < 2 or len(free) < len(phones) - 1:
        return
    for at, other in enumerate([slot, *free][: len(phones)]):
        cells[f"监护人{other}姓名"], cells[f"监护人{other}手机"] = names[at], phones[at]
        if len(relations) == len(phones):
            cells[f"监护人{other}关系"] = relations[at]


def _relation(line: Line, column: str, text: str) -> str:
    """An unusual word for a relation, or an odd cell."""
    plain = narrow(text).strip().lower()
    if says_nothing(text):
        line.nothing[column] += 1
    elif plain not in RELATIONS:
        line.tell(column, "relation-unknown", UNKNOWN_RELATION)
    return RELATIONS.get(plain, ANYBODY)


def _name(line: Line, column: str) -> tuple[str, str]:
    text = line.cells.get(column, "")
    if not text:
        return "", ""
    try:
        found = guardian_name(text, line.cells.get("姓名", ""))
    except BadCell as error:
        line.tell(column, error.code, f"{error.reason}{NOT_TAKEN}")
        return "", ""
    if not found[0] and says_nothing(text):
        line.nothing[column] += 1
    return found


def _phone(line: Line, column: str) -> tuple[str, str]:
    text = line.cells.get(column, "")
    if not text:
        return "", ""
    if len(text) < 5 and (text == "0" or says_nothing(text)):
        line.nothing[column] += 1
        return "", ""
    try:
        number, said, more = guardian_phone(text)
    except BadCell as error:
        line.tell(column, error.code, f"{error.reason}{NOT_TAKEN}")
        return "", ""
    if more:
        line.tell(column, "phone-two", TWO_PHONES)
    return number, said


def _lone_phone(line: Line, found: list[GuardianCells], unreached: list[GuardianCells]) -> None:
    """A phone of nobody in particular: of the only guardian without one, or of a nameless one."""
    number, said = _phone(line, LONE_PHONE)
    if not number or any(one.phone == number for one in found):
        return
    if found:
        line.tell(LONE_PHONE, "phone-whose", SPARE)
    elif len(unreached) == 1:
        found.append(unreached.pop()._replace(phone=number))
    else:
        taken = {one.slot for one in unreached}
        slot = next((slot for slot in GUARDIAN_SLOTS if slot not in taken), 0)
        if not slot:
            line.tell(LONE_PHONE, "phone-whose", NO_SLOT)
            return
        found.append(GuardianCells(slot, "", said or ANYBODY, number))
