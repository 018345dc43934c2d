"""Many rows in one round trip: arrays unnested by the server, whatever their number.

A statement with one parameter per cell ends at 65,535 of them and costs most of its time in being
put together; here a column is one parameter. Numbers, days and text are written as the server
reads them: the driver's own arrays ask each cell for its type, which takes five times as long.
Table and column names come from the mappers only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Date,
    Integer,
    Text,
    bindparam,
    cast,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import REGCLASS, insert

from campus import db

Columns = Mapping[str, Sequence[Any]]


def insert_rows(model: type[db.SchoolRow], columns: Columns) -> list[int]:
    """Insert one row per position into the entered school; returns the ids in that order.

    They are drawn before, so that what points at the rows need not wait for them (`db.ahead`).
    """
    if not any(columns.values()):
        return []
    ids = _drawn(model, max(map(len, columns.values())))
    add_rows(model, {"id": ids, **columns})
    return ids


def _drawn(model: type[db.SchoolRow], count: int) -> list[int]:
    sequence = select(cast(func.pg_get_serial_sequence(model.__tablename__, "id"), REGCLASS))
    statement = select(func.array_agg(func.nextval(sequence.scalar_subquery()))).select_from(
        func.generate_series(1, count)
    )
    [[ids]] = db.rows(statement)
    return sorted(ids)


def add_rows(model: type[db.SchoolScoped], columns: Columns) -> None:
    """As `insert_rows`, where nobody needs the ids."""
    if any(columns.values()):
        db.send(_insert(model, columns))


def tie_rows(model: type[db.SchoolScoped], columns: Columns) -> None:
    """Insert rows that have no id of their own; one that exists already is brought up to date."""
    if not any(columns.values()):
        return
    statement = _insert(model, columns)
    keys = [column.name for column in model.__table__.primary_key.columns]  # type: ignore[attr-defined]
    changed = {name: statement.excluded[name] for name in columns if name not in keys}
    db.send(statement.on_conflict_do_update(index_elements=keys, set_=changed))


def update_rows(model: type[db.SchoolRow], ids: Sequence[int], columns: Columns) -> None:
    """Set ``columns`` of the rows ``ids`` of the entered school, position by position."""
    if not ids:
        return
    table = model.__table__
    given = _unnested(model, {"id": ids, **columns})
    db.send(
        update(table)  # type: ignore[arg-type]
        .where(table.c.school_id == db.school_id(), table.c.id == given.c.id)
        .values({name: given.c[name] for name in columns})
    )


def _insert(model: type[db.SchoolScoped], columns: Columns) -> Any:
    rows = _unnested(model, columns)
    source = select(literal(db.school_id(), BigInteger), *(rows.c[name] for name in columns))
    return insert(model.__table__).from_select(  # type: ignore[arg-type]
        ["school_id", *columns], source.order_by(rows.c.place)
    )


def _unnested(model: type[db.SchoolScoped], columns: Columns) -> Any:
    table = model.__table__
    arrays = [array_of(table.c[name], values) for name, values in columns.items()]
    shape: list[Column[Any]] = [Column(name, table.c[name].type) for name in columns]
    return (
        func.unnest(*arrays)
        .table_valued(*shape, with_ordinality="place", name="given")
        .render_derived()
    )


def array_of(column: Any, values: Iterable[Any]) -> Any:
    """Values of a column as one parameter, for `any_` or `unnest`."""
    name, kind = f"all_{column.name}", ARRAY(column.type)
    if isinstance(column.type, Integer | Date):
        cells = ["NULL" if value is None else str(value) for value in values]
    elif isinstance(column.type, Text):
        cells = ["NULL" if value is None else _quoted(value) for value in values]
    else:
        return bindparam(name, list(values), type_=kind)
    return cast(bindparam(name, f"{{{','.join(cells)}}}", type_=Text), kind)


def _quoted(text: str) -> str:
    """An element of an array as the server reads it: only these two characters mean anything."""
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def raise_counters(
    model: type[db.SchoolScoped], key: str, name: str, counts: Mapping[int, int]
) -> dict[int, int]:
    """Raise the counter ``name`` of every row ``key`` of ``counts``, making rows that lack.

    Returns the new values. Rows are locked in the order of their keys, so two callers cannot wait
    for each other. One statement that is compiled once, whatever the number of rows.
    """
    keys = sorted(counts)
    statement = _insert(model, {key: keys, name: [counts[at] for at in keys]})
    table = model.__table__
    raised = {name: table.c[name] + statement.excluded[name]}
    rows = db.session().execute(
        statement.on_conflict_do_update(index_elements=["school_id", key], set_=raised).returning(
            table.c[key], table.c[name]
        )
    )
    return dict(rows.all())
