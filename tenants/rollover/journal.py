"""The journal of a turn: whole rows before and after, written by the statement that changes them.

A fixed number of statements whatever the number of rows: the server copies the rows itself.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    column,
    func,
    insert,
    literal,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from campus import db
from tenants.rollover.models import TurnChange

COLUMNS = ["school_id", "turn_id", "table_name", "before", "after"]


class Journal:
    """Keeps what one turn does; `tenants.people.moves` writes through it."""

    def __init__(self, turn_id: int) -> None:
        self.turn_id = turn_id

    def noted(self, model: type[db.Base], condition: ColumnElement[bool]) -> None:
        """Keep rows this turn has just made: those of ``model`` that ``condition`` finds."""
        table: Any = model.__table__
        rows = select(
            *self._common(table.name),
            null().cast(JSONB),
            func.to_jsonb(table.table_valued()),
        ).where(table.c.school_id == db.school_id(), condition)
        db.session().flush()
        db.session().execute(insert(TurnChange).from_select(COLUMNS, rows))

    def changed(
        self, model: type[db.Base], condition: ColumnElement[bool], values: dict[str, Any]
    ) -> int:
        """Set ``values`` in the rows ``condition`` finds and keep them; how many there were."""
        table: Any = model.__table__
        touched = (
            update(table)
            .where(and_(table.c.school_id == db.school_id(), condition))
            .values(values)
            .returning(
                func.to_jsonb(column("old")).label("before"),
                func.to_jsonb(column("new")).label("after"),
            )
            .cte("touched")
        )
        rows = select(*self._common(table.name), touched.c.before, touched.c.after)
        db.session().flush()
        done = db.session().execute(
            insert(TurnChange).from_select(COLUMNS, rows).returning(TurnChange.id)
        )
        return len(done.all())

    def _common(self, table: str) -> tuple[ColumnElement[Any], ...]:
        return (
            literal(db.school_id(), BigInteger),
            literal(self.turn_id, BigInteger),
            literal(table),
        )
