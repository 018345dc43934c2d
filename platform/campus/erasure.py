"""Deleting what is kept of one person in the school entered, and counting what went.

Which rows are about a person is asked of the schema itself (every foreign key to the person's
table), so a table added later is not forgotten.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, delete, select

from campus import db

FILES = "files"


class Counts(Counter[str]):
    """How many rows of which table went, and the keys of the stored files that go with them."""

    def __init__(self) -> None:
        super().__init__()
        self.objects: set[str] = set()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A table of stored files that other tables' rows point at; ``key`` names the object.

    A row of it goes, and its object, when an erasure deleted the last row that points at it.
    """

    table: str
    key: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom an erasure is about: a ``pupil`` or a ``guardian``, by the row's id.

    ``words`` are the names and numbers they are written with where no foreign key leads;
    ``pupils`` the child, or the guardian's children.
    """

    kind: str
    id: int
    words: tuple[str, ...]
    pupils: tuple[int, ...]


class Erasure:
    """One erasure under way; ``counts`` says how many rows of which table went."""

    def __init__(self, attachments: Iterable[Attachment] = ()) -> None:
        self.counts = Counts()
        self._attachments = {one.table: one for one in attachments}
        self._loose: dict[str, set[int]] = {}

    def delete(self, model: Any, condition: ColumnElement[bool]) -> None:
        """Delete the school's rows of a table (or its model) that ``condition`` finds."""
        table: Table = getattr(model, "__table__", model)
        held = [
            key
            for key in table.foreign_keys
            if key.column.table.name in self._attachments and key.column.name == "id"
        ]
        gone = db.session().execute(
            delete(table)
            .where(table.c.school_id == db.school_id(), condition)
            .returning(table.c.school_id, *(key.parent for key in held)),
            execution_options={"synchronize_session": False},
        )
        rows = gone.all()
        for at, key in enumerate(held, start=1):
            files = self._loose.setdefault(key.column.table.name, set())
            files.update(row[at] for row in rows if row[at] is not None)
        if rows:
            self.counts[table.name] += len(rows)

    def delete_objects(self, keys: Iterable[str]) -> None:
        """Note stored files that go; whoever erases deletes them while no transaction is open."""
        names = list(keys)
        self.counts.objects.update(names)
        if names:
            self.counts[FILES] += len(names)

    def delete_loose_attachments(self) -> None:
        """Of the files whose rows went, those that no row of the school points at any more."""
        for name, numbers in self._loose.items():
            table = db.Base.metadata.tables[name]
            mine = table.c.school_id == db.school_id()
            for other, column in pointing_at(name):
                theirs = select(column).where(
                    other.c.school_id == db.school_id(), column.in_(numbers)
                )
                numbers -= set(db.session().scalars(theirs))
            key = table.c[self._attachments[name].key]
            keys = select(key).where(mine, table.c.id.in_(numbers))
            self.delete_objects(db.session().scalars(keys).all())
            self.delete(table, table.c.id.in_(numbers))
        self._loose.clear()


def pointing_at(name: str) -> Iterator[tuple[Table, Column[Any]]]:
    """Every (table, column) that refers to the id of table ``name``, children first."""
    for table in reversed(db.Base.metadata.sorted_tables):
        for key in table.foreign_keys:
            if key.column.table.name == name and key.column.name == "id":
                yield table, key.parent
