"""Lists as xlsx, made in memory: a title row, times as text people read, no formula ever."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

import xlsxwriter
from flask import Response

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SAFE = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


def workbook(
    title: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[object]]
) -> bytes:
    """A workbook of one sheet; ``columns`` are headings with their widths."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, SAFE) as book:
        sheet = book.add_worksheet(title)
        heading = book.add_format({"bold": True, "bg_color": "#E7F0EA", "border": 1})
        for place, (name, width) in enumerate(columns):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, name, heading)
        for line, row in enumerate(rows, start=1):
            for place, value in enumerate(row):
                sheet.write_string(line, place, str(value))
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def download(data: bytes, name: str) -> Response:
    """The answer that saves a file; ``name`` is plain ASCII without any person's name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    return Response(data, content_type=XLSX, headers=headers)
