"""Which lines below the headings are people: totals, hints, remarks and repeated headings are not.

Every line is either yielded or counted in the sheet's account with the reason. A class that is
written once for several children, in a cell or on a line of its own, is handed to each of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from campus.tables.cells import text_of
from tenants.people.naming import Grades
from tenants.roster.cell_values import narrow
from tenants.roster.layouts import Layout, class_line, row_text
from tenants.roster.report import SheetAccount
from tenants.roster.table import Cell
from tenants.roster.titles import MEANING, PUPILS, plain_title

TEXT_ALONE = {str}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
STAFF_WORDS = frozenset({"班主任", "副班主任", "任课教师", "教师", "老师", "辅导员", "生活老师"})
NEAR_TOP = 3  # hints and column numbers stand right under the headings
REASONS = {
    "title": "列名上面的标题或说明。",
    "headings": "列名。",
    "headings-again": "又写了一遍列名。",
    "class-line": "只写了班级，下面的学生属于这个班。",
    "column-numbers": "看起来是列的编号，不是名单，这一行跳过了。",
    "hint": "看起来是填写提示或示例，不是名单，这一行跳过了。",
    "total": "看起来是合计或人数，不是名单，这一行跳过了。",
    "note": "看起来是说明，不是名单，这一行跳过了。",
    "no-name": "没有姓名，也没有别的内容，这一行跳过了。",
    "no-content": "这一行只有不导入的列有内容，跳过了。",
}
QUIET = frozenset({"title", "headings", "headings-again", "class-line"})
_NOTES = re.compile(r"备注|说明|注[:：]|填表|制表|审核|签名|签字|盖章|制作人|填报|校对|打印")
_SIGNED = re.compile(r"签名|签字|填表|制表|审核|盖章|填报")
_TOTAL = re.compile(
    r"(?:合\s*计|小\s*计|总\s*计|共\s*计|汇总|总人数|人数|男生|女生|平均|应到|实到|全班|全校|全年级)"
    r"[:：]?\s*(?:共?\s*[0-9]+\s*[人名]?.*|人数.*)?|共\s*[0-9一二三四五六七八九十百]+\s*[人名].*"
    r"|总?共?\s*[0-9]+\s*[人名]"
)
_TOTAL_BEGINS = "合小总共汇人男女平应实全0123456789"
_EXAMPLE = re.compile(r"(?:例|示例|样例|举例|范例|如[:：]|e\.?g)", re.IGNORECASE)
_HINT = re.compile(
    r"必填|选填|可不填|格式|例如|例[:：]|如[:：]|下拉|请填|填写|位数字|位手机|男[/或、]女|文本型|不能为空"
)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What is asked of every line of a sheet, put together once."""

    layout: Layout
    grades: Grades
    names: list[str]
    at: list[int]
    head: list[str]
    width: int
    above: frozenset[tuple[Cell, ...]]


def person_lines(
    layout: Layout, account: SheetAccount, grades: Grades
) -> Iterator[tuple[int, dict[str, str]]]:
    """(Excel row number, field → text) of every line that may be a person."""
    count_above(layout, account)
    at = list(layout.places.values())
    head = [row_text(layout.sheet.rows[layout.header], place) for place in at]
    above = frozenset(map(tuple, layout.sheet.rows[: layout.header + 1]))
    sheet = _Sheet(layout, grades, list(layout.places), at, head, max(at, default=-1) + 1, above)
    fill = _Filler(layout)
    pupils = layout.kind == PUPILS
    for number, row in enumerate(layout.sheet.rows[layout.header + 1 :], layout.header + 2):
        if not row or not any(row):
            continue
        account.lines += 1
        whole = row if len(row) >= sheet.width else [*row, *[""] * (sheet.width - len(row))]
        cells = [whole[place] for place in at]
        if {*map(type, cells)} != TEXT_ALONE:
            cells = [text_of(cell) for cell in cells]
        values: dict[str, str] = dict(zip(sheet.names, cells, strict=True))  # type: ignore[arg-type]
        code = "headings-again" if cells == head else _why_not(number, row, values, sheet)
        if code:
            account.skip(number, code, REASONS[code])
            if code == "class-line":
                fill.section = class_line(row, grades)
            continue
        if pupils:
            fill.complete(values)
        yield number, values


def count_above(layout: Layout, account: SheetAccount) -> None:
    """Count the lines down to the headings."""
    first = layout.header - layout.headings + 2
    for number, row in enumerate(layout.sheet.rows[: layout.header + 1], 1):
        if row and any(row):
            account.lines += 1
            code = "headings" if number >= first else "title"
            account.skip(number, code, REASONS[code])


def count_all(layout: Layout, account: SheetAccount) -> None:
    """Count the lines of a sheet that is not read."""
    for number, row in enumerate(layout.sheet.rows, 1):
        if row and any(row):
            account.lines += 1
            account.skip(number, "sheet", layout.reason)


