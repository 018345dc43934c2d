"""Whatever the file: an answer with a reason within twenty seconds, and nothing half imported."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from campus import db
from campus.tables import parent
from campus.tables.model import WEB
from campus.tables.parent import read_bytes
from campus.texts import clean
from tenants.people.models import Guardian, HomeroomClass, Pupil
from tenants.people.naming import Grades
from tenants.roster.judging import read_rows
from tenants.roster.layouts import recognise
from tenants.roster.oneroster.reading import read_oneroster
from tenants.roster.plan_pupils import plan_pupils
from tenants.roster.report import Outcome, Report
from tenants.roster.state import State
from tenants.roster.table import UnreadableFile
from tests.roster.imports import hostile
from tests.support.effort import examples

TODAY = date(2026, 11, 23)
SECONDS = 20.0


def judged(data: bytes) -> Report:
    """What an empty school would say to the file."""
    report, table = Report(), read_bytes(data, WEB)
    grades = Grades(TODAY, 1, 6)
    if table.kind == "oneroster":
        roster = read_oneroster(table, report, grades)
    else:
        roster = read_rows(recognise(table, grades), report, grades)
    plan_pupils(roster.pupils, State(frozenset(), [], {}, {}), report, {})
    return report


def test_there_are_enough_of_them() -> None:
    assert len(hostile.UNREADABLE) + len(hostile.READ) >= 60


@pytest.mark.parametrize("name", hostile.UNREADABLE)
def test_an_unreadable_file_is_one_sentence_in_time(name: str) -> None:
    make, words = hostile.UNREADABLE[name]
    data = make()
    began = time.monotonic()
    with pytest.raises(UnreadableFile) as caught:
        judged(data)
    assert time.monotonic() - began < SECONDS + 1
    assert re.search(words, caught.value.message), caught.value.message
    assert re.search(r"[一-龥].*[。]$", caught.value.message), caught.value.message


@pytest.mark.parametrize("name", hostile.READ)
def test_a_file_with_faults_names_them(name: str) -> None:
    make, codes = hostile.READ[name]
    try:
        report = judged(make())
    except UnreadableFile:
        assert name == "noise"
        return
    assert [one.code for one in report.problems] == codes, [one.message for one in report.problems]
    for one in report.problems:
        assert re.match(r"「.+」第 \d+ 行「.+」：.+。$", one.message)
    if name not in {"only-header", "noise"} and not set(codes) - {"row-skipped", "row-twice"}:
        assert report.count(Outcome.NEW) >= 1


@pytest.mark.parametrize("late", [False, True])
def test_dates_of_both_epochs_are_the_same_day(late: bool, tmp_path: Path) -> None:
    path = tmp_path / "dates.xlsx"
    with xlsxwriter.Workbook(str(path), {"date_1904": late}) as book:
        sheet = book.add_worksheet("学生")
        sheet.write_row(0, 0, ["班级", "姓名", "出生日期"])
        sheet.write_row(1, 0, ["三年级2班", "周宁"])
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_datetime(1, 2, date(2017, 11, 3), day)
    assert read_bytes(path.read_bytes(), WEB).sheets[0].rows[1][2] == "2017-11-03"


@pytest.mark.parametrize("name", ["twice", "sex-odd", "number-id"])
def test_a_refused_row_writes_nothing_and_its_neighbours_are_whole(
    name: str, tmp_path: Path, bring: Any, school_id: int
) -> None:
    path = tmp_path / "roster.xlsx"
    path.write_bytes(hostile.READ[name][0]())
    report = bring(path)
    kept = report.count(Outcome.NEW)
    with db.transaction(school_id=school_id, read_only=True) as session:
        found = [
            session.scalar(select(func.count()).select_from(model))
            for model in (Pupil, Guardian, HomeroomClass)
        ]
    assert found == [kept, kept, kept]


@pytest.mark.parametrize("lie", [b"[]", b'{"kind": "csv"}', b"", b"{", b'{"sheet": 1}\n[["x"]]'])
def test_a_child_that_lies_is_one_sentence(lie: bytes) -> None:
    """Only a whole answer in the shape agreed on is believed."""
    with pytest.raises(UnreadableFile, match="打不开"):
        parent._understood(lie)


def test_a_child_that_falls_or_lingers_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    large = b"name,\n" + b"x,1\n" * 900_000
    limits = replace(WEB, rows=10**7, characters=10**8)
    with pytest.raises(UnreadableFile, match="20 秒"):
        read_bytes(large, replace(limits, patience=0.05))
    monkeypatch.setattr(parent, "CHILD", "campus.errors")  # which can do no work
    with pytest.raises(UnreadableFile, match="打不开"):
        read_bytes(b"x", WEB)


@settings(max_examples=examples(300), deadline=None)
@given(st.text(max_size=40))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert "\u202e" not in once
    assert "\0" not in once


HAN = st.characters(min_codepoint=0x3400, max_codepoint=0x323AF, categories=["Lo"])


@settings(max_examples=examples(15), deadline=None)
@given(st.lists(st.text(HAN, min_size=1, max_size=4), min_size=1, max_size=20, unique=True))
def test_every_han_letter_survives_gb18030(names: list[str]) -> None:
    rows = [["班级", "姓名"], *(["三年级2班", name] for name in names)]
    data = hostile.csv_of(hostile.lines(*rows), "gb18030")
    assert [row[1] for row in read_bytes(data, WEB).sheets[0].rows[1:]] == names


@settings(max_examples=examples(25), deadline=None)
@given(st.binary(min_size=1, max_size=400))
def test_any_bytes_are_answered(data: bytes) -> None:
    try:
        judged(data)
    except UnreadableFile as error:
        assert error.message.endswith("。")
