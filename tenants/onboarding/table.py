"""A file becomes plain cells, under limits; the one place that opens what a stranger made.

xlsx, xls and ods go through calamine; csv may be UTF-8 with or without a mark, or GB18030 (GBK
would lose 𠮷), comma or tab. calamine lays a sheet out as a full rectangle, so one cell at
XFD1048576 would ask for 17 billion cells: an xlsx is measured before it is opened.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from campus.errors import InvalidInput

Cell = str | float | bool | date | time | timedelta

MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 200 * 1024 * 1024
MOST_ROWS = 120_000
MOST_COLUMNS = 60
MOST_SHEETS = 20
LONGEST_CELL = 500
ENCODINGS = ("utf-8-sig", "gb18030")
CSV_SHEET = "名册"
_PLACE = re.compile(rb"""\sr=["']([A-Z]{1,4})?(\d{1,8})["']""")


class UnreadableFile(InvalidInput):
    """The file as a whole cannot be used; the message is the one sentence to show."""

    def __init__(self, message: str) -> None:
        super().__init__({"file": message})


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: rows of cells from its very first row on, so positions are Excel's."""

    name: str
    rows: list[list[Cell]]


@dataclass(frozen=True, slots=True)
class Table:
    """A file's sheets in order."""

    sheets: tuple[Sheet, ...]


def read_table(path: Path) -> Table:
    """Read a spreadsheet or csv file. Raises UnreadableFile with one Chinese sentence."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise UnreadableFile(f"文件超过 {MOST_BYTES // 2**20} MB，请删去图片或分成几个文件。")
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"打不开文件 {path.name}：{error.strerror}。") from error
    if not data.strip():
        raise UnreadableFile("文件是空的。")
    table = _spreadsheet(data) if _is_spreadsheet(data) else _text(data)
    for sheet in table.sheets:
        _check(sheet)
    return table


def _is_spreadsheet(data: bytes) -> bool:
    """By content, never by name: a zip, or the old binary format."""
    return data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))


def _spreadsheet(data: bytes) -> Table:
    if data.startswith(b"PK"):
        _measure(data)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            names = book.sheet_names[: MOST_SHEETS + 1]
            if len(names) > MOST_SHEETS:
                raise UnreadableFile(f"工作表超过 {MOST_SHEETS} 个，请只留下名册。")
            return Table(tuple(_sheet(book, name) for name in names))
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableFile(
            "这个表格打不开，可能已损坏或设了密码：请在 Excel 里另存为没有密码的 xlsx 再试。"
        ) from error


def _sheet(book: CalamineWorkbook, name: str) -> Sheet:
    rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=MOST_ROWS + 1)
    return Sheet(name, [list(row) for row in rows])


def _measure(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise UnreadableFile("表格解开后太大，请只留下名册那几张表。")
            for part in parts:
                if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml"):
                    _measure_sheet(archive, part)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise UnreadableFile("文件不完整或已损坏，请重新保存后再试。") from error


def _measure_sheet(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Refuse a sheet that reaches too far; a part may hold more than its header promised."""
    with archive.open(part) as stream:
        text = stream.read(MOST_UNPACKED + 1)
    if len(text) > MOST_UNPACKED:
        raise UnreadableFile("表格解开后太大，请只留下名册那几张表。")
    columns, rows = set(), {b"0"}
    for column, row in _PLACE.findall(text):
        columns.add(column)
        rows.add(row)
    if max(map(int, rows)) > MOST_ROWS:
        raise UnreadableFile(f"表格超过 {MOST_ROWS} 行：请删去名册下面的空行和多余内容。")
    if max(map(_number, columns), default=0) > MOST_COLUMNS:
        raise UnreadableFile(f"表格超过 {MOST_COLUMNS} 列：请删去名册右边的多余内容。")


def _number(letters: bytes) -> int:
    """``A`` → 1, ``AA`` → 27."""
    value = 0
    for letter in letters:
        value = value * 26 + letter - 64
    return value


def _text(data: bytes) -> Table:
    text = _decoded(data)
    if "\0" in text:
        raise UnreadableFile("这不是表格文件：请用 xlsx 或 csv。")
    tab = text.partition("\n")[0].count("\t") > text.partition("\n")[0].count(",")
    try:
        rows: list[list[Cell]] = [
            list(row) for row in csv.reader(io.StringIO(text), delimiter="\t" if tab else ",")
        ]
    except csv.Error as error:
        raise UnreadableFile("csv 文件的引号或换行不完整，请在 Excel 里重新保存。") from error
    return Table((Sheet(CSV_SHEET, rows),))


def _decoded(data: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile("文字编码认不出来：请另存为 xlsx，或 UTF-8 编码的 csv。")


def _check(sheet: Sheet) -> None:
    if len(sheet.rows) > MOST_ROWS:
        raise UnreadableFile(f"「{sheet.name}」超过 {MOST_ROWS} 行，请分成几个文件。")
    if max((len(row) for row in sheet.rows), default=0) > MOST_COLUMNS:
        raise UnreadableFile(f"「{sheet.name}」超过 {MOST_COLUMNS} 列，请删去多余的列。")
