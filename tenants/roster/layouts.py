"""Which sheet holds what, where its headings stand, and what each column is: a guess people see.

A heading row is searched in the first rows of a sheet: one row, or two when a group's name
(监护人1, 家长信息) stands over its parts. The class may stand in a column, in the sheet's name, in
a title above the headings, or on lines of its own between the children; otherwise people are asked.
What the guess cannot tell, a person chooses (`Choice`), and the next file of the same headings is
guessed accordingly.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from campus.tables.cells import text_of
from tenants.people.naming import Grades
from tenants.roster.class_names import class_inside
from tenants.roster.columns import (
    NO_TITLE,
    NOT_CHOSEN,
    UNKNOWN,
    Column,
    Meant,
    meaning_of,
    told_relations,
)
from tenants.roster.table import Cell, Sheet, Table, UnreadableFile
from tenants.roster.titles import (
    PUPILS,
    REMARK,
    REQUIRED,
    STAFF,
    STATUS,
    names_guardian,
    plain_title,
)

LOOKED_AT = 15
SAMPLE = 30
FEWEST = 2
STAFF_WORDS = ("教师", "教职工", "老师", "职工", "staff", "teacher")
# (kind of sheet, place of a column in a shape of headings) → field
Habits = Mapping[tuple[str, str], str]
NO_HEADINGS = "没有找到列名（例如“班级、座号、姓名”），这张表没有读。"
NO_ROSTER = "没有找到名册：第一行（或说明行下面）应是列名，例如“班级、座号、姓名”。"
CHOSEN_AWAY = "您选择了不导入这张表。"
NO_CLASS = "不知道这张表是哪个班：请加一列“班级”，或把工作表的名字改成班名，例如“三年级2班”。"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person said about a sheet: heading row from 0, field → position; no kind: skip it.

    ``room`` is the class of everybody in a sheet that does not say it.
    """

    kind: str
    header: int
    places: dict[str, int]
    room: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """What a sheet is: field → position, the last heading row (from 0), how many heading rows.

    ``fixed`` holds what the sheet or a heading says for every row. A sheet that is not read has a
    ``reason``; ``kind`` is empty when it looks like no roster at all. ``by_lines``: the class
    stands on lines between the children.
    """

    kind: str
    sheet: Sheet
    header: int = -1
    places: dict[str, int] = field(default_factory=dict)
    columns: tuple[Column, ...] = ()
    titles: tuple[str, ...] = ()
    fixed: dict[str, str] = field(default_factory=dict)
    headings: int = 1
    reason: str = ""
    missing: tuple[str, ...] = ()
    by_lines: bool = False

    @property
    def sound(self) -> bool:
        """Whether the sheet is read."""
        return bool(self.kind) and not self.reason


def row_text(row: Sequence[Cell], at: int) -> str:
    """The text of one cell of a row that may be short."""
    return text_of(row[at]) if at < len(row) else ""


def recognise(
    table: Table, grades: Grades, habits: Habits | None = None, chosen: list[Choice] | None = None
) -> list[Layout]:
    """A layout for each sheet in order. Raises UnreadableFile when none of them can be read."""
    if chosen is None:
        found = guess(table, grades, habits)
    else:
        found = [
            _chosen(sheet, one, grades) for sheet, one in zip(table.sheets, chosen, strict=False)
        ]
    if not any(one.sound for one in found):
        wrong = next((one for one in found if one.kind), None)
        raise UnreadableFile(f"「{wrong.sheet.name}」{wrong.reason}" if wrong else NO_ROSTER)
    return found


def guess(table: Table, grades: Grades, habits: Habits | None = None) -> list[Layout]:
    """A layout for each sheet in order; without a kind for one that looks like no roster."""
    return [_layout(sheet, grades, habits or {}) for sheet in table.sheets]


def _chosen(sheet: Sheet, one: Choice, grades: Grades) -> Layout:
    if not one.kind or one.header >= len(sheet.rows):
        return Layout("", sheet, reason=CHOSEN_AWAY)
    titles, headings = _titles(sheet, one.header), 1
    guessed = _layout(sheet, grades, {})
    if guessed.header == one.header and guessed.titles:
        titles, headings = list(guessed.titles), guessed.headings
    plain = [plain_title(title) for title in titles]
    meant = Meant(dict(one.places), told_relations(one.places, plain))
    left = [at for at, title in enumerate(titles) if title and at not in one.places.values()]
    meant.left = dict.fromkeys(left, NOT_CHOSEN)
    layout = _made(one.kind, sheet, one.header, titles, meant)
    fixed = {**layout.fixed, "班级": one.room} if one.room else layout.fixed
    layout = replace(layout, fixed=fixed, headings=headings)
    return _judged(_with_class(layout, grades), ())


def _titles(sheet: Sheet, header: int) -> list[str]:
    return [text_of(cell) for cell in sheet.rows[header]]


def _layout(sheet: Sheet, grades: Grades, habits: Habits) -> Layout:
    best: tuple[tuple[bool, int, int], Layout, Meant] | None = None
    for header in range(min(len(sheet.rows), LOOKED_AT)):
        for headings, titles in enumerate(_headings(sheet, header), 1):
            found = _read(sheet, header, titles, habits, headings)
            if found is None:
                continue
            layout, meant = found
            rank = "姓名" in meant.places, len(meant.places), len(meant.fixed)
            if best is None or rank > best[0]:
                best = rank, layout, meant
    if best is None:
        return Layout("", sheet, reason=NO_HEADINGS)
    return _judged(_with_class(best[1], grades), tuple(best[2].twice))


