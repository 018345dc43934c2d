"""The file as it came, with bad cells red and a column 原因, to correct and send again."""

from __future__ import annotations

import io
from collections.abc import Mapping

import xlsxwriter

from campus import db
from campus.tables.cells import text_of
from tenants.people.naming import grades_now
from tenants.roster.imports import files
from tenants.roster.imports.models import ImportRun
from tenants.roster.layouts import Choice, Layout, recognise
from tenants.roster.memory import habits
from tenants.roster.table import WEB, Sheet, read_bytes

REASON = "原因"
Marks = Mapping[tuple[str, int], list[tuple[str, str]]]


def marked_workbook(run: ImportRun, marks: Marks) -> bytes:
    """An xlsx of text cells only. Raises StorageUnavailable, ObjectMissing or UnreadableFile."""
    db.release()
    table = read_bytes(files.fetch(run.key or ""), WEB)
    layouts: dict[str, Layout] = {}
    if table.kind != "oneroster":
        chosen = None if run.chosen is None else [Choice(**one) for one in run.chosen]
        found = recognise(table, grades_now(), habits(), chosen)
        layouts = {one.sheet.name: one for one in found if one.sound}
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        text = book.add_format({"num_format": "@"})
        red = book.add_format({"num_format": "@", "bg_color": "#f8c9bd", "font_color": "#9c2e16"})
        for at, sheet in enumerate(table.sheets, 1):
            page = book.add_worksheet(_title(sheet.name, at))
            _write(page, sheet, layouts.get(sheet.name), marks, (text, red))
    return out.getvalue()


def _title(name: str, at: int) -> str:
    """A name Excel takes: 31 characters, none of its own signs."""
    cleaned = "".join(letter for letter in name if letter not in "[]:*?/\\'").strip()[:28]
    return cleaned or f"表{at}"


def _write(
    page: object,
    sheet: Sheet,
    layout: Layout | None,
    marks: Marks,
    formats: tuple[object, object],
) -> None:
    write = page.write_string  # type: ignore[attr-defined]
    text, red = formats
    places = layout.places if layout else {}
    last = max((len(row) for row in sheet.rows), default=0)
    if layout:
        write(layout.header, last, REASON, text)
    for number, row in enumerate(sheet.rows, 1):
        found = marks.get((sheet.name, number), [])
        bad = {places.get(column, -1) for column, _ in found}
        for at, cell in enumerate(row):
            if cell != "" or at in bad:
                write(number - 1, at, text_of(cell), red if at in bad else text)
        for at in bad - {-1}:
            if at >= len(row):
                write(number - 1, at, "", red)
        if found:
            write(number - 1, last, "；".join(reason for _, reason in found), red)
