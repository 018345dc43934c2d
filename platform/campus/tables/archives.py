"""Zip files: told apart by what is in them and measured before anybody opens them.

The headers are believed at first, since the child's limits stand behind them; a file on which the
child falls is unpacked once more, cell by cell, to say which place was to blame.
"""

from __future__ import annotations

import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from campus.tables.model import MEGABYTE, Limits, UnreadableFile

BROKEN = "文件不完整或已损坏，请重新保存后再试。"
TOO_LARGE = "表格解开后太大，请只留下名册那几张表。"
NOT_A_TABLE = "这是一个压缩包，不是表格：请解开后上传里面的 xlsx 或 csv。"
# All that a zip file may raise that is not what it says: zipfile and the codecs beneath it have no
# common base.
FAULTS = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(NotImplementedError, RuntimeError, EOFError, OSError, ValueError),
)
MANIFEST = "manifest.csv"
SMALL = MEGABYTE  # below this a high ratio harms nobody
CHUNK = 4 * MEGABYTE
OVERLAP = 64
HEAD = 4096
PLACE = re.compile(
    rb"""[ \t\n]r=["'](?=[A-Z]{2,4}[0-9]|[A-Z]{0,4}[0-9]{5})([A-Z]{0,4})([0-9]{1,10})["']"""
)
ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
SYSTEM = re.compile(r"(?:^|/)(?:__MACOSX/|\.|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
OTHER_FILES = {"word/": "这是 Word 文档", "ppt/": "这是幻灯片"}


def kind_of(data: bytes, limits: Limits) -> str:
    """``xlsx``, ``ods`` or ``oneroster``; everything in it measured. Raises UnreadableFile."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _kind(archive, limits)
    except FAULTS as error:
        raise UnreadableFile(BROKEN) from error


def _kind(archive: zipfile.ZipFile, limits: Limits) -> str:
    parts = archive.infolist()
    if len(parts) > limits.entries:
        raise UnreadableFile(f"压缩包里有 {len(parts)} 个文件，太多了。")
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableFile("文件设了密码：请去掉密码再上传。")
    for part in parts:
        if part.file_size > max(part.compress_size * limits.ratio, SMALL):
            raise UnreadableFile(TOO_LARGE)
    if sum(part.file_size for part in parts) > limits.unpacked:
        raise UnreadableFile(TOO_LARGE)
    kind = _named(names)
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            with archive.open(part) as stream:
                _check_head(stream.read(HEAD))
    return kind


def _named(names: set[str]) -> str:
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        return "xlsx"
    if "content.xml" in names:
        return "ods"
    if MANIFEST in {name.lower() for name in names}:
        return "oneroster"
    inside = [name for name in names if name.lower().endswith(f"/{MANIFEST}")]
    if inside:
        raise UnreadableFile("OneRoster 的文件应直接放在压缩包里，不要再套一层文件夹。")
    for start, words in OTHER_FILES.items():
        if any(name.startswith(start) for name in names):
            raise UnreadableFile(f"{words}，不是表格：请另存为 xlsx 或 csv 再上传。")
    raise UnreadableFile(NOT_A_TABLE)


def _check_head(head: bytes) -> None:
    """A document type stands before the first element; spreadsheets have none."""
    if ENTITIES.search(head):
        raise UnreadableFile("文件里有不该出现的定义，没有打开：请在 Excel 里另存为 xlsx 再试。")


def explain(data: bytes, limits: Limits) -> None:
    """Raise UnreadableFile with the place that makes a zip file unreadable, if one is found."""
    if not data.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            total = 0
            for part in archive.infolist():
                for chunk in _chunks(archive, part):
                    total += len(chunk)
                    if total > limits.unpacked:
                        raise UnreadableFile(TOO_LARGE)
                    if part.filename.startswith("xl/worksheets/"):
                        _check_places(chunk, limits)
    except FAULTS as error:
        raise UnreadableFile(BROKEN) from error


def _chunks(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(part) as stream:
        tail = b""
        while chunk := stream.read(CHUNK):
            yield tail[-OVERLAP:] + chunk if tail else chunk
            tail = chunk


def _check_places(chunk: bytes, limits: Limits) -> None:
    for found in PLACE.finditer(chunk):
        if _number(found[1]) > limits.columns or int(found[2]) > limits.rows:
            place = (found[1] + found[2]).decode()
            raise UnreadableFile(
                f"单元格 {place} 也有内容，超过了 {limits.columns} 列或 {limits.rows} 行："
                "请删去名册右边和下面的多余内容。"
            )


def _number(letters: bytes) -> int:
    """``A`` → 1, ``AA`` → 27."""
    value = 0
    for letter in letters:
        value = value * 26 + letter - 64
    return value


def files(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The csv files of a measured archive in the order of their names; other files by name only.

    What an operating system leaves beside them is nobody's file.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in sorted(archive.namelist()):
            if name.endswith("/") or SYSTEM.search(name):
                continue
            read = name.lower().endswith(".csv") and "/" not in name and "\\" not in name
            yield name, archive.read(name) if read else b""
