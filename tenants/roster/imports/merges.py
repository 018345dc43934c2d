"""The same child twice: two rows become one, and can become two again.

Twins of a roster are two pupils in class now with the same name and birthday. Merging moves what
hangs on the newer row to the older and ends the newer one's place in class; nothing is deleted,
and every row moved is written down, which is the way back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import Table, and_, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from campus import audit, clock, db
from campus.actor import Actor
from campus.errors import Conflict, NotFound
from tenants.people import naming, scope
from tenants.people.models import Enrollment, HomeroomClass, Pupil
from tenants.roster.imports.models import PupilMerge
from tenants.roster.permissions import Rosters

APART = frozenset({"pupil_merge", "enrollment"})
MOST = 200
UNDO_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Twin:
    """Two rows that look like one child; ``kept`` is the older."""

    kept_id: int
    gone_id: int
    name: str
    birthday: Any
    kept_class: str
    gone_class: str


@dataclass(frozen=True, slots=True)
class Merged:
    """A merge that can still be undone."""

    id: int
    name: str
    at: datetime


def _pairs() -> Any:
    one, two = aliased(Pupil), aliased(Pupil)
    first, second = aliased(Enrollment), aliased(Enrollment)
    return (
        select(one.id, two.id, one.name, one.birthday, first.class_id, second.class_id)
        .join(
            two,
            and_(
                two.school_id == one.school_id,
                two.name == one.name,
                two.birthday == one.birthday,
                two.id > one.id,
            ),
        )
        .join(first, db.on(first, one, "pupil_id"))
        .join(second, db.on(second, two, "pupil_id"))
        .where(one.school_id == db.school_id(), scope.current(first), scope.current(second))
        .order_by(one.id, two.id)
    )


def count_twins(actor: Actor) -> int:
    """How many pairs wait to be looked at."""
    actor.check(Rosters.IMPORT)
    return db.session().scalar(select(func.count()).select_from(_pairs().subquery())) or 0


def twins(actor: Actor) -> list[Twin]:
    """The pairs, oldest first."""
    actor.check(Rosters.IMPORT)
    today = clock.today()
    labels = {
        row[0]: naming.short_label(row[1], row[2], today)
        for row in db.rows(
            select(HomeroomClass.id, HomeroomClass.entry_year, HomeroomClass.number).where(
                HomeroomClass.school_id == db.school_id()
            )
        )
    }
    return [
        Twin(kept, gone, name, born, labels[first], labels[second])
        for kept, gone, name, born, first, second in db.rows(_pairs().limit(MOST))
    ]


def recent_merges(actor: Actor) -> list[Merged]:
    """What can still be undone, newest first."""
    actor.check(Rosters.IMPORT)
    rows = db.rows(
        select(PupilMerge.id, Pupil.name, PupilMerge.created_at)
        .join(Pupil, db.on(PupilMerge, Pupil, "kept_id"))
        .where(
            PupilMerge.school_id == db.school_id(),
            PupilMerge.undone_at.is_(None),
            PupilMerge.created_at > clock.now() - UNDO_WITHIN,
        )
        .order_by(PupilMerge.id.desc())
    )
    return [Merged(*row) for row in rows]


def merge_pupils(actor: Actor, *, kept_id: int, gone_id: int) -> int:
    """Make one child of two rows; the merge's id. Raises NotFound unless they are such a pair."""
    actor.check(Rosters.IMPORT)
    if not any(one.kept_id == kept_id and one.gone_id == gone_id for one in twins(actor)):
        raise NotFound
    moved: dict[str, Any] = {}
    for table, column in _hanging():
        keys = list(_move(table, column, gone_id, kept_id))
        if keys:
            moved[table.name] = keys
    moved["enrollment"] = _end_places(gone_id)
    made = PupilMerge(kept_id=kept_id, gone_id=gone_id, account_id=actor.account_id, moved=moved)
    made.created_at = clock.now()
    db.session().add(made)
    db.session().flush()
    audit.record(actor, "onboarding.merge", "pupil", kept_id, gone=gone_id)
    return made.id


def undo_merge(actor: Actor, *, merge_id: int) -> None:
    """Make two of one again, within seven days; twice changes nothing more."""
    actor.check(Rosters.IMPORT)
    made = db.session().scalar(
        select(PupilMerge)
        .where(PupilMerge.school_id == db.school_id(), PupilMerge.id == merge_id)
        .with_for_update()
    )
    if made is None:
        raise NotFound
    if made.undone_at is not None:
        return
    if clock.now() - made.created_at > UNDO_WITHIN:
        raise Conflict("合并超过七天，不能撤销了。")
    for table, column in _hanging():
        for keys in made.moved.get(table.name, []):
            _point(table, column, made.kept_id, made.gone_id, keys)
    db.session().execute(
        update(Enrollment)
        .where(
            Enrollment.school_id == made.school_id,
            Enrollment.id.in_(made.moved.get("enrollment", [])),
        )
        .values(ends_on=None)
    )
    made.undone_at = clock.now()
    audit.record(actor, "onboarding.merge-undo", "pupil", made.kept_id, gone=made.gone_id)


def _hanging() -> Iterator[tuple[Table, str]]:
    """Every school table with a row about a pupil, and its column."""
    for mapper in sorted(db.Base.registry.mappers, key=lambda one: str(one.local_table)):
        table = mapper.local_table
        if not isinstance(table, Table) or table.name in APART:
            continue
        for key in table.foreign_key_constraints:
            if key.referred_table.name == "pupil":
                yield table, key.column_keys[-1]


def _move(table: Table, column: str, source: int, target: int) -> Iterator[dict[str, Any]]:
    """Point rows of one pupil at another; what the other has already stays. Yields their keys."""
    others = [one for one in table.primary_key.columns if one.name not in {"school_id", column}]
    rows = db.rows(
        select(*(others or [table.c[column]])).where(
            table.c.school_id == db.school_id(), table.c[column] == source
        )
    )
    for row in rows:
        keys = dict(zip([one.name for one in others], row, strict=False))
        if any(not isinstance(value, int | str) for value in keys.values()):
            continue
        if _point(table, column, source, target, keys):
            yield keys


def _point(table: Table, column: str, source: int, target: int, keys: dict[str, Any]) -> bool:
    try:
        with db.savepoint() as session:
            session.execute(
                update(table)
                .where(
                    table.c.school_id == db.school_id(),
                    table.c[column] == source,
                    *(table.c[name] == value for name, value in keys.items()),
                )
                .values({column: target})
            )
    except (IntegrityError, psycopg.IntegrityError):
        return False
    return True


def _end_places(pupil_id: int) -> list[int]:
    """End the places in class that hold today; their ids."""
    return list(
        db.session().scalars(
            update(Enrollment)
            .where(
                Enrollment.school_id == db.school_id(),
                Enrollment.pupil_id == pupil_id,
                Enrollment.ends_on.is_(None),
            )
            .values(ends_on=func.greatest(Enrollment.starts_on, clock.today()) - 1)
            .returning(Enrollment.id)
        )
    )
