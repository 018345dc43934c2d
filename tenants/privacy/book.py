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
    files = [(part.folder + one.name, one.key) for part in book.parts for one in part.chapter.files]
    box.put("index.html", pages().get_template("privacy/zip/book.html").render(book=book, at=at))
    box.put("book.css", style())
    box.put("pupil.xlsx", table(book), packed=False)
    for number, (name, key) in enumerate(files, start=1):
        box.put(name, storage.store().get(school_id, key), packed=False)
        step(number, len(files))
    for part in book.parts:
        if part.chapter.data is not None:
            box.put(f"{part.folder}data.json", _json(part.chapter.data))
    # Last, so that its sums are those of the files as they were really written.
    box.put("data.json", _json(data(book, at, box.sums)))


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1)


def data(book: Book, at: datetime, sums: dict[str, str]) -> dict[str, Any]:
    """data.json, version 1: what another school can bring in. No phone, no number of an ID."""
    found: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "made_at": at.isoformat(timespec="seconds"),
        "school": book.school,
    }
    for part in book.parts:
        if part.chapter.fields is not None:
            found |= part.chapter.fields(sums)
    return found


def table(book: Book) -> bytes:
    """pupil.xlsx: sheets of text cells (a cell that begins with = stays text)."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        for part in book.parts:
            for one in part.chapter.sheets:
                sheet(made, one.title, one.columns, one.rows)
    return out.getvalue()


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