class _Filler:
    """A class that stands only where it begins: in the first cell, or on a line of its own."""

    def __init__(self, layout: Layout) -> None:
        self.section = ""
        self._columns = [
            name
            for name in ("班级", "年级")
            if layout.kind == PUPILS and name in layout.places and _written_once(layout, name)
        ]
        self._last: dict[str, str] = {}

    def complete(self, values: dict[str, str]) -> None:
        """Fill in what the lines above say."""
        if self.section and not values.get("班级"):
            values["班级"] = self.section
        for name in self._columns:
            if values.get(name):
                self._last[name] = values[name]
            elif name in self._last:
                values[name] = self._last[name]


def _written_once(layout: Layout, name: str) -> bool:
    """Whether a column holds its text only where it changes, and nothing below until it does.

    Where the same text stands twice in a row, an empty cell is a gap and not a repeat.
    """
    at, person = layout.places[name], layout.places.get("姓名", -1)
    rows = layout.sheet.rows[layout.header + 1 :]
    before, written, empty = "", 0, 0
    for row in rows:
        if person >= len(row) or not row[person]:
            continue
        text = row_text(row, at)
        if text and text == before:
            return False
        written, empty = written + bool(text), empty + (not text)
        before = text
    return written > 0 and empty >= written


def _why_not(number: int, row: Sequence[Cell], values: dict[str, str], sheet: _Sheet) -> str:
    """Why a line is no person's: a code of REASONS, or empty for a person."""
    name, room = values.get("姓名", ""), values.get("班级", "")
    near = number <= sheet.layout.header + 1 + NEAR_TOP
    apart = _told(name) or _told(room) or room in STAFF_WORDS or values.get("座号") in STAFF_WORDS
    if not near and not apart and len(name) > 1 and name.isalpha():
        return ""
    if tuple(row) in sheet.above:  # some repeat title and headings on every printed page
        return "headings-again"
    filled = [text for cell in row if (text := text_of(cell))]
    if near and (code := _under_headings(filled, values, sheet.layout.kind)):
        return code
    if not name and sheet.layout.kind == PUPILS and class_line(row, sheet.grades):
        return "class-line"
    return _apart(filled, values, sheet)


def _apart(filled: list[str], values: dict[str, str], sheet: _Sheet) -> str:
    """A total, or a line that has nothing of a person."""
    if not any(values.values()):
        return "note" if _NOTES.search(filled[0]) or len(filled[0]) > 20 else "no-content"
    said = (filled[0], *(values.get(field, "") for field in ("班级", "姓名", "座号")))
    if any(_told(text) for text in said):
        return "total"
    if any(text in STAFF_WORDS for text in said[:2] + said[3:]):
        return "note"
    return _remark(filled, values, sheet)


def _remark(filled: list[str], values: dict[str, str], sheet: _Sheet) -> str:
    """A remark under the table, or a line that waits for a name."""
    name = values.get("姓名", "")
    alone = len(filled) == 1
    if alone and (_NOTES.match(filled[0]) or len(filled[0]) > 20):
        return "note"
    said = (filled[0], name, values.get("班级", ""), values.get("座号", ""))
    if any(_SIGNED.search(text) or text.endswith((":", "：")) for text in said if text):
        return "note"
    if sheet.layout.kind == PUPILS and not name:
        rest = {field for field, text in values.items() if text} - {"班级", "年级", "座号"}
        if not rest:
            return "no-name"
    return ""


def _told(text: str) -> bool:
    return text[:1] in _TOTAL_BEGINS and bool(text) and _TOTAL.fullmatch(text) is not None


def _under_headings(filled: list[str], values: dict[str, str], kind: str) -> str:
    """Column numbers (1 2 3 …), hints (必填), examples (例：…), headings in another language."""
    if _counted([narrow(text).strip("()[]（） ") for text in filled]):
        return "column-numbers"
    meant = [
        MEANING[kind].get(plain_title(text)) == field for field, text in values.items() if text
    ]
    if sum(meant) > 1 and sum(meant) * 2 >= len(meant):
        return "headings-again"
    asked = (filled[0], values.get("班级", ""), values.get("座号", ""), values.get("姓名", ""))
    if any(_EXAMPLE.match(text) for text in asked):
        return "hint"
    if sum(bool(_HINT.search(text)) for text in filled) > 1 or _HINT.search(values.get("姓名", "")):
        return "hint"
    return ""


def _counted(texts: list[str]) -> bool:
    """Whether the texts are 1 2 3 …, or A B C …"""
    first = texts[0]
    if len(texts) < 3:
        return False
    if all(text.isascii() and text.isdigit() for text in texts):
        begin = int(first)
        return begin < 2 and [int(text) for text in texts] == [*range(begin, begin + len(texts))]
    return first.upper() == "A" and [text.upper() for text in texts] == [*LETTERS[: len(texts)]]
