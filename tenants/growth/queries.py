"""A child's growth record, as the family and the teachers read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from campus import clock, db
from campus.actor import Actor
from campus.errors import NotFound
from tenants.classes.areas import AREAS, KIND_TEXTS
from tenants.growth.models import GrowthBook, GrowthRecord
from tenants.media.models import Photo
from tenants.media.queries import photo_url
from tenants.people import scope
from tenants.people.models import Pupil, Staff
from tenants.people.queries import polite

PAGE = 20
MOST_CHANGES = 100


@dataclass(frozen=True, slots=True)
class Record:
    """One record as pages draw it; a withdrawn one has only ``id`` and ``seq``."""

    id: int
    seq: int
    withdrawn: bool
    at: datetime
    author: str
    author_role: str
    area: str
    area_title: str
    kind: str
    text: str
    photo_url: str | None
    photo_w: int | None
    photo_h: int | None


def _records(pupil_id: int) -> db.AnySelect:
    return (
        select(
            GrowthRecord.id,
            GrowthRecord.seq,
            GrowthRecord.withdrawn_at,
            GrowthRecord.happened_at,
            Staff.name.label("author"),
            Staff.title.label("author_role"),
            GrowthRecord.origin,
            GrowthRecord.area,
            GrowthRecord.kind,
            GrowthRecord.text,
            Photo.key.label("photo_key"),
            Photo.width,
            Photo.height,
        )
        .outerjoin(Staff, db.on(GrowthRecord, Staff, "staff_id"))
        .outerjoin(Photo, db.on(GrowthRecord, Photo, "photo_id"))
        .where(GrowthRecord.school_id == db.school_id(), GrowthRecord.pupil_id == pupil_id)
    )


def _read(row: Any) -> Record:
    kind = KIND_TEXTS.get(row.kind, "")
    shown = row.withdrawn_at is None
    return Record(
        id=row.id,
        seq=row.seq,
        withdrawn=not shown,
        at=row.happened_at,
        author=polite(row.author) if row.author else row.origin or "学校",
        author_role=row.author_role or "",
        area=row.area,
        area_title=AREAS.get(row.area, ""),
        kind=kind if kind != row.text else "",
        text=row.text,
        photo_url=photo_url(row.photo_key) if shown and row.photo_key else None,
        photo_w=row.width,
        photo_h=row.height,
    )


def timeline(
    pupil_id: int, *, before: datetime | None = None, area: str = "", limit: int = PAGE
) -> list[Record]:
    """The standing records of a child (already reached), newest first."""
    statement = _records(pupil_id).where(GrowthRecord.withdrawn_at.is_(None))
    if before is not None:
        statement = statement.where(GrowthRecord.happened_at < before)
    if area:
        statement = statement.where(GrowthRecord.area == area)
    newest = statement.order_by(GrowthRecord.happened_at.desc(), GrowthRecord.id.desc())
    return [_read(row) for row in db.rows(newest.limit(limit))]


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened in a book after a cursor; ``cursor`` is where the reader stands now."""

    records: list[Record]
    cursor: int


def changes(pupil_id: int, *, since: int) -> Changes:
    """Records made or withdrawn after ``since``, in the order they happened to the book."""
    rows = db.rows(
        _records(pupil_id)
        .where(GrowthRecord.seq > since)
        .order_by(GrowthRecord.seq)
        .limit(MOST_CHANGES)
    )
    found = [_read(row) for row in rows]
    return Changes(found, found[-1].seq if found else since)


def cursor(pupil_id: int) -> int:
    """Where a reader stands who has seen everything."""
    rows = db.rows(
        select(GrowthBook.last_seq).where(
            GrowthBook.school_id == db.school_id(), GrowthBook.pupil_id == pupil_id
        )
    )
    return rows[0][0] if rows else 0


def reach_child(actor: Actor, pupil_id: int) -> None:
    """Raise NotFound unless the child is the actor's own."""
    own = scope.children_of(actor)
    if not db.rows(own.where(own.selected_columns[0] == pupil_id)):
        raise NotFound


def reach_pupil(actor: Actor, pupil_id: int) -> Any:
    """The name, sex and id of a pupil the actor teaches. Raises NotFound otherwise."""
    rows = db.rows(
        select(Pupil.id, Pupil.name, Pupil.sex).where(
            Pupil.school_id == db.school_id(),
            Pupil.id == pupil_id,
            Pupil.id.in_(scope.taught_pupils(actor)),
        )
    )
    if not rows:
        raise NotFound
    return rows[0]


@dataclass(frozen=True, slots=True)
class AreaCount:
    """How often something was seen in one area; never a score, never compared."""

    area: str
    title: str
    count: int


def areas_since(pupil_id: int, day: date | None) -> list[AreaCount]:
    """All five areas in their fixed order with the number of records since ``day``."""
    statement = (
        select(GrowthRecord.area, func.count())
        .where(
            GrowthRecord.school_id == db.school_id(),
            GrowthRecord.pupil_id == pupil_id,
            GrowthRecord.withdrawn_at.is_(None),
        )
        .group_by(GrowthRecord.area)
    )
    if day is not None:
        statement = statement.where(GrowthRecord.happened_at >= clock.begins(day))
    counted = {row[0]: row[1] for row in db.rows(statement)}
    return [AreaCount(key, title, counted.get(key, 0)) for key, title in AREAS.items()]
