"""The door to campus.tables: a file becomes sheets of clean text."""

from __future__ import annotations

from campus.tables.model import SHELL, WEB, Cell, Limits, Sheet, Table, UnreadableFile
from campus.tables.parent import read_bytes, read_path

__all__ = [
    "SHELL",
    "WEB",
    "Cell",
    "Limits",
    "Sheet",
    "Table",
    "UnreadableFile",
    "read_bytes",
    "read_table",
]
read_table = read_path
