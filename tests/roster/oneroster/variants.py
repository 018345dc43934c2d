"""Sets with a single fault each: where it must be told, and how many children come in anyway.

``told`` are (file, row, column) of every problem, so a fault told twice fails.
"""

from __future__ import annotations

from tests.roster.oneroster import of_files, of_people, of_rows
from tests.roster.oneroster.variant import Variant

VARIANTS: dict[str, Variant] = {
    **of_rows.STATUS,
    **of_rows.DATES,
    **of_rows.SCHOOLS,
    **of_people.REFERENCES,
    **of_people.AGENTS,
    **of_people.WORDS,
    **of_files.EMPTY,
    **of_files.SHAPES,
    **of_files.OLD,
}
