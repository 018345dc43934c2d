"""Hidden rows of an old workbook (xls, and WPS's et): BIFF8 records in a compound file.

[MS-CFB] says how the stream ``Workbook`` lies in sectors, [MS-XLS] 2.4.28 (BoundSheet8) and
2.4.221 (Row) where names and the flag stand. Whatever does not fit the shape tells nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress

END, FREE = 0xFFFFFFFE, 0xFFFFFFFF
BOUND_SHEET, ROW, EOF = 0x85, 0x208, 0x0A
HIDDEN = 0x20
MOST_SECTORS = 200_000


def hidden_rows(data: bytes) -> dict[str, frozenset[int]]:
    """Numbers (from 1) of hidden rows by sheet; nothing when the file cannot be followed."""
    with suppress(struct.error, IndexError, ValueError, UnicodeDecodeError):
        stream = _workbook(data)
        return {name: frozenset(_hidden(stream, start)) for name, start in _sheets(stream)}
    return {}


def _workbook(data: bytes) -> bytes:
    """The stream named Workbook. Raises ValueError when there is none."""
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    first = struct.unpack_from("<I", data, 48)[0]
    table = _table(data, size)
    directory = _chain(data, table, first, size)
    for at in range(0, len(directory), 128):
        length = struct.unpack_from("<H", directory, at + 64)[0]
        if directory[at : at + max(length - 2, 0)].decode("utf-16-le") in {"Workbook", "Book"}:
            start, total = struct.unpack_from("<II", directory, at + 116)
            return (
                _chain(data, table, start, size)[:total]
                if total >= 4096
                else _small(data, table, directory, size, (start, total))
            )
    raise ValueError


def _table(data: bytes, size: int) -> list[int]:
    """Which sector follows which."""
    sectors = [one for one in struct.unpack_from("<109I", data, 76) if one < END]
    more = struct.unpack_from("<I", data, 68)[0]
    while more < END and len(sectors) < MOST_SECTORS:
        entries = struct.unpack_from(f"<{size // 4}I", data, (more + 1) * size)
        sectors += [one for one in entries[:-1] if one < END]
        more = entries[-1]
    found: list[int] = []
    for one in sectors:
        found += struct.unpack_from(f"<{size // 4}I", data, (one + 1) * size)
    return found


def _chain(data: bytes, table: list[int], start: int, size: int) -> bytes:
    parts, steps = [], 0
    while start < END and steps < MOST_SECTORS:
        parts.append(data[(start + 1) * size : (start + 2) * size])
        start, steps = table[start], steps + 1
    return b"".join(parts)


def _small(
    data: bytes, table: list[int], directory: bytes, size: int, place: tuple[int, int]
) -> bytes:
    """A stream under 4,096 bytes lies in the root's small sectors of 64."""
    small = _chain(data, table, struct.unpack_from("<I", directory, 116)[0], size)
    first = struct.unpack_from("<I", data, 60)[0]
    follows = struct.iter_unpack("<I", _chain(data, table, first, size))
    after = [one for (one,) in follows]
    start, total = place
    parts, steps = [], 0
    while start < END and steps < MOST_SECTORS:
        parts.append(small[start * 64 : start * 64 + 64])
        start, steps = after[start], steps + 1
    return b"".join(parts)[:total]


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        if kind == EOF:
            return
        at += 4 + length


def _sheets(stream: bytes) -> Iterator[tuple[str, int]]:
    for kind, body in _records(stream, 0):
        if kind == BOUND_SHEET:
            length, wide = body[6], body[7] & 1
            name = body[8 : 8 + length * 2] if wide else body[8 : 8 + length]
            yield name.decode("utf-16-le" if wide else "latin-1"), struct.unpack_from("<I", body)[0]


def _hidden(stream: bytes, start: int) -> Iterator[int]:
    for kind, body in _records(stream, start):
        if kind == ROW and body[12] & HIDDEN:
            yield struct.unpack_from("<H", body)[0] + 1
