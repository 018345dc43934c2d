"""Rows of a csv text, where a quote that nobody closed must not swallow the rows below it.

By the letter of csv a cell in quotes may hold line breaks, so one stray quote makes a single cell
of all that follows, up to the next quote or the end. Nobody means that: a line inside such a cell
that has as many columns as the table is a row of its own, and the quote is left out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from campus.tables.model import UnreadableFile

UNCLOSED = "有一个引号没有结束，已经当作普通文字：请核对这一行。"
TOO_LONG = "引号不完整，或一格里的内容太长。请在 Excel 里重新保存。"


class Rows:
    """The rows of a text; ``remarks`` tells of every quote that was left out."""

    def __init__(self, text: str, delimiter: str) -> None:
        self.delimiter = delimiter
        self.lines = list(io.StringIO(text, newline=""))
        self.remarks: list[tuple[int, str]] = []
        self._width = 0

    def __iter__(self) -> Iterator[list[str]]:
        at = number = 0
        while at < len(self.lines):
            for row, after in self._sound(at):
                number += 1
                self._width = max(self._width, len(row))
                at = after
                yield row
            if at < len(self.lines):  # a row is not what it seems: read its first line by itself
                number += 1
                self.remarks.append((number, UNCLOSED))
                row = self._alone(self.lines[at], number)
                self._width = max(self._width, len(row))
                at += 1
                yield row

    def _sound(self, start: int) -> Iterator[tuple[list[str], int]]:
        """Rows from a line on with the line after them, up to one that swallowed others."""
        reader = csv.reader(self._from(start), delimiter=self.delimiter)
        at = start
        try:
            for row in reader:
                after = start + reader.line_num
                if after - at > 1 and self._swallowed(at, after):
                    return
                if after == len(self.lines) and self._cut_short(at, row):
                    return
                yield row, after
                at = after
        except csv.Error as error:
            if '"' not in self.lines[at]:
                raise UnreadableFile(f"第 {at + 1} 行开始读不下去：{TOO_LONG}") from error

    def _from(self, start: int) -> Iterator[str]:
        for at in range(start, len(self.lines)):
            yield self.lines[at]

    def _cut_short(self, at: int, row: list[str]) -> bool:
        """Whether an open quote in the last line swallowed the columns behind it."""
        return len(row) < self._width and self.lines[at].count('"') % 2 == 1

    def _swallowed(self, start: int, after: int) -> bool:
        """Whether one row over several lines holds lines that are rows themselves."""
        lines = self.lines[start:after]
        if sum(line.count('"') for line in lines) % 2:
            return True
        columns = (self._width or lines[0].count(self.delimiter) + 1) - 1
        if columns < 1:
            return False
        whole = [at for at, line in enumerate(lines) if line.count(self.delimiter) >= columns]
        last = len(lines) - 1
        return any(0 < at < last or (at == last and lines[0][:1] != '"') for at in whole)

    def _alone(self, line: str, number: int) -> list[str]:
        before, _, behind = line.rpartition('"')
        try:
            return next(csv.reader([before + behind], delimiter=self.delimiter), [])
        except csv.Error as error:
            raise UnreadableFile(f"第 {number} 行读不下去：{TOO_LONG}") from error
