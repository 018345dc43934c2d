"""Workbooks by calamine, one row at a time."""

from __future__ import annotations

import io
from collections.abc import Iterator

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from campus.tables.model import Cell, Limits, UnreadableFile

LOCKED = "这个表格设了密码：请在 Excel 里去掉密码，另存为 xlsx 再试。"
BROKEN = "这个表格打不开，可能已损坏或设了密码：请在 Excel 里另存为没有密码的 xlsx 再试。"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

Rows = Iterator[list[Cell]]


def sheets(data: bytes, limits: Limits) -> Iterator[tuple[str, Rows]]:
    """Name and rows of every sheet people can see. Raises UnreadableFile."""
    if ENCRYPTED in data[:65_536] or ENCRYPTED in data[-65_536:]:
        raise UnreadableFile(LOCKED)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            names = [
                one.name
                for one in book.sheets_metadata
                if one.typ == SheetTypeEnum.WorkSheet and one.visible == SheetVisibleEnum.Visible
            ]
            if len(names) > limits.sheets:
                raise UnreadableFile(f"工作表超过 {limits.sheets} 个，请只留下名册。")
            for name in names:
                yield name, _rows(book.get_sheet_by_name(name), limits)
    except PasswordError as error:
        raise UnreadableFile(LOCKED) from error
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise UnreadableFile(BROKEN) from error


def _rows(sheet: CalamineSheet, limits: Limits) -> Rows:
    """From A1 on, whatever the first cell that holds something."""
    if sheet.start is None or sheet.end is None:
        return
    if sheet.end[0] >= limits.rows:
        raise UnreadableFile(
            f"「{sheet.name}」第 {sheet.end[0] + 1} 行也有内容，超过 {limits.rows} 行："
            "请删去多余的行，或分成几个文件。"
        )
    if sheet.end[1] >= limits.columns:
        raise UnreadableFile(f"「{sheet.name}」超过 {limits.columns} 列，请删去多余的列。")
    yield from sheet.iter_rows()
