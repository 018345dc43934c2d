"""Everything the school holds about one child, gathered once: each capability gives a chapter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from campus import db, personal_data
from campus.errors import NotFound
from campus.personal_data import Chapter, Reader
from campus.schools.models import School
from tenants.people.book import stays_of
from tenants.people.models import Pupil
from tenants.people.queries import given_name


@dataclass(frozen=True, slots=True)
class Part:
    """A chapter, and the folder of the zip its files lie in (empty, or with a slash behind)."""

    chapter: Chapter
    folder: str


@dataclass(frozen=True, slots=True)
class Book:
    """One child's take-away; ``since`` and ``until`` are the first and the last day in a class."""

    school: str
    school_mark: str
    name: str
    since: date | None
    until: date | None
    parts: list[Part]

    @property
    def call(self) -> str:
        """What the family calls the child."""
        return given_name(self.name)


def gather(pupil_id: int, reader: Reader) -> Book:
    """The book of one pupil of the entered school, as the reader may know it. Raises NotFound."""
    session = db.session()
    pupil = session.scalar(
        select(Pupil).where(Pupil.school_id == db.school_id(), Pupil.id == pupil_id)
    )
    if pupil is None:
        raise NotFound
    school = session.get_one(School, db.school_id())
    stays = list(stays_of(pupil_id))
    return Book(
        school=school.name,
        school_mark=school.short_name[:1],
        name=pupil.name,
        since=stays[0].starts_on if stays else None,
        until=stays[-1].ends_on if stays else None,
        parts=list(_parts(pupil_id, reader)),
    )


def _parts(pupil_id: int, reader: Reader) -> Iterator[Part]:
    for name, data in personal_data.DECLARED.items():
        found = data.collect(pupil_id, reader) if data.collect else None
        if found is not None:
            yield Part(found, "" if found.fields else f"chapters/{name}/")
