"""Spreadsheets read here and not in a child of their own, which would take longer than the rest."""

from __future__ import annotations

import io
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from campus.tables import child, parent
from campus.tables.model import SHELL
from tenants.people.naming import Grades
from tenants.roster.report import Report
from tenants.roster.rows import PupilRow
from tenants.roster.table import Sheet, Table

GRADES = Grades(date(2026, 11, 23), 1, 6)


def read_here(path: Path) -> Table:
    """As campus.tables.parent.read_path, by the same code in this process."""
    out = io.BytesIO()
    child.work(io.BytesIO(path.read_bytes()), out, {"limits": asdict(SHELL), "explain": False})
    return parent._understood(out.getvalue())


def sheet(name: str, *lines: str, **more: Any) -> Table:
    """A table of one sheet: each line is its cells, parted by ``|``."""
    rows: list[Any] = [[cell.strip() for cell in line.split("|")] for line in lines]
    for row in rows:
        while row and not row[-1]:
            row.pop()
    return Table((Sheet(name, rows, **more),))


def children(report: Report) -> list[str]:
    """Every child as one line: ``三1 张小一 男 2018-05-01 5号 爸爸:张伟:12000000001 …``."""
    found = []
    for place, row in report.read.items():
        if isinstance(row, PupilRow) and report.outcomes.get(place) == "new":
            grade = "〇一二三四五六"[GRADES.today.year - row.class_key[0] + 1]
            parts = [
                f"{grade}{row.class_key[1]} {row.name}",
                ("", "男", "女")[row.sex],
                str(row.birthday or ""),
                f"{row.seat_no}号" if row.seat_no else "",
                *(f"{one.relation}:{one.name}:{one.phone}" for one in row.guardians),
            ]
            found.append(" ".join(filter(None, parts)))
    return found


def add_up(report: Report) -> list[str]:
    """Sheets whose lines are not all accounted for."""
    return [
        f"{one['sheet']}: {one}"
        for one in report.accounts()
        if one["lines"] != one["read"] + one["skipped"] + one["refused"]
        or min(one["lines"], one["read"], one["skipped"], one["refused"]) < 0
    ]
