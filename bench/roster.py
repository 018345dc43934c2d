"""A school's spreadsheet, from file to durable rows, beside the least anybody could do.

The floor reads the same workbook with calamine, checks four cells with one expression each, and
copies the rows into three indexed tables: pupils, guardians, ties. It runs before and after ours.
By the clock both depend on what else the machine does; `_per_cpu` counts what they cost the
processor, here, in the reading child and in PostgreSQL.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import xlsxwriter
from python_calamine import CalamineWorkbook

from bench import proc, slips
from bench.stack import Stack
from campus import clock, crypto, db
from campus.actor import Actor
from campus.config import Config
from campus.schools.actions import open_school
from tenants.people.calendar import school_year_of
from tenants.roster.run_import import import_roster
from tenants.roster.table import read_table
from tenants.roster.titles import PUPIL_COLUMNS, STAFF_COLUMNS

Figures = Iterator[tuple[str, float, str, float, float, bool]]
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "明华芳静雨欣子涵宇轩浩然思琪梓萱一诺若溪嘉宁安远知行"
STAFF = 120
CLASS_SIZE = 45
MOST_READER_MB = 256.0
LEAST_RATIO = 0.3
READER = """
import os, sys
from dataclasses import asdict
from campus.tables import child, model
settings = {"limits": asdict(model.SHELL), "explain": False}
with open(sys.argv[1], "rb") as stream, open(os.devnull, "wb") as out:
    child.work(stream, out, settings)
with open("/proc/self/status") as status:
    print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""
FLOOR_TABLES = """
CREATE TABLE floor_pupil (id bigint PRIMARY KEY, class text, name text, sex int, birthday date);
CREATE TABLE floor_guardian (id bigint PRIMARY KEY, name text, phone text UNIQUE);
CREATE TABLE floor_tie (pupil bigint, guardian bigint, relation text,
  PRIMARY KEY (pupil, guardian));
CREATE INDEX ON floor_pupil (class, name); CREATE INDEX ON floor_tie (guardian)
"""


@dataclass(slots=True)
class Spent:
    """Seconds by the clock and of processor."""

    wall: float = 0.0
    cpu: float = 0.0


@contextmanager
def _spending(made: Stack) -> Iterator[Spent]:
    spent = Spent()
    wall, cpu = time.monotonic(), _cpu(made)
    yield spent
    spent.wall, spent.cpu = time.monotonic() - wall, _cpu(made) - cpu


def _cpu(made: Stack) -> float:
    return proc.cpu_seconds(os.getpid(), made.postmaster)


