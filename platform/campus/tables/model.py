"""What reading a file gives, how large a file may be, and the one way it can fail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta

from campus.errors import InvalidInput

Cell = str | float | bool | date | time | timedelta
MEGABYTE = 1024 * 1024


class UnreadableFile(InvalidInput):
    """The file as a whole cannot be used; the message is the one sentence to show."""

    def __init__(self, message: str) -> None:
        super().__init__({"file": message})


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: rows of cells from its very first row on, so positions are Excel's.

    ``hidden`` are the numbers (from 1) of rows that are hidden or filtered out, ``remarks`` what
    the reader had to decide about a row: (number, sentence).
    """

    name: str
    rows: list[list[Cell]]
    hidden: frozenset[int] = frozenset()
    remarks: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """A sheet while the child reads it; rows come one by one."""

    name: str
    rows: Iterable[list[Cell]]
    hidden: frozenset[int] = frozenset()
    remarks: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A file's sheets in order; ``kind`` is what it was: xlsx, xls, ods, csv, oneroster.

    ``unseen`` are the names of hidden sheets; they are not read.
    """

    sheets: tuple[Sheet, ...]
    kind: str = "xlsx"
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may hold; ``characters`` counts all cells together.

    ``seconds`` is the child's time on the processor, ``patience`` by the clock on the wall.
    """

    size: int
    unpacked: int
    rows: int
    characters: int
    entries: int = 200
    ratio: int = 100
    columns: int = 120
    sheets: int = 60
    longest: int = 2_000
    seconds: int = 14
    patience: int = 20
    memory: int = 512 * MEGABYTE


# What a browser sends is small: 12,000 rows are five of our largest schools.
WEB = Limits(5 * MEGABYTE, 64 * MEGABYTE, 12_000, 8_000_000)
# Whoever has a shell on the server may bring a whole district.
SHELL = Limits(48 * MEGABYTE, 400 * MEGABYTE, 120_000, 60_000_000)
