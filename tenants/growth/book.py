"""The chapter of a child's book about growth: every record with its photo and its author."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from campus import clock, db
from campus.personal_data import Chapter, Reader, Sheet, StoredFile
from campus.schools.models import School
from tenants.classes.areas import AREAS, KIND_TEXTS
from tenants.growth.models import GrowthRecord
from tenants.media.models import Photo
from tenants.people.models import Staff
from tenants.people.queries import polite

COLUMNS = ("日期", "方面", "内容", "谁写的", "照片")


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo of a record: its name in the zip, its key in the store."""

    file: str
    key: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Line:
    """One record. ``author`` is shown; ``signed`` names the school as well and travels on."""

    at: datetime
    area: str
    kind: str
    text: str
    author: str
    role: str
    signed: str
    picture: Picture | None

    @property
    def area_title(self) -> str:
        """The area in words."""
        return AREAS.get(self.area, "")

    @property
    def kind_title(self) -> str:
        """The ready sentence, where it says more than the text."""
        words = KIND_TEXTS.get(self.kind, "")
        return words if words != self.text else ""


def chapter(pupil_id: int, _: Reader) -> Chapter:
    """The records, oldest first, and each photo once, in the order of the book."""
    lines = list(_lines(pupil_id))
    pictures = list({line.picture.file: line.picture for line in lines if line.picture}.values())
    return Chapter(
        sheets=(Sheet("成长记录", COLUMNS, [_row(line) for line in lines]),),
        files=tuple(StoredFile(one.file, one.key) for one in pictures),
        template="growth/book.html",
        context={"lines": lines, "areas": _areas(lines)},
        fields=lambda sums: _fields(lines, pictures, sums),
    )


def _areas(lines: list[Line]) -> list[tuple[str, str, int]]:
    """(area, title, how many records): never a score."""
    counts = [line.area for line in lines]
    return [(key, title, counts.count(key)) for key, title in AREAS.items()]


def _row(line: Line) -> tuple[Any, ...]:
    day = line.at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")
    words = "：".join(word for word in (line.kind_title, line.text) if word)
    return day, line.area_title, words, line.signed, line.picture.file if line.picture else ""


def _fields(
    lines: list[Line], pictures: list[Picture], sums: Mapping[str, str]
) -> Mapping[str, Any]:
    return {
        "records": [
            {
                "at": line.at.astimezone(clock.SHANGHAI).isoformat(),
                "area": line.area,
                "kind": line.kind,
                "text": line.text,
                "author": line.signed,
                "photo": line.picture.file if line.picture else None,
            }
            for line in lines
        ],
        "photos": [
            {
                "file": one.file,
                "sha256": sums[one.file],
                "width": one.width,
                "height": one.height,
            }
            for one in pictures
        ],
    }


def _lines(pupil_id: int) -> Iterable[Line]:
    school = db.session().get_one(School, db.school_id()).name
    rows = db.rows(
        select(
            GrowthRecord.happened_at,
            GrowthRecord.area,
            GrowthRecord.kind,
            GrowthRecord.text,
            GrowthRecord.origin,
            Staff.name.label("staff"),
            Staff.title.label("role"),
            Photo.id.label("photo_id"),
            Photo.key,
            Photo.width,
            Photo.height,
            Photo.removed_at,
        )
        .select_from(GrowthRecord)
        .outerjoin(Staff, db.on(GrowthRecord, Staff, "staff_id"))
        .outerjoin(Photo, db.on(GrowthRecord, Photo, "photo_id"))
        .where(
            GrowthRecord.school_id == db.school_id(),
            GrowthRecord.pupil_id == pupil_id,
            GrowthRecord.withdrawn_at.is_(None),
        )
        .order_by(GrowthRecord.happened_at, GrowthRecord.seq)
    )
    files: dict[int, str] = {}
    for row in rows:
        author = row.origin or (polite(row.staff) if row.staff else "老师")
        yield Line(
            row.happened_at,
            row.area,
            row.kind,
            row.text,
            author,
            row.role or "",
            row.origin or f"{school} {author}",
            _picture(row, files),
        )


def _picture(row: Any, files: dict[int, str]) -> Picture | None:
    if row.photo_id is None or row.removed_at is not None:
        return None
    file = files.setdefault(row.photo_id, f"photos/{len(files) + 1:04d}.jpg")
    return Picture(file, row.key, row.width, row.height)
