"""What every column of a heading row holds: read as a field, left alone, or not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tenants.roster.guardian_columns import guardian_columns
from tenants.roster.titles import (
    CHILD_NAMES,
    MEANING,
    NAME,
    PUPILS,
    UNUSED,
    Title,
    guardian_title,
)

READ, SKIPPED, UNKNOWN = "read", "skipped", "unknown"
NOT_USED = "系统不用这一列。"
NOT_CHOSEN = "您选择了不导入这一列。"
NOT_KNOWN = "不认识这一列，它的内容没有导入。"
NO_TITLE = "这一列没有列名，它的内容没有导入。"
NEAR = 2  # a second 姓名 is a guardian's when 关系 or 电话 stands this near


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet: its heading, the field it is read as, or why it is not read."""

    at: int
    title: str
    state: str
    field: str = ""
    reason: str = ""


@dataclass(slots=True)
class Meant:
    """What a row of headings says: field → position, relations a heading tells, the rest."""

    places: dict[str, int] = field(default_factory=dict)
    fixed: dict[str, str] = field(default_factory=dict)
    twice: list[str] = field(default_factory=list)
    left: dict[int, str] = field(default_factory=dict)
    unknown: list[int] = field(default_factory=list)

    @property
    def known(self) -> bool:
        """Whether every heading was understood."""
        return not self.unknown

    def columns(self, titles: Sequence[str]) -> tuple[Column, ...]:
        """Every column that has a heading, with what becomes of it."""
        fields = {at: name for name, at in self.places.items()}
        found = []
        for at, title in enumerate(titles):
            if at in fields:
                found.append(Column(at, title, READ, fields[at]))
            elif at in self.left:
                found.append(Column(at, title, SKIPPED, "", self.left[at]))
            elif title:
                found.append(Column(at, title, UNKNOWN, "", NOT_KNOWN))
        return tuple(found)


def meaning_of(kind: str, titles: Sequence[str], habits: Mapping[int, str]) -> Meant:
    """Map the plain headings of a row.

    ``habits`` (position → field) is what this school chose before for a row of these headings.
    """
    if habits:
        return _as_before(kind, titles, habits)
    found = Meant()
    guardians: list[tuple[int, Title]] = []
    for at, title in enumerate(titles):
        if not title:
            continue
        name = MEANING[kind].get(title)
        about = guardian_title(title) if kind == PUPILS and name is None else None
        if kind == PUPILS and name == NAME and _guardians_name(at, titles):
            guardians.append((at, Title()))
        elif about is not None:
            guardians.append((at, about))
        elif name is None:
            _leave(found, at, title)
        elif name not in found.places:
            found.places[name] = at
        elif name == "座号" and "学号" in title:
            found.left[at] = NOT_USED
        else:
            found.twice.append(name)
    settled = guardian_columns(guardians)
    found.places |= settled.places
    found.fixed = settled.relations
    found.left |= settled.left
    return found


def _leave(found: Meant, at: int, title: str) -> None:
    if title in UNUSED:
        found.left[at] = NOT_USED
    else:
        found.unknown.append(at)


def _guardians_name(at: int, titles: Sequence[str]) -> bool:
    """Whether a bare 姓名 is a guardian's: the child has another name, and 关系 or 电话 is near."""
    if titles[at] in CHILD_NAMES:
        return False
    others = [title for place, title in enumerate(titles) if place != at]
    earlier = [title for title in titles[:at] if MEANING[PUPILS].get(title) == NAME]
    if not earlier and not CHILD_NAMES.intersection(others):
        return False
    near = [guardian_title(title) for title in titles[at + 1 : at + 1 + NEAR] if title]
    return any(one is not None and one.bare and one.what != NAME for one in near)


def _as_before(kind: str, titles: Sequence[str], habits: Mapping[int, str]) -> Meant:
    found = Meant()
    for at, name in habits.items():
        if name:
            found.places[name] = at
        elif at < len(titles) and titles[at]:
            found.left[at] = NOT_CHOSEN
    found.fixed = told_relations(found.places, titles)
    found.unknown = [at for at, title in enumerate(titles) if title and at not in habits and kind]
    return found


def told_relations(places: Mapping[str, int], titles: Sequence[str]) -> dict[str, str]:
    """The relation that the headings of a guardian's name or phone tell: 母亲电话 → 妈妈."""
    found: dict[str, str] = {}
    for field_name, at in places.items():
        if not field_name.startswith("监护人") or at >= len(titles):
            continue
        about = guardian_title(titles[at])
        if about is not None and about.related:
            found.setdefault(f"{field_name[:4]}关系", about.related)
    return found
