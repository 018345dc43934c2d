"""Any cell as clean text: what people see, without what they cannot see.

Numbers lose their ``.0``; one that a spreadsheet could not hold exactly (over 15 digits) is written
with an exponent, so a reader can say that digits are lost instead of believing the rest.
"""

from __future__ import annotations

from datetime import datetime

from campus.tables.model import Cell
from campus.texts import clean

EXACT = 10**15
# What a spreadsheet that opens a csv file may take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
QUOTE = "'"


def text_of(cell: Cell | None) -> str:
    """The cell as text: trimmed, days as 2018-05-03, lost digits as 1.1e+17."""
    if isinstance(cell, str):
        return clean(cell)
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float | int):
        return _number(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return "" if cell is None else str(cell)


def _number(value: float) -> str:
    if abs(value) >= EXACT:
        return f"{value:.14e}"
    return str(int(value)) if value == int(value) else repr(value)


def inert(value: object) -> object:
    """A value for a csv file that no spreadsheet runs: ``=1+1`` is written ``'=1+1``."""
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"{QUOTE}{value}"
    return value


def as_written(text: str) -> str:
    """What ``inert`` was given."""
    return text[1:] if text.startswith(QUOTE) and text[1:].startswith(FORMULA) else text
