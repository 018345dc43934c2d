"""One child's book drawn: an HTML file that needs no network, a table, data another school reads.

The format of data.json is documented in docs/takeaway.md; `FORMAT` and `VERSION` name it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import xlsxwriter
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from campus import clock, storage
from tenants.privacy.box import Box
from tenants.privacy.collect import Book

FORMAT, VERSION = "campus.pupil", 1
TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
HEAD = {"bold": True, "bg_color": "#e7f2ec", "border": 1}
Step = Callable[[int, int], None]


@cache
def pages() -> Environment:
    """The offline pages' templates: escaped, without an application around them."""
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(day=clock.day)
    found.globals.update(ymd=_ymd)
    return found


def style() -> str:
    """The one style sheet of the offline pages."""
    return (TEMPLATES / "privacy" / "zip" / "book.css").read_text("utf-8")


def _ymd(value: date) -> str:
    """``2026年9月1日``, in Shanghai."""
    if isinstance(value, datetime):
        value = clock.day_of(value)
    return f"{value.year}年{value.month}月{value.day}日"


def fill(box: Box, book: Book, *, school_id: int, at: datetime, step: Step) -> None:
    """Write one child's book into the box; ``step(done, total)`` after each photo."""
    pictures = book.pictures
    box.put("index.html", pages().get_template("privacy/zip/book.html").render(book=book, at=at))
    box.put("book.css", style())
    box.put("pupil.xlsx", table(book), packed=False)
    for number, one in enumerate(pictures, start=1):
        box.put(one.file, storage.store().get(school_id, one.key), packed=False)
        step(number, len(pictures))
    # Last, so that its sums are those of the files as they were really written.
    box.put("data.json", json.dumps(data(book, at, box.sums), ensure_ascii=False, indent=1))


def data(book: Book, at: datetime, sums: dict[str, str]) -> dict[str, Any]:
    """data.json, version 1: what another school can bring in. No phone, no number of an ID."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "made_at": at.isoformat(timespec="seconds"),
        "school": book.school,
        "pupil": {
            "name": book.name,
            "sex": book.sex,
            "birthday": book.birthday and book.birthday.isoformat(),
        },
        "guardians": [{"relation": relation, "name": name} for relation, name in book.guardians],
        "classes": [
            {
                "label": stay.label,
                "entry_year": stay.entry_year,
                "number": stay.number,
                "seat_no": stay.seat_no,
                "starts_on": stay.starts_on.isoformat(),
                "ends_on": stay.ends_on and stay.ends_on.isoformat(),
            }
            for stay in book.stays
        ],
        "attendance": [
            {
                "term": term.name,
                "starts_on": term.starts_on.isoformat(),
                "ends_on": term.ends_on.isoformat(),
                "half_days": term.taken,
                "states": term.states,
            }
            for term in book.terms
        ],
        "records": [
            {
                "at": line.at.astimezone(clock.SHANGHAI).isoformat(),
                "area": line.area,
                "kind": line.kind,
                "text": line.text,
                "author": line.signed,
                "photo": line.picture.file if line.picture else None,
            }
            for line in book.lines
        ],
        "photos": [
            {
                "file": one.file,
                "sha256": sums[one.file],
                "width": one.width,
                "height": one.height,
            }
            for one in book.pictures
        ],
    }


def table(book: Book) -> bytes:
    """pupil.xlsx: four sheets of text cells (a cell that begins with = stays text)."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        sheet(made, "基本信息", ("项目", "内容"), _facts(book))
        stays = [(s.label, s.seat_no, s.starts_on, s.ends_on or "至今") for s in book.stays]
        sheet(made, "班级", ("班级", "座号", "从", "到"), stays)
        sheet(made, "考勤", ("学期", "说明"), [(term.name, term.words) for term in book.terms])
        columns = ("日期", "方面", "内容", "谁写的", "照片")
        sheet(made, "成长记录", columns, [_row(line) for line in book.lines])
    return out.getvalue()


def _facts(book: Book) -> list[tuple[str, Any]]:
    facts = [("学校", book.school), ("姓名", book.name), ("性别", book.sex_title)]
    facts.append(("生日", book.birthday.isoformat() if book.birthday else ""))
    return facts + [(relation, name) for relation, name in book.guardians]


def _row(line: Any) -> tuple[Any, ...]:
    day = line.at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")
    words = "：".join(word for word in (line.kind_title, line.text) if word)
    return day, line.area_title, words, line.signed, line.picture.file if line.picture else ""


def sheet(made: Any, title: str, columns: tuple[str, ...], rows: Any) -> None:
    """One sheet with a heading row; every cell is text, so none is a formula."""
    page, head = made.add_worksheet(title), made.add_format(HEAD)
    wrap = made.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    page.set_column(0, len(columns) - 1, 22)
    for at, name in enumerate(columns):
        page.write_string(0, at, name, head)
    for number, row in enumerate(rows, start=1):
        for at, value in enumerate(row):
            page.write_string(number, at, "" if value is None else str(value), wrap)
    page.freeze_panes(1, 0)
