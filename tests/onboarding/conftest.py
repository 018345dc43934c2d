"""A blank database with one empty school, and a way to write roster files."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from flask import Flask

from campus import clock, db
from campus.actor import Actor
from campus.embedded.postgres import Postgres
from campus.schools.actions import open_school
from tenants.onboarding.headers import PUPIL_COLUMNS, PUPILS, STAFF, STAFF_COLUMNS
from tenants.onboarding.report import Report
from tenants.onboarding.roster import import_roster
from tenants.onboarding.table import read_table
from tenants.onboarding.template import write_sheet
from tests.conftest import point_at
from tests.support import databases

TODAY = date(2026, 11, 23)
Line = tuple[object, ...]


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> date:
    """A Monday in November, so labels of classes stay true in every year."""
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    return TODAY


@pytest.fixture
def blank(server: Postgres, app: Flask) -> Iterator[str]:
    """A migrated database without a single row; its name."""
    name = databases.clone(server, databases.fresh_name(), databases.MIGRATED)
    point_at(server, name)
    yield name
    db.disconnect("web")
    db.disconnect("worker")
    databases.drop(server, name)


@pytest.fixture
def school_id(blank: str) -> int:
    """枫林小学, open and empty."""
    with db.transaction():
        school = open_school(Actor.system(), name="枫林小学", slug="fenglin", short_name="枫林")
        return school.id


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
        with db.transaction(school_id=school_id, read_only=dry_run):
            return import_roster(Actor.system(school_id), table=read_table(path), dry_run=dry_run)

    return run
