"""Rosters in shapes schools really have: every file of ``cases/`` beside its right reading.

``cases/readings.json`` says of each file what it is, the children it holds, and the codes of what
is told; the people are invented.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.roster.reading import add_up, children, read_here

CASES = Path(__file__).parent / "cases"
READINGS: dict[str, Any] = json.loads((CASES / "readings.json").read_text())


def test_every_case_has_a_reading() -> None:
    files = {path.name for path in CASES.iterdir()} - {"readings.json"}
    assert files == READINGS.keys()


def test_every_case_is_read_as_it_should_be(preview: Any) -> None:
    wrong = []
    for name, right in READINGS.items():
        report = preview(read_here(CASES / name))
        found = {
            "what": right["what"],
            "children": children(report),
            "told": sorted({one.code for one in report.problems}),
            "refused": report.as_json()["refused"],
        }
        if found != right:
            wrong.append(f"{name}: {found} instead of {right}")
        wrong += [f"{name}: {words}" for words in add_up(report)]
    assert not wrong, "\n".join(wrong)
