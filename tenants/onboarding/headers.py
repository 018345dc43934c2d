"""The headings of the template, and which sheet holds what: told by headings, not by names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tenants.onboarding.cells import plain
from tenants.onboarding.table import Cell, Sheet, Table, UnreadableFile

PUPILS, STAFF = "学生", "教职工"
GUARDIAN_SLOTS = (1, 2, 3)
GUARDIAN_FIELDS = ("姓名", "关系", "手机")
PUPIL_COLUMNS = (
    *("班级", "座号", "姓名", "性别", "出生日期"),
    *(f"监护人{slot}{name}" for slot in GUARDIAN_SLOTS for name in GUARDIAN_FIELDS),
)
STAFF_COLUMNS = ("姓名", "手机", "职务", "班主任班级", "任教")
REQUIRED = {PUPILS: ("班级", "姓名"), STAFF: ("姓名", "手机", "职务")}
COLUMNS = {PUPILS: PUPIL_COLUMNS, STAFF: STAFF_COLUMNS}
NOTE_COLUMNS = frozenset({"备注", "说明", "原因"})
LOOKED_AT = 6


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a sheet's headings stand: heading → position, and the heading row (from 0)."""

    kind: str
    sheet: Sheet
    header: int
    places: dict[str, int]
    unknown: tuple[str, ...]

    def lines(self) -> Iterator[tuple[int, dict[str, Cell]]]:
        """(Excel row number, heading → cell) of every row that is not empty."""
        for number, row in enumerate(self.sheet.rows[self.header + 1 :], self.header + 2):
            cells = {name: row[at] if at < len(row) else "" for name, at in self.places.items()}
            if any(plain(cell) for cell in cells.values()):
                yield number, cells


def recognise(table: Table) -> list[Layout]:
    """The roster sheets of a file. Raises UnreadableFile when there is none, or a column lacks."""
    found = [layout for sheet in table.sheets if (layout := _layout(sheet))]
    if not found:
        raise UnreadableFile(
            "没有找到名册：第一行（或说明行下面）应是模板里的列名，如“班级、座号、姓名”。"
        )
    return found


def _layout(sheet: Sheet) -> Layout | None:
    for header, row in enumerate(sheet.rows[:LOOKED_AT]):
        titles = [plain(cell).rstrip("*＊") for cell in row]
        kind = _kind(titles)
        if kind is None:
            continue
        missing = [name for name in REQUIRED[kind] if name not in titles]
        if missing:
            raise UnreadableFile(f"「{sheet.name}」缺少列：{'、'.join(missing)}。请用模板的列名。")
        twice = [name for name in COLUMNS[kind] if titles.count(name) > 1]
        if twice:
            raise UnreadableFile(f"「{sheet.name}」有两列都叫“{twice[0]}”，请只留一列。")
        places = {name: titles.index(name) for name in COLUMNS[kind] if name in titles}
        known = NOTE_COLUMNS.union(COLUMNS[kind], {""})
        unknown = tuple(title for title in titles if title not in known)
        return Layout(kind, sheet, header, places, unknown)
    return None


def _kind(titles: list[str]) -> str | None:
    """Three known headings make a header row; the rarer ones decide whose it is."""
    scores = {kind: len(set(columns) & set(titles)) for kind, columns in COLUMNS.items()}
    best = max(scores, key=lambda kind: scores[kind])
    return best if scores[best] >= 2 and "姓名" in titles else None
