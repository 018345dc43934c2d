"""Which sheet holds what, where its headings stand, and what each column is: a guess people see.

A heading row is searched in the first rows of a sheet: one row, or two when a group's name
(监护人1) stands over its parts. A sheet named after a class needs no class column. What the guess
cannot tell, a person chooses (`Choice`), and the school's next file is guessed accordingly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from campus.tables.cells import text_of
from tenants.people.naming import Grades
from tenants.roster.cells import BadCell, school_class
from tenants.roster.table import Cell, Sheet, Table, UnreadableFile
from tenants.roster.titles import (
    FIELDS,
    GUARDIAN_FIELDS,
    GUARDIAN_SLOTS,
    NOTE_COLUMNS,
    PUPIL_COLUMNS,
    PUPILS,
    REQUIRED,
    STAFF,
    STAFF_COLUMNS,
    Meant,
    meaning_of,
    plain_title,
)

__all__ = [
    "GUARDIAN_FIELDS",
    "GUARDIAN_SLOTS",
    "PUPILS",
    "PUPIL_COLUMNS",
    "REQUIRED",
    "STAFF",
    "STAFF_COLUMNS",
    "Choice",
    "Habits",
    "Layout",
    "guess",
    "recognise",
]
COLUMNS = {PUPILS: PUPIL_COLUMNS, STAFF: STAFF_COLUMNS}
LOOKED_AT = 15
SAMPLE = 30
FEWEST = 2
TEXT_ALONE = {str}
STAFF_WORDS = ("教师", "教职工", "老师", "职工", "staff", "teacher")
Habits = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person said about a sheet: heading row from 0, field → position; no kind: skip it."""

    kind: str
    header: int
    places: dict[str, int]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a sheet's headings stand: field → position, the last heading row (from 0)."""

    kind: str
    sheet: Sheet
    header: int
    places: dict[str, int]
    unknown: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    fixed: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()

    def lines(self) -> Iterator[tuple[int, dict[str, str]]]:
        """(Excel row number, field → text) of every row that is not empty."""
        names, places = list(self.places), list(self.places.values())
        head = [row_text(self.sheet.rows[self.header], at) for at in places]
        width = max(places, default=-1) + 1
        for number, row in enumerate(self.sheet.rows[self.header + 1 :], self.header + 2):
            whole = row if len(row) >= width else [*row, *[""] * (width - len(row))]
            cells = [whole[at] for at in places]
            if not any(cells):
                continue
            if {*map(type, cells)} != TEXT_ALONE:
                cells = [text_of(cell) for cell in cells]
            if cells != head:  # some repeat the headings on every printed page
                yield number, dict(zip(names, cells, strict=True))  # type: ignore[arg-type]


def row_text(row: Sequence[Cell], at: int) -> str:
    """The text of one cell of a row that may be short."""
    return text_of(row[at]) if at < len(row) else ""


def recognise(
    table: Table, grades: Grades, habits: Habits | None = None, chosen: list[Choice] | None = None
) -> list[Layout]:
    """The roster sheets of a file. Raises UnreadableFile when there is none, or a column lacks."""
    layouts = guess(table, grades, habits) if chosen is None else _chosen(table, chosen, grades)
    found = [one for one in layouts if one is not None]
    if not found:
        raise UnreadableFile(
            "没有找到名册：第一行（或说明行下面）应是列名，例如“班级、座号、姓名”。"
        )
    whole = [one for one in found if not one.missing]
    # A sheet of notes beside a sound roster is passed over; alone, it is told what it lacks.
    for one in found if not whole or chosen else ():
        if one.missing:
            words = "、".join(one.missing)
            raise UnreadableFile(f"「{one.sheet.name}」缺少列：{words}。请补上这一列，或改列名。")
    for one in whole:
        if one.twice:
            raise UnreadableFile(f"「{one.sheet.name}」有两列都像“{one.twice[0]}”，请只留一列。")
    return whole


def guess(table: Table, grades: Grades, habits: Habits | None = None) -> list[Layout | None]:
    """A layout for each sheet in order; None for one that looks like no roster."""
    return [_layout(sheet, grades, habits or {}) for sheet in table.sheets]


