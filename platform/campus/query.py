"""Statements built and compiled once: what hot pages ask with.

Building and keying a statement anew costs several times what running it does.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select
from sqlalchemy.dialects.postgresql.psycopg import dialect as psycopg_dialect

from campus import wire

AnySelect = Select[*tuple[Any, ...]]
DIALECT = psycopg_dialect(paramstyle="pyformat")  # type: ignore[no-untyped-call]
NUMBERED = psycopg_dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]


class Query:
    """A statement compiled for good and run by the driver.

    Values come by ``bindparam`` names; `db.SCHOOL` fills itself in. No ``in_`` with a list: it has
    no fixed text.
    """

    def __init__(self, statement: AnySelect) -> None:
        numbered = statement.compile(dialect=NUMBERED)
        self._wire = numbered.string.encode()
        self._order = tuple(numbered.positiontup or ())
        binds = numbered.binds
        self._called = {name: one.callable for name, one in binds.items() if one.callable}
        self._fixed = {name: one.value for name, one in binds.items() if not one.required}
        names = statement.selected_columns.keys()
        answer: Any = namedtuple("Answer", names, rename=True)  # type: ignore[misc]
        self._shape = answer._make
        self.text = statement.compile(dialect=DIALECT).string

    def asked(self, **values: Any) -> tuple[Query, dict[str, Any]]:
        """This query with its values, for `db.gather`."""
        found = self._fixed | values
        for name, call in self._called.items():
            if name not in values:
                found[name] = call()
        return self, found

    def ask(self, values: dict[str, Any]) -> wire.Ask:
        """What travels for these values. Raises KeyError for one that nobody gave."""
        return wire.Ask(self._wire, [values[name] for name in self._order], self._shape)

    def shaped(self, found: Sequence[Any]) -> list[Any]:
        """The driver's tuples with names."""
        return [self._shape(row) for row in found]
