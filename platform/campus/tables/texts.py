"""Text with columns: csv in the encodings offices save, a paste from Excel, web pages refused.

GBK is never tried: it would lose 𠮷. GB18030 reads all that GBK reads.
"""

from __future__ import annotations

import codecs
import csv
import re

from campus.tables.model import Cell, Limits, Opened, UnreadableFile
from campus.tables.quotes import Rows

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
DELIMITERS = "\t,;"
OTHERS = "，；|、"  # only where none of the usual ones stands
LOOKED_AT = 20
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")
WEB_PAGE = re.compile(r"\s*<(?:!doctype html|html|table|\?xml|meta|head|body|div)", re.IGNORECASE)
SEPARATOR = re.compile(r"sep=(.)\s*", re.IGNORECASE)


def sheet(name: str, data: bytes, limits: Limits) -> Opened:
    """The rows of a text file. Raises UnreadableFile."""
    if data.startswith(b"%PDF"):
        raise UnreadableFile("这是 PDF，不是表格：请用 xlsx 或 csv。")
    if data.startswith(PICTURES):
        raise UnreadableFile("这是图片文件，不是表格：请用 xlsx 或 csv。")
    text = _decoded(data)
    if "\0" in text:
        raise UnreadableFile("这不是表格文件：请用 xlsx 或 csv。")
    if WEB_PAGE.match(text):
        raise UnreadableFile(
            "这个文件其实是网页，只是名字像表格：请用 Excel 打开它，另存为 xlsx 再上传。"
        )
    found, remarks = _split(text, limits)
    return Opened(name, found, remarks=tuple(remarks))


def _decoded(data: bytes) -> str:
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return _decode(data[len(mark) :], (encoding,))
    half = data[:2000]
    if half[1::2].count(0) > len(half) // 8:
        return _decode(data, ("utf-16-le",))
    return _decode(data, ("utf-8", "gb18030"))


def _decode(data: bytes, encodings: tuple[str, ...]) -> str:
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile("文字编码认不出来：请另存为 xlsx，或 UTF-8 编码的 csv。")


def _split(text: str, limits: Limits) -> tuple[list[list[Cell]], list[tuple[int, str]]]:
    csv.field_size_limit(limits.longest + 2)
    lines = [line for line in text.split("\n", LOOKED_AT)[:LOOKED_AT] if line.strip()]
    if not lines:
        raise UnreadableFile("文件是空的。")
    told = SEPARATOR.fullmatch(lines[0].strip())
    rows = Rows(text, told[1] if told else _delimiter(lines))
    found: list[list[Cell]] = []
    for row in rows:
        found.append(list(row))
        if len(found) > limits.rows:
            raise UnreadableFile(f"表格超过 {limits.rows} 行，请分成几个文件。")
        if len(row) > limits.columns:
            raise UnreadableFile(f"第 {len(found)} 行超过 {limits.columns} 列，请删去多余的列。")
    if told:
        found[0] = []
    return found, rows.remarks


def _delimiter(lines: list[str]) -> str:
    usual = any(mark in line for line in lines for mark in DELIMITERS)
    return max(DELIMITERS if usual else OTHERS, key=lambda mark: _most(lines, mark))


def _most(lines: list[str], mark: str) -> int:
    """How often a mark parts the line that has most of it."""
    return max(line.count(mark) for line in lines)