def _chosen(table: Table, chosen: list[Choice], grades: Grades) -> list[Layout | None]:
    found: list[Layout | None] = []
    for sheet, one in zip(table.sheets, chosen, strict=False):
        if not one.kind or one.header >= len(sheet.rows):
            found.append(None)
            continue
        titles = _titles(sheet, one.header)
        meant = meaning_of(one.kind, [plain_title(title) for title in titles], {})
        fixed = {k: v for k, v in meant.fixed.items() if k not in one.places}
        layout = Layout(one.kind, sheet, one.header, dict(one.places), (), tuple(titles), fixed)
        found.append(_with_class(layout, grades))
    return found


def _titles(sheet: Sheet, header: int) -> list[str]:
    return [text_of(cell) for cell in sheet.rows[header]]


def _layout(sheet: Sheet, grades: Grades, habits: Habits) -> Layout | None:
    best: Layout | None = None
    for header in range(min(len(sheet.rows), LOOKED_AT)):
        for titles in _headings(sheet, header):
            found = _read(sheet, header, titles, habits)
            if found is not None and (best is None or len(found.places) > len(best.places)):
                best = found
    return _with_class(best, grades) if best else None


def _headings(sheet: Sheet, header: int) -> Iterator[list[str]]:
    """The titles of a row; and with those of the row above, whose groups reach to the right."""
    lower = _titles(sheet, header)
    yield lower
    if header == 0:
        return
    upper = _titles(sheet, header - 1)
    upper += [""] * (len(lower) - len(upper))
    lower += [""] * (len(upper) - len(lower))
    group, joined = "", []
    for above, below in zip(upper, lower, strict=True):
        group = above or group
        joined.append(f"{group}{below}" if below and above != below else above)
    yield joined


def _read(sheet: Sheet, header: int, titles: list[str], habits: Habits) -> Layout | None:
    compared = [plain_title(title) for title in titles]
    scores = {}
    for kind in (PUPILS, STAFF):
        mine = {title: name for (of, title), name in habits.items() if of == kind}
        scores[kind] = meaning_of(kind, compared, mine)
    kind = _kind(sheet.name, scores)
    meant = scores[kind]
    if len(meant.places) < FEWEST or "姓名" not in meant.places:
        return None
    _no_seat(sheet, header, compared, meant)
    unknown = tuple(titles[at] for at in meant.unknown if compared[at] not in NOTE_COLUMNS)
    return Layout(
        kind,
        sheet,
        header,
        meant.places,
        unknown,
        tuple(titles),
        {k: v for k, v in meant.fixed.items() if k not in meant.places},
        twice=tuple(meant.twice),
    )


def _kind(name: str, scores: dict[str, Meant]) -> str:
    """More known columns win; a tie goes by the sheet's name, then to the pupils."""
    sizes = {kind: len(meant.places) - len(meant.unknown) for kind, meant in scores.items()}
    staff = any(word in name.lower() for word in STAFF_WORDS)
    if sizes[PUPILS] == sizes[STAFF]:
        return STAFF if staff else PUPILS
    return max(sizes, key=lambda kind: sizes[kind])


def _no_seat(sheet: Sheet, header: int, compared: list[str], meant: Meant) -> None:
    """学号 is a seat number in some schools, a long register number in others."""
    at = meant.places.get("座号")
    if at is None or "学号" not in compared[at]:
        return
    sample = [row_text(row, at) for row in sheet.rows[header + 1 : header + 1 + SAMPLE]]
    if any(len(text) > 2 for text in sample):
        del meant.places["座号"]


def _with_class(layout: Layout, grades: Grades) -> Layout:
    """The sheet's own name may be the class; what is still missing is noted."""
    fixed = dict(layout.fixed)
    if layout.kind == PUPILS and "班级" not in layout.places:
        with suppress(BadCell):
            school_class(layout.sheet.name, grades)
            fixed["班级"] = layout.sheet.name
    known = layout.places.keys() | fixed.keys()
    missing = tuple(name for name in REQUIRED[layout.kind] if name not in known)
    return replace(layout, fixed=fixed, missing=missing)


def fields_of(kind: str) -> tuple[str, ...]:
    """What a column of such a sheet may hold."""
    return FIELDS[kind]
