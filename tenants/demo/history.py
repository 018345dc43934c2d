"""Three weeks of a school that is there: who acts in which class, day after day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import select

from campus import clock, db
from campus.actor import Actor
from campus.clock import SHANGHAI
from campus.identity.models import Account
from campus.permissions import Role
from tenants.demo import sentences
from tenants.demo.days import Diary, Room
from tenants.demo.imagine import HEAD, HEJIATU, PARENT, Imagined, known_class
from tenants.demo.year import school_days
from tenants.messages.actions import announce
from tenants.people.enrol import open_classes
from tenants.people.models import Enrollment, Guardian, Guardianship, Staff
from tenants.roster.cell_values import ClassKey

Progress = Callable[[str, float], None]
FEATURED_MORE = 5
NOTICE_AT = time(16, 5)


@dataclass(frozen=True, slots=True)
class Employed:
    """A member of staff who is there now, as a teacher who acts."""

    phone: str
    staff_id: int
    actor: Actor


def employed() -> list[Employed]:
    """Everybody who works at the entered school."""
    school_id = db.school_id()
    rows = db.rows(
        select(Account.phone, Staff.id, Account.id, Staff.name)
        .join(Account, Account.id == Staff.account_id)
        .where(Staff.school_id == school_id)
    )
    teacher = frozenset({Role.TEACHER})
    return [Employed(row[0], row[1], Actor(row[2], row[3], school_id, teacher)) for row in rows]


@dataclass(frozen=True, slots=True)
class Life:
    """The history of one school, inside the transaction that makes it."""

    imagined: Imagined
    diary: Diary
    progress: Progress

    def live(self) -> None:
        """Attendance, praise and notices of the last weeks of teaching."""
        plan, diary = self.imagined.plan, self.diary
        rooms, days = self._rooms(), school_days(clock.day_of(diary.now), plan.history_days)
        notices = {room.class_id: diary.plan_notices(days) for room in rooms}
        for place, day in enumerate(days):
            self.progress(f"{plan.name}：{day}", place / len(days))
            for room in rooms:
                praises = diary.random.randint(*plan.praise_a_day)
                diary.live(room, day, praises + FEATURED_MORE * room.featured)
            if day == days[0]:
                self._school_notice(rooms, datetime.combine(day, NOTICE_AT, SHANGHAI))
            for room in rooms:
                if day in notices[room.class_id]:
                    diary.send_notice(room, day, notices[room.class_id][day])

    def _rooms(self) -> list[Room]:
        """Every class with its pupils and those who teach it, the class teacher first."""
        actors = {person.phone: person.actor for person in employed()}
        classes = open_classes(Actor.system(db.school_id()), ())
        pupils: dict[int, list[int]] = {}
        places = select(Enrollment.class_id, Enrollment.pupil_id).order_by(Enrollment.pupil_id)
        for class_id, pupil_id in db.rows(places.where(Enrollment.school_id == db.school_id())):
            pupils.setdefault(class_id, []).append(pupil_id)
        known = self._known_children()
        whose = HEJIATU.slug == self.imagined.plan.slug
        featured = known_class(clock.day_of(self.diary.now)) if whose else None
        return [
            Room(
                classes[key],
                tuple(pupils[classes[key]]),
                tuple(actors[number] for number in _teachers(self.imagined, key)),
                key == featured,
                known.get(classes[key]),
            )
            for key in self.imagined.classes
        ]

    def _known_children(self) -> dict[int, int]:
        """The demo parent's children by class."""
        rows = db.rows(
            select(Enrollment.class_id, Enrollment.pupil_id)
            .join(Guardianship, Guardianship.pupil_id == Enrollment.pupil_id)
            .join(Guardian, Guardian.id == Guardianship.guardian_id)
            .where(
                Enrollment.school_id == db.school_id(),
                Guardianship.school_id == db.school_id(),
                Guardian.school_id == db.school_id(),
                Guardian.phone == PARENT,
            )
        )
        return {class_id: pupil_id for class_id, pupil_id in rows}  # noqa: C416

    def _school_notice(self, rooms: list[Room], at: datetime) -> None:
        """One notice of the head to all families, where the school has the demo's head."""
        heads = [person.actor for person in employed() if person.phone == HEAD]
        if not heads or at > self.diary.now:
            return
        actor = heads[0]
        head = Actor(actor.account_id, actor.name, db.school_id(), frozenset({Role.HEAD}))
        title, body = sentences.SCHOOL_NOTICE
        announce(head, class_ids=[room.class_id for room in rooms], title=title, body=body, at=at)


def _teachers(imagined: Imagined, key: ClassKey) -> list[str]:
    own = [one.phone for one in imagined.staff if one.homeroom == key]
    others = [
        one.phone
        for one in imagined.staff
        if one.homeroom != key and any(at == key for at, _ in one.teaching)
    ]
    return own + others
