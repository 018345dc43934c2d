"""The kinds of ``cases/`` in further shapes: small sheets and their readings, in ``variants.txt``.

A block is a sheet (``== what @ name of the sheet``), its lines with ``|`` between the cells, then
what is right: ``→`` a child, ``!`` row and code of what is told, ``×`` the
sentence for a file that cannot be read.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tenants.roster.report import Report
from tenants.roster.table import UnreadableFile
from tests.roster.reading import add_up, children, sheet

BLOCKS = (Path(__file__).parent / "variants.txt").read_text().strip().split("\n\n")
HEAD = re.compile(r"== (?P<what>.+?)(?: @ (?P<name>.+?))?(?: hidden (?P<hidden>[\d,]+))?")
MARKS = ("→", "!", "×")


def test_every_variant_is_read_as_it_should_be(preview: Any) -> None:
    wrong = []
    for block in BLOCKS:
        head, *rest = block.splitlines()
        told = HEAD.fullmatch(head)
        assert told is not None, head
        lines = [line for line in rest if not line.startswith(MARKS)]
        right = [line for line in rest if line.startswith(MARKS)]
        hidden = frozenset(map(int, filter(None, (told["hidden"] or "").split(","))))
        found = said(preview, sheet(told["name"] or "学生", *lines, hidden=hidden))
        if found != right:
            wrong.append("\n".join([head, *lines, "is", *found, "and not", *right]))
    assert not wrong, "\n\n".join(wrong)


def said(preview: Any, table: Any) -> list[str]:
    try:
        report: Report = preview(table)
    except UnreadableFile as error:
        return [f"× {error.message}"]
    codes = sorted({(one.row, one.code) for one in report.problems})
    assert add_up(report) == []
    return [
        *(f"→ {line}" for line in children(report)),
        *(f"! {row} {code}" for row, code in codes),
    ]
