"""Workbooks by calamine, one row at a time."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from campus.tables.hidden import hidden_rows
from campus.tables.model import Cell, Limits, Opened, UnreadableFile

LOCKED = "这个表格设了密码：请在 Excel 里去掉密码，另存为 xlsx 再试。"
BROKEN = "这个表格打不开，可能已损坏或设了密码：请在 Excel 里另存为没有密码的 xlsx 再试。"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

Rows = Iterator[list[Cell]]


def sheets(data: bytes, limits: Limits) -> tuple[tuple[str, ...], Iterator[Opened]]:
    """The names of hidden sheets, and every sheet people can see. Raises UnreadableFile."""
    with _faults():
        if ENCRYPTED in data[:65_536] or ENCRYPTED in data[-65_536:]:
            raise UnreadableFile(LOCKED)
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        pages = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
    names = [one.name for one in pages if one.visible == SheetVisibleEnum.Visible]
    unseen = tuple(one.name for one in pages if one.visible != SheetVisibleEnum.Visible)
    if len(names) > limits.sheets:
        raise UnreadableFile(f"工作表超过 {limits.sheets} 个，请只留下名册。")
    return unseen, _opened(book, names, data, limits)


def _opened(
    book: CalamineWorkbook, names: list[str], data: bytes, limits: Limits
) -> Iterator[Opened]:
    with _faults(), book:
        hidden = hidden_rows(data)
        for name in names:
            sheet = book.get_sheet_by_name(name)
            yield Opened(name, _filled(sheet, limits), hidden.get(name, frozenset()))


@contextmanager
def _faults() -> Iterator[None]:
    """What calamine raises, as one sentence."""
    try:
        yield
    except PasswordError as error:
        raise UnreadableFile(LOCKED) from error
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise UnreadableFile(BROKEN) from error


def _filled(sheet: CalamineSheet, limits: Limits) -> Rows:
    """The rows; a cell merged over several rows holds its text in each of them."""
    rows = _rows(sheet, limits)
    begins: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        if bottom > top:
            begins.setdefault(top, []).append((left, bottom))
    return _filled_down(rows, begins) if begins else rows


def _filled_down(rows: Rows, begins: dict[int, list[tuple[int, int]]]) -> Rows:
    held: dict[int, tuple[int, Cell]] = {}
    for number, row in enumerate(rows):
        for at, (bottom, cell) in list(held.items()):
            if number > bottom:
                del held[at]
            elif row[at] == "":
                row[at] = cell
        for at, bottom in begins.get(number, ()):
            if at < len(row):
                held[at] = bottom, row[at]
        yield row


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
