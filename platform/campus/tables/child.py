"""The child's work: the file comes in, rows go out as JSON lines. It opens nothing else.

Told to explain, it does not read the file but looks for the place another child fell on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from campus.tables import archives, books, texts
from campus.tables.cells import text_of
from campus.tables.model import Cell, Limits, Opened, UnreadableFile

PASTED = "名册"
BATCH = 2_000
MOST_REMARKS = 1_000
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
TOO_HEAVY = "这个文件太复杂，没有打开：请只留下名册，另存为 xlsx 再试。"
TOO_MUCH = "表格里的内容太多，请分成几个文件。"

Found = Iterator[Opened]


def work(stream: BinaryIO, out: BinaryIO, settings: dict[str, Any]) -> None:
    """Read one file; the answer ends with ``{"end": …}`` or ``{"error": …}``."""
    limits = Limits(**settings["limits"])
    try:
        data = stream.read(limits.size + 1)
        if len(data) > limits.size:
            size = limits.size // 2**20
            raise UnreadableFile(f"文件超过 {size} MB，请删去图片或分成几个文件。")
        if not data.strip():
            raise UnreadableFile("文件是空的。")
        if settings["explain"]:
            archives.explain(data, limits)
        else:
            _tell(out, *_open(data, limits), limits)
    except UnreadableFile as error:
        _say(out, {"error": error.message})
    except (MemoryError, RecursionError):
        _say(out, {"error": TOO_HEAVY})


def _open(data: bytes, limits: Limits) -> tuple[dict[str, Any], Found]:
    """What the file is, and its sheets; by content, never by name."""
    if data.startswith(b"PK"):
        kind = archives.kind_of(data, limits)
        if kind == "oneroster":
            return {"kind": kind}, _roster(data, limits)
        return _workbook(kind, data, limits)
    if data.startswith(OLD_WORKBOOK):
        return _workbook("xls", data, limits)
    return {"kind": "csv"}, iter([texts.sheet(PASTED, data, limits)])


def _workbook(kind: str, data: bytes, limits: Limits) -> tuple[dict[str, Any], Found]:
    unseen, found = books.sheets(data, limits)
    return {"kind": kind, "unseen": unseen}, found


def _roster(data: bytes, limits: Limits) -> Found:
    for name, content in archives.files(data):
        yield texts.sheet(name, content, limits) if content.strip() else Opened(name, [])


def _tell(out: BinaryIO, what: dict[str, Any], found: Found, limits: Limits) -> None:
    _say(out, what)
    left = limits.characters
    for sheet in found:
        name = sheet.name
        hidden, remarks = sorted(sheet.hidden), sheet.remarks[:MOST_REMARKS]
        _say(out, {"sheet": name[:100], "hidden": hidden, "remarks": remarks})
        batch: list[list[str]] = []
        for number, row in enumerate(sheet.rows, 1):
            cells, size = _cleaned(row, whole=what["kind"] == "oneroster")
            left -= size + 1
            if left < 0:
                raise UnreadableFile(TOO_MUCH)
            if size > limits.longest:
                _check_longest(cells, name, number, limits)
            batch.append(cells)
            if len(batch) == BATCH:
                _say(out, batch)
                batch.clear()
        _say(out, batch)
    _say(out, {"end": True})


def _cleaned(row: list[Cell], *, whole: bool) -> tuple[list[str], int]:
    """The row as clean text, and how many characters it has.

    Empty cells at its end go, unless how many there are is part of what is read (``whole``).
    """
    try:
        text = "".join(row)  # type: ignore[arg-type]
    except TypeError:
        text = "\n"
    if not text.isprintable() or " " in text:
        row = [cell if cell == "" else text_of(cell) for cell in row]
        text = "".join(row)  # type: ignore[arg-type]
    while row and not row[-1] and not whole:
        row.pop()
    return row, len(text)  # type: ignore[return-value]


def _check_longest(cells: list[str], sheet: str, row: int, limits: Limits) -> None:
    for at, cell in enumerate(cells, 1):
        if len(cell) > limits.longest:
            raise UnreadableFile(
                f"「{sheet}」第 {row} 行第 {at} 列的内容超过 {limits.longest} 字，没有导入。"
            )


def _say(out: BinaryIO, what: Any) -> None:
    out.write(json.dumps(what, ensure_ascii=False).encode("utf-8", "replace"))
    out.write(b"\n")
