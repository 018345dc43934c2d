"""What was imagined becomes real, by the actions people use; one school, one transaction.

A process killed half-way leaves nothing behind, so `demo --if-empty` can simply begin again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from sqlalchemy import update

from campus import clock, db
from campus.actor import Actor
from campus.errors import CampusError
from campus.identity.actions import register_accounts
from campus.identity.models import Account
from campus.outbox import muted
from campus.schools.actions import open_school
from tenants.classes.timetable import Slot, set_bells, set_timetable
from tenants.demo.agree import agree
from tenants.demo.days import Camera, Diary
from tenants.demo.families import Phones, phone
from tenants.demo.history import Life, Progress, employed
from tenants.demo.imagine import (
    FENGXI,
    HEJIATU,
    OPERATOR,
    SMALL_FENGXI,
    SMALL_HEJIATU,
    Imagined,
    imagine_fengxi,
    imagine_hejiatu,
)
from tenants.demo.lessons import PERIODS, arrange
from tenants.demo.staff import WEEKLY, lessons_of
from tenants.demo.year import BELLS, days_off, term_place, year_of
from tenants.people.days import set_specials
from tenants.people.employ import open_subjects
from tenants.people.enrol import join_guardians, open_classes
from tenants.people.years import open_year
from tenants.roster.run_import import import_roster

SEED = 20260901
JOINED = 0.9
KNOWN_NUMBERS = 100


@dataclass(frozen=True, slots=True)
class Maker:
    """What the making of one school needs at hand."""

    random: Random
    diary: Diary
    password_hash: str
    progress: Progress

    @property
    def today(self) -> date:
        """The school's day."""
        return clock.day_of(self.diary.now)


def build_demo(*, small: bool, password_hash: str, now: datetime, progress: Progress) -> list[str]:
    """Make both schools and the operator; sentences about what could not be made.

    The same day and ``small`` make the same schools.
    """
    random = Random(SEED)  # noqa: S311  invented people, no secret
    phones = Phones(random)
    camera = Camera.loaded(Random(SEED))  # noqa: S311
    maker = Maker(random, Diary(random, camera, now), password_hash, progress)
    plans = (SMALL_HEJIATU, SMALL_FENGXI) if small else (HEJIATU, FENGXI)
    first = imagine_hejiatu(plans[0], random, phones, maker.today)
    guest = first.staff[-1]
    second = imagine_fengxi(plans[1], random, phones, maker.today, guest)
    make_school(first, maker)
    make_school(second, maker)
    _make_operator(password_hash)
    return ["文件服务连不上，演示里没有照片。"] if camera.broken else []


def _make_operator(password_hash: str) -> None:
    with db.transaction() as session:
        register_accounts({OPERATOR: "平台运维"}, password_hash=password_hash)
        session.execute(update(Account).where(Account.phone == OPERATOR).values(operator=True))


def make_school(imagined: Imagined, maker: Maker) -> None:
    """Make one school whole, or not at all."""
    plan, system = imagined.plan, Actor.system()
    with db.transaction():
        open_school(system, name=plan.name, slug=plan.slug, short_name=plan.short_name)
        maker.progress(f"{plan.name}：师生", 0.0)
        _bring_people(imagined, maker)
        _set_year(imagined, maker)
        with muted():  # what happened weeks ago is no news: nobody's phone is hinted at
            Life(imagined, maker.diary, maker.progress).live()


def _bring_people(imagined: Imagined, maker: Maker) -> None:
    actor, year = Actor.system(db.school_id()), year_of(maker.today)
    staff = {one.phone: one.name for one in imagined.staff}
    register_accounts(staff, password_hash=maker.password_hash)
    # Subjects in the order of a timetable, not in the order the roster first names them.
    taught = {subject for one in imagined.staff for _, subject in one.teaching}
    open_subjects(actor, [subject for subject in WEEKLY if subject in taught])
    report = import_roster(actor, table=imagined.table(), starts_on=year.starts_on, met=True)
    if report.problems:
        raise CampusError(f"demo roster: {report.problems[0].message}")
    joining = {
        number: name
        for number, name in imagined.guardians.items()
        if number < phone(KNOWN_NUMBERS) or number in staff or maker.random.random() < JOINED
    }
    accounts = register_accounts(joining, password_hash=maker.password_hash)
    join_guardians(actor, accounts)
    agree(maker.random)


def _set_year(imagined: Imagined, maker: Maker) -> None:
    actor, year = Actor.system(db.school_id()), year_of(maker.today)
    terms = open_year(
        actor, name=year.name, starts_on=year.starts_on, ends_on=year.ends_on, terms=year.terms
    )
    set_specials(actor, first=year.starts_on, last=year.ends_on, days=days_off(year))
    set_bells(actor, bells=BELLS)
    slots = list(_slots(imagined, maker.random))
    for term_id in terms[: term_place(year, maker.today) + 1]:
        set_timetable(actor, term_id=term_id, slots=slots)


def _slots(imagined: Imagined, random: Random) -> Iterator[Slot]:
    actor = Actor.system(db.school_id())
    classes, subjects = open_classes(actor, ()), open_subjects(actor, ())
    staff = {person.phone: person.staff_id for person in employed()}
    week = arrange(lessons_of(imagined.staff, imagined.classes), random)
    for key, lessons in week.classes.items():
        for slot, lesson in sorted(lessons.items()):
            day, period = divmod(slot, PERIODS)
            yield Slot(
                classes[key],  # type: ignore[index]
                day + 1,
                period + 1,
                subjects[lesson.subject],
                staff[str(lesson.teacher)],
            )
