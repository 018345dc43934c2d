"""The last three weeks: attendance each morning, praise through the day, a few notices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random

from campus import clock, db, storage
from campus.actor import Actor
from campus.clock import SHANGHAI
from campus.errors import InvalidInput
from campus.pictures.redraw import Picture, redrawn
from tenants.classes.actions import award_praise, take_attendance
from tenants.demo import sentences
from tenants.demo.pictures import picture
from tenants.media.actions import JPEG, Kept, named
from tenants.messages.actions import announce

# Children away in one class on one morning, on average.
EXCEPTIONS = 0.8
STATES = ("sick", "leave", "late", "absent")
STATE_WEIGHTS = (45, 30, 22, 3)
PHOTOS = 8
SHOWN_SHARE = 0.12
KNOWN_SHARE = 0.15
NOTICES = (1, 2)


@dataclass(frozen=True, slots=True)
class Room:
    """A class as its teachers act in it; the first actor is the class teacher."""

    class_id: int
    pupil_ids: tuple[int, ...]
    teachers: tuple[Actor, ...]
    featured: bool = False
    known: int | None = None  # the child of the demo's parent: seen often, so there is a story


@dataclass(slots=True)
class Camera:
    """Pictures for praise, drawn before a school is made and stored once it is made."""

    pictures: list[Picture]
    broken: bool = False

    @classmethod
    def loaded(cls, random: Random) -> Camera:
        """A camera with its pictures; without any where the object store does not answer."""
        if not storage.store().healthy():
            return cls([], broken=True)
        return cls([redrawn(picture(random)) for _ in range(PHOTOS)])

    def take(self) -> Picture | None:
        """A picture, or None when there is none to give."""
        return self.pictures.pop() if self.pictures else None

    def keep(self, school_id: int, kept: Kept, data: bytes) -> None:
        """Store a picture that a school's row names."""
        try:
            storage.store().put(school_id, kept.key, data, JPEG)
        except storage.StorageUnavailable:
            self.broken = True


@dataclass(frozen=True, slots=True)
class Diary:
    """Writes the days of classes up to ``now``, decided by ``random``."""

    random: Random
    camera: Camera
    now: datetime

    def live(self, room: Room, day: date, praises: int) -> None:
        """One class on one day; today's roll of the featured class is left to its teacher."""
        roll_call = datetime.combine(day, time(8, self.random.randint(5, 18)), SHANGHAI)
        exceptions = self._exceptions(room)
        if roll_call < self.now and not (room.featured and day == clock.day_of(self.now)):
            take_attendance(
                room.teachers[0],
                class_id=room.class_id,
                day=day,
                half="am",
                exceptions=exceptions,
                at=roll_call,
            )
        for moment in self._moments(day, praises):
            if moment < self.now:
                self._praise(room, moment)

    def _exceptions(self, room: Room) -> dict[int, str]:
        count = sum(self.random.random() < EXCEPTIONS / 4 for _ in range(4))
        return {
            pupil_id: self.random.choices(STATES, STATE_WEIGHTS)[0]
            for pupil_id in self.random.sample(room.pupil_ids, count)
        }

    def _moments(self, day: date, count: int) -> list[datetime]:
        first, last = 8 * 3600 + 25 * 60, 16 * 3600 + 25 * 60
        start = datetime.combine(day, time(0), SHANGHAI)
        seconds = sorted(self.random.randint(first, last) for _ in range(count))
        return [start + timedelta(seconds=each) for each in seconds]

    def _praise(self, room: Room, moment: datetime) -> None:
        random = self.random
        teacher = room.teachers[0] if random.random() < 0.5 else random.choice(room.teachers)
        pupils = random.sample(room.pupil_ids, random.choices((1, 2, 3), (78, 15, 7))[0])
        if room.known and random.random() < KNOWN_SHARE:
            pupils = [room.known]
        if room.featured and random.random() < SHOWN_SHARE:
            photo = self.camera.take()
            shown = room.known if room.known and len(self.camera.pictures) % 2 else pupils[0]
            if photo and self._show(room, teacher, moment, shown, photo):
                return
        area, kind, text = sentences.praise(random)
        award_praise(
            teacher,
            class_id=room.class_id,
            pupil_ids=pupils,
            area=area,
            kind=kind,
            text=text,
            at=moment,
        )

    def _show(
        self, room: Room, teacher: Actor, moment: datetime, pupil_id: int, photo: Picture
    ) -> bool:
        """Praise with a photo; False for a child whose family has not agreed to any."""
        area, kind, text = self.random.choice(sentences.SHOWN)
        school_id = db.school_id()
        kept = named(school_id, photo)
        try:
            award_praise(
                teacher,
                class_id=room.class_id,
                pupil_ids=[pupil_id],
                area=area,
                kind=kind,
                text=text,
                photo=kept,
                at=moment,
            )
        except InvalidInput:
            return False
        db.after_commit(partial(self.camera.keep, school_id, kept, photo.data))
        return True

    def plan_notices(self, days: Sequence[date]) -> dict[date, tuple[str, str]]:
        """One or two notices for a class, each on a day of its own."""
        count = min(len(days), self.random.choice(NOTICES))
        chosen = self.random.sample(sentences.NOTICES, count)
        return dict(zip(self.random.sample(days, count), chosen, strict=True))

    def send_notice(self, room: Room, day: date, notice: tuple[str, str]) -> None:
        """The class teacher writes to the families after school."""
        moment = datetime.combine(day, time(16, self.random.randint(35, 58)), SHANGHAI)
        title, body = notice
        if moment < self.now:
            announce(room.teachers[0], class_ids=[room.class_id], title=title, body=body, at=moment)