def _headings(sheet: Sheet, header: int) -> Iterator[list[str]]:
    """The titles of a row; and with those of the row above, whose groups reach to the right."""
    lower = _titles(sheet, header)
    yield lower
    if header == 0:
        return
    upper = _titles(sheet, header - 1)
    filled = [at for at, text in enumerate(upper) if text]
    if not filled or filled == [0]:  # a title of the whole sheet
        return
    upper += [""] * (len(lower) - len(upper))
    lower = lower + [""] * (len(upper) - len(lower))
    group, joined = "", []
    for above, below in zip(upper, lower, strict=True):
        group = above or group
        joined.append(_under(group, above, below))
    yield joined


def _under(group: str, above: str, below: str) -> str:
    """A heading below its group: 父亲信息 over 电话 says whose phone; 基本信息 says nothing."""
    if not below:
        return "" if above.endswith((":", "：")) else above  # 班级： is a label, no heading
    if above == below:
        return above
    if names_guardian(group) and meaning_of(PUPILS, [plain_title(group + below)], {}).known:
        return f"{group}{below}"
    return below


def _read(
    sheet: Sheet, header: int, titles: list[str], habits: Habits, headings: int
) -> tuple[Layout, Meant] | None:
    compared = [plain_title(title) for title in titles]
    scores = {
        kind: meaning_of(kind, compared, _known_before(kind, compared, habits))
        for kind in (PUPILS, STAFF)
    }
    kind = _kind(sheet.name, scores)
    meant = scores[kind]
    if len(meant.places.keys() - {STATUS, REMARK}) < FEWEST:
        return None
    _no_seat(sheet, header, compared, meant)
    return replace(_made(kind, sheet, header, titles, meant), headings=headings), meant


def _made(kind: str, sheet: Sheet, header: int, titles: Sequence[str], meant: Meant) -> Layout:
    fixed = {name: text for name, text in meant.fixed.items() if name not in meant.places}
    columns = (*meant.columns(titles), *_untitled(sheet, header, titles, meant))
    return Layout(kind, sheet, header, dict(meant.places), columns, tuple(titles), fixed)


def _untitled(sheet: Sheet, header: int, titles: Sequence[str], meant: Meant) -> Iterator[Column]:
    """Columns that hold something below no heading at all."""
    rows = sheet.rows[header + 1 :]
    width = max(map(len, rows), default=0)
    named = {at for at, title in enumerate(titles) if title} | set(meant.places.values())
    for at in range(width):
        if at not in named and any(at < len(row) and row[at] != "" for row in rows):
            yield Column(at, "", UNKNOWN, "", NO_TITLE)


def shape_of(compared: Sequence[str]) -> str:
    """A short name for a row of plain headings, equal for equal rows."""
    text = "\x1f".join(compared).rstrip("\x1f")
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def habit_key(shape: str, at: int) -> str:
    """How what was chosen for one column of a shape of headings is remembered."""
    return f"{shape}#{at}"


def _known_before(kind: str, compared: Sequence[str], habits: Habits) -> dict[int, str]:
    if not habits:
        return {}
    shape = shape_of(compared)
    keys = ((at, (kind, habit_key(shape, at))) for at in range(len(compared)))
    return {at: habits[key] for at, key in keys if key in habits}


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
        meant.left[at] = "这是学校自己的学号，不是座号，系统不用。"


def _with_class(layout: Layout, grades: Grades) -> Layout:
    """Where a sheet without a column of classes says its class."""
    if layout.kind != PUPILS or "班级" in layout.fixed:
        return layout
    above = layout.sheet.rows[: layout.header]
    lines = (" ".join(map(text_of, row)) for row in above)
    said = (class_inside(text, grades) for text in (layout.sheet.name, *lines))
    room = next(filter(None, said), "")
    if room:
        return replace(layout, fixed={**layout.fixed, "班级": room})
    if "班级" not in layout.places and _classes_between(layout, grades):
        return replace(layout, by_lines=True)
    return layout


def _classes_between(layout: Layout, grades: Grades) -> bool:
    rows = layout.sheet.rows[layout.header + 1 :]
    return any(class_line(row, grades) for row in rows)


def class_line(row: Sequence[Cell], grades: Grades) -> str:
    """The class that a line names which says nothing else, else empty."""
    filled = [text for cell in row if (text := text_of(cell))]
    return class_inside(filled[0], grades) if len(set(filled)) == 1 else ""


def _judged(layout: Layout, twice: tuple[str, ...]) -> Layout:
    """The layout with the reason why it cannot be read, if there is one."""
    known = layout.places.keys() | layout.fixed.keys()
    if layout.by_lines:
        known |= {"班级"}
    missing = tuple(name for name in REQUIRED[layout.kind] if name not in known)
    if twice:
        reason = f"有两列都像“{twice[0]}”，请只留一列。"
    elif missing:
        words = "、".join(missing)
        reason = f"缺少列：{words}。请补上这一列，或改列名。"
        if missing == ("班级",):
            reason += NO_CLASS
    else:
        reason = ""
    return replace(layout, reason=reason, missing=missing)
