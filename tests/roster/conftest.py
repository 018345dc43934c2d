"""A blank database with one empty school, and a way to write roster files."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from campus import db
from campus.actor import Actor
from tenants.roster.report import Report
from tenants.roster.run_import import import_roster
from tenants.roster.table import Table, read_table
from tenants.roster.template import write_sheet
from tenants.roster.titles import PUPIL_COLUMNS, PUPILS, STAFF, STAFF_COLUMNS
from tests.support.empty_school import blank, school_id, today

__all__ = ["blank", "school_id", "today"]

Line = tuple[object, ...]


@pytest.fixture
def roster_file(tmp_path: Path) -> Callable[..., Path]:
    """roster_file(pupils, staff) writes the template with these rows."""

    def write(pupils: list[Line], staff: list[Line] = []) -> Path:  # noqa: B006
        path = tmp_path / "roster.xlsx"
        with xlsxwriter.Workbook(str(path)) as book:
            write_sheet(book, PUPILS, PUPIL_COLUMNS, pupils)
            write_sheet(book, STAFF, STAFF_COLUMNS, staff)
        return path

    return write


@pytest.fixture
def csv_file(tmp_path: Path) -> Callable[..., Path]:
    """csv_file(rows, encoding) writes rows as they are."""

    def write(rows: list[Line], encoding: str = "utf-8-sig") -> Path:
        path = tmp_path / "roster.csv"
        with path.open("w", encoding=encoding, newline="") as stream:
            csv.writer(stream).writerows(rows)
        return path

    return write


@pytest.fixture
def bring(school_id: int) -> Callable[..., Report]:
    """bring(path, dry_run=False) imports a file as the administrator would."""

    def run(path: Path, *, dry_run: bool = False) -> Report:
        table = read_table(path)
        with db.transaction(school_id=school_id, read_only=dry_run):
            return import_roster(Actor.system(school_id), table=table, dry_run=dry_run)

    return run


@pytest.fixture
def preview(school_id: int) -> Iterator[Callable[..., Report]]:
    """preview(table, takes={}) says what would happen; many at once in one open transaction."""
    with db.transaction(school_id=school_id, read_only=True):

        def run(table: Table, **more: Any) -> Report:
            return import_roster(Actor.system(school_id), table=table, dry_run=True, **more)

        yield run