def workbook(path: Path, pupils: int, *, staff: int = STAFF) -> None:
    """A roster with seven guardians for four pupils."""
    chance = random.Random(7)
    year = school_year_of(clock.today())
    per_year = CLASS_SIZE * max(1, -(-pupils // (6 * CLASS_SIZE)))
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("学生")
        sheet.write_row(0, 0, PUPIL_COLUMNS[:11])
        for at in range(pupils):
            for column, cell in enumerate(_pupil(at, chance, year, per_year)):
                sheet.write_string(at + 1, column, cell)
        page = book.add_worksheet("教职工")
        page.write_row(0, 0, STAFF_COLUMNS)
        for at in range(staff):
            cells = (_name(chance), f"1{at:010}", "任课教师", "", f"{year}级1班 语文")
            for column, cell in enumerate(cells):
                page.write_string(at + 1, column, cell)


def _pupil(at: int, chance: random.Random, year: int, per_year: int) -> tuple[str, ...]:
    grade, place = divmod(at, per_year)
    entry = year - min(grade, 5)
    mother, father = at * 2 % (10**10), (at * 2 + 1) % (10**10)
    cells = (
        f"{entry}级{place // CLASS_SIZE + 1}班",
        str(place % CLASS_SIZE + 1),
        _own_name(at),
        "男" if at % 2 else "女",
        f"{entry - 6}-{at % 12 + 1:02}-{at % 28 + 1:02}",
        *(_name(chance), "妈妈", f"12{mother % 10**9:09}"),
    )
    return (*cells, _name(chance), "爸爸", f"12{father % 10**9:09}") if at % 4 else cells


def _own_name(at: int) -> str:
    """A name no other child has: one of the same birthday in another class would be asked about."""
    given = ""
    for _ in range(4):
        at, letter = divmod(at, len(GIVEN))
        given += GIVEN[letter]
    return f"{SURNAMES[len(given) + at]}{given}"


def _name(chance: random.Random) -> str:
    return chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(GIVEN)


def measure(made: Stack) -> Figures:
    """Every figure of the roster: name, value, unit, against, ratio, kept."""
    made.database("campus_roster")
    db.connect(made.postgres.url("web", "campus_roster"), pool_size=2)
    crypto.configure(Config(secret_key="bench-secret-bench-secret-bench-secret"))
    floor_dsn = made.postgres.superuser_dsn.rsplit("/", 1)[0] + "/campus_roster"
    try:
        for pupils, most in ((2_000, 1.5), (10_000, 2.0), (100_000, 20.0)):
            yield from _school(made, floor_dsn, pupils, most)
        memory = _reader_memory(made.home / "roster-100000.xlsx")
        yield ("roster_reader_memory", *_most(memory, "MB", MOST_READER_MB))
    finally:
        db.disconnect("web")


def _reader_memory(path: Path) -> float:
    """MB of the reader, asked from a fresh process that does what the child does."""
    done = subprocess.run(
        [sys.executable, "-c", READER, str(path)], capture_output=True, text=True, check=True
    )
    return int(done.stdout) / 1024


def _most(value: float, unit: str, most: float) -> tuple[float, str, float, float, bool]:
    return value, unit, most, value / most, value <= most


def _school(made: Stack, dsn: str, pupils: int, most: float) -> Figures:
    path = made.home / f"roster-{pupils}.xlsx"
    workbook(path, pupils, staff=STAFF if pupils < 50_000 else 0)
    with db.transaction():
        school = open_school(
            Actor.system(), name="尺小学", slug=f"bench-{pupils}", short_name="尺"
        ).id
    size = f"{pupils // 1000}k"
    if pupils == 2_000:
        preview = _timed(made, school, path, True, pupils)
        yield (f"roster_{size}_preview", *_most(preview.wall, "s", 1.5))
    before = _floor(made, dsn, path, pupils)
    spent = _timed(made, school, path, False, pupils)
    after = _floor(made, dsn, path, pupils)
    yield (f"roster_{size}_apply", *_most(spent.wall, "s", most))
    yield (f"roster_{size}_rows", *_rate(pupils, spent.wall, min(before.wall, after.wall)))
    yield (f"roster_{size}_per_cpu", *_rate(pupils, spent.cpu, min(before.cpu, after.cpu)))
    if pupils == 2_000:
        again = _timed(made, school, path, False, 0)
        yield (f"roster_{size}_again", *_most(again.wall, "s", 1.5))
        yield from slips.measure(school)


def _rate(pupils: int, ours: float, floor: float) -> tuple[float, str, float, float, bool]:
    ratio = floor / ours
    return pupils / ours, "1/s", pupils / floor, ratio, ratio >= LEAST_RATIO


def _timed(made: Stack, school: int, path: Path, dry_run: bool, new: int) -> Spent:
    """From the file to the commit, as the command does it."""
    with _spending(made) as spent:
        table = read_table(path)
        with db.transaction(school_id=school, read_only=dry_run):
            report = import_roster(Actor.system(school), table=table, dry_run=dry_run)
    counts = report.as_json()
    assert counts["refused"] == 0, counts["problems"][:3]
    assert counts["new"] >= new
    assert new or counts["unchanged"] == counts["rows"]
    return spent


def _floor(made: Stack, dsn: str, path: Path, pupils: int) -> Spent:
    """The least: read, check, copy."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "DROP TABLE IF EXISTS floor_pupil; DROP TABLE IF EXISTS floor_guardian;"
            "DROP TABLE IF EXISTS floor_tie"
        )
        connection.execute(FLOOR_TABLES)
    with _spending(made) as spent:
        rows = CalamineWorkbook.from_path(path).get_sheet_by_name("学生").to_python()[1:]
        with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
            _copy(cursor, rows)
            connection.commit()
    assert len(rows) == pupils
    return spent


def _copy(cursor: Any, rows: list[Any]) -> None:
    phone, day = re.compile(r"1\d{10}"), re.compile(r"\d{4}-\d{2}-\d{2}")
    guardians: dict[str, tuple[int, str]] = {}
    ties = []
    with cursor.copy("COPY floor_pupil FROM STDIN") as copy:
        for number, row in enumerate(rows, 1):
            if not (row[0] and row[2] and row[3] in {"男", "女"} and day.fullmatch(row[4])):
                raise ValueError(number)
            copy.write_row((number, row[0], row[2], 1 if row[3] == "男" else 2, row[4]))
            for name, relation, tel in (row[5:8], row[8:11]):
                if tel and phone.fullmatch(tel):
                    guardian = guardians.setdefault(tel, (len(guardians) + 1, name))[0]
                    ties.append((number, guardian, relation))
    with cursor.copy("COPY floor_guardian FROM STDIN") as copy:
        for tel, (number, name) in guardians.items():
            copy.write_row((number, name, tel))
    with cursor.copy("COPY floor_tie FROM STDIN") as copy:
        for tie in ties:
            copy.write_row(tie)
