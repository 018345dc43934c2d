"""The template a school fills in: a notes row, the headings, nothing else."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import xlsxwriter

from tenants.roster.titles import PUPIL_COLUMNS, PUPILS, REQUIRED, STAFF, STAFF_COLUMNS

NOTES = {
    PUPILS: (
        "说明：带 * 的列必填；班级写“三年级2班”或“2024级2班”；手机 11 位；"
        "监护人最多三位，手机相同的就是同一个人（兄弟姐妹会自动连在一起）；空着的格子不会清掉已有内容。"
    ),
    STAFF: (
        "说明：带 * 的列必填；职务填管理员、校长、副校长、班主任、任课教师，可用顿号并列；"
        "任教写“三年级2班 语文; 三年级3班 语文”。"
    ),
}
FIRST_ROWS_LOCKED = 2
FILLED_ROWS = 3000


def write_template(path: Path) -> None:
    """Write the empty template to ``path``. Raises FileCreateError when it cannot."""
    with xlsxwriter.Workbook(str(path)) as book:
        _fill(book)


def template_bytes() -> bytes:
    """The empty template, for a download."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        _fill(book)
    return out.getvalue()


def _fill(book: Any) -> None:
    write_sheet(book, PUPILS, PUPIL_COLUMNS, [])
    write_sheet(book, STAFF, STAFF_COLUMNS, [])


def write_sheet(
    book: Any, kind: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]
) -> None:
    """Add one sheet with notes, headings and ``rows``; text cells keep leading zeros."""
    sheet = book.add_worksheet(kind)
    note = book.add_format({"text_wrap": True, "valign": "top", "font_color": "#5b5b5b"})
    head = book.add_format({"bold": True, "bg_color": "#e8f1ec", "border": 1})
    text = book.add_format({"num_format": "@"})
    sheet.merge_range(0, 0, 0, len(columns) - 1, NOTES[kind], note)
    sheet.set_row(0, 48)
    for at, name in enumerate(columns):
        sheet.write_string(1, at, f"{name}*" if name in REQUIRED[kind] else name, head)
        sheet.set_column(at, at, 28 if name == "任教" else 14, text)
    for number, row in enumerate(rows, FIRST_ROWS_LOCKED):
        for at, value in enumerate(row):
            if value not in {None, ""}:
                sheet.write_string(number, at, str(value), text)
    sheet.freeze_panes(FIRST_ROWS_LOCKED, 0)
    if "性别" in columns:
        place = columns.index("性别")
        choice = {"validate": "list", "source": ["男", "女"]}
        sheet.data_validation(FIRST_ROWS_LOCKED, place, FILLED_ROWS, place, choice)
