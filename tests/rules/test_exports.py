"""What goes out as a table is text: no cell that somebody typed is a formula anywhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Ways of xlsxwriter that look at a text and may make a formula or a link of it.
GUESSING = {"write", "write_row", "write_column", "write_formula", "write_array_formula"}
GUESSING |= {"write_dynamic_array_formula", "write_url", "write_rich_string"}
CSV_WRITERS = {"writer", "DictWriter"}
# The one place that writes csv; it passes every value through campus.tables.cells.inert.
WRITES_CSV = {"tenants/roster/oneroster/writing.py"}


def calls(path: Path) -> Iterator[ast.Attribute]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute):
            yield node


def test_no_export_lets_a_text_become_a_formula() -> None:
    sheets, wrong, csvs = 0, [], set()
    for path in [*(ROOT / "tenants").rglob("*.py"), *(ROOT / "platform").rglob("*.py")]:
        text, name = path.read_text(), path.relative_to(ROOT).as_posix()
        if "import csv" in text:
            csvs |= {name for one in calls(path) if one.attr in CSV_WRITERS}
        if "xlsxwriter" not in text:
            continue
        sheets += 1
        for one in calls(path):
            # `.write` of a file or an archive is no cell: a sheet is called sheet, page or write.
            on_sheet = isinstance(one.value, ast.Name) and one.value.id in {"sheet", "page"}
            if one.attr in GUESSING and (on_sheet or one.attr != "write"):
                wrong.append(f"{name}:{one.lineno} {one.attr}")
    assert sheets >= 5
    assert wrong == []
    assert csvs == WRITES_CSV
