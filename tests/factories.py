"""Two schools with their people, made by the actions people use; a canary in every text.

Who is there stands here; what a capability keeps of them it plants itself, in its `factory.py`.
`plant` builds both in an empty migrated database and returns a `Seed`: ids, session tokens and
canaries, plain enough to be kept as JSON for the other workers of the run. School B mirrors A, so
every check can be played in both directions: the actor ``guardian`` of A is ``guardian_b`` of B.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, timedelta

from PIL import Image
from sqlalchemy import select, update

from campus import clock, db
from campus.actor import Actor
from campus.identity import actions as identity
from campus.identity import passwords, throttle
from campus.identity.models import Account
from campus.permissions import Role
from campus.schools.actions import open_school
from campus.schools.models import Membership
from tenants.people.calendar import school_year_of
from tenants.people.consents import VERSIONS, Answer, record_answers
from tenants.people.employ import Duty, NewStaff, assign_staff, employ_staff, open_subjects
from tenants.people.enrol import (
    GuardianTie,
    NewPupil,
    enrol_pupils,
    join_guardians,
    link_guardians,
    open_classes,
)
from tenants.people.models import Assignment, Guardian, Guardianship, Staff
from tests.support.canary import new_canary
from tests.support.doors import plant_passkey
from tests.support.planting import Planting, factories
from tests.support.seed import GUARDIANS, Person, SchoolSeed, Seed
from tests.support.year import plant_year

SECRET = "test-secret-test-secret-test-secret-32"
PASSWORD = "落霞与孤鹜齐飞"
SLUGS = {"a": "jiaxiao", "b": "yixiao"}
NAMES = {"a": "甲山小学", "b": "乙水小学"}
TEACHERS = (
    *("class_teacher", "subject_teacher", "other_teacher", "former_teacher", "disabled"),
    "newcomer",
)
STAFF = {"admin": Role.ADMIN, "head": Role.HEAD} | dict.fromkeys(TEACHERS, Role.TEACHER)
SURNAMES = dict(zip((*STAFF, *GUARDIANS), "赵钱孙李周吴郑王冯陈褚卫", strict=False))
PUPILS = ("child", "classmate", "stranger")
DAY = timedelta(days=1)


def picture(width: int = 64, height: int = 48, kind: str = "JPEG", colour: str = "teal") -> bytes:
    """A small real picture."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, kind)
    return out.getvalue()


def plant() -> Seed:
    """Make both schools; `campus.db` points at a migrated, empty database as web."""
    seed = Seed({}, {"anonymous": Person("anonymous", None)})
    password_hash = passwords.hashed(PASSWORD)
    for number, key in enumerate(SLUGS):
        school = SchoolSeed(key, SLUGS[key])
        seed.schools[key] = school
        Planter(seed, school, number, clock.today(), SECRET, password_hash).run()
    _plant_operator(seed, password_hash)
    for person in seed.people.values():
        if person.phone:
            sign_in(person)
    _end_rights(seed)
    return seed


def sign_in(person: Person, device: str = "") -> Person:
    """Give the person a session by the real sign-in; ``device`` is the device's key."""
    attempt = throttle.Attempt(person.phone, device or f"device-{person.name}", "127.0.0.1")
    made = identity.sign_in(attempt, password=PASSWORD, user_agent="Chrome/1 Linux", secret=SECRET)
    mine, lasting = identity.AccountSession, clock.now() + DAY
    with db.transaction() as session:  # a run of all tests takes longer than a proof lasts
        rows = session.execute(
            update(mine)
            .where(mine.token_hash == identity.token_hash(made.token))
            .values(confirmed_at=lasting)
            .returning(mine.id)
        )
        person.session_id = rows.scalar_one()
    person.token = made.token
    return person


def _plant_operator(seed: Seed, password_hash: str) -> None:
    phone = "12000009999"
    with db.transaction() as session:
        number = identity.register_accounts({phone: "运维员"}, password_hash=password_hash)[phone]
        session.execute(update(Account).where(Account.id == number).values(operator=True))
    seed.people["operator"] = Person(
        "operator", None, number, phone=phone, full_name="运维员", roles=[Role.OPERATOR]
    )


def _end_rights(seed: Seed) -> None:
    """What no action does yet: disable an account, end a membership. Sessions stand.

    One colleague of each school is as if nobody had told them a first password yet.
    """
    for tail in ("", "_b"):
        disabled, left = seed.people[f"disabled{tail}"], seed.people[f"ex_guardian{tail}"]
        newcomer = seed.people[f"newcomer{tail}"].account_id
        with db.transaction() as session:
            session.execute(
                update(Account)
                .where(Account.id == disabled.account_id)
                .values(disabled_at=clock.now())
            )
            session.execute(
                update(Account).where(Account.id == newcomer).values(password_hash=None)
            )
            session.execute(
                update(Membership)
                .where(Membership.account_id == left.account_id)
                .values(ended_at=clock.now())
            )


@dataclass
class Planter(Planting):
    """Builds one school: who is there, here; what each capability keeps of them, its factory.py."""

    password_hash: str

    def run(self) -> None:
        """Everything, in the order a school would do it."""
        with db.transaction():
            self._open()
            self._employ()
            self._enrol()
            self._families()
            plant_year(self.school, self.text, self.today)
        with db.transaction(school_id=self.school.id):
            for plant_own in factories():
                plant_own(self)
            plant_passkey(self.school, self.person("guardian").account_id)

    def _open(self) -> None:
        made = open_school(
            Actor.system(),
            name=NAMES[self.school.key],
            slug=self.school.slug,
            short_name=NAMES[self.school.key][:2],
        )
        self.school.id = made.id

    def _phone(self, name: str) -> str:
        place = (*STAFF, *GUARDIANS).index(name)
        return f"120000{self.number + 1:02d}{place:03d}"

    def _person(self, name: str, account_id: int, role: Role) -> None:
        self.seed.people[name + self.tail] = Person(
            name + self.tail,
            self.school.key,
            account_id,
            phone=self._phone(name),
            full_name=self.text(SURNAMES[name]),
            roles=[role],
        )

    def _employ(self) -> None:
        new = [
            NewStaff(
                self.text(SURNAMES[name]), self._phone(name), frozenset({role}), self.text("职")
            )
            for name, role in STAFF.items()
        ]
        ids = employ_staff(self.system, new, password_hash=self.password_hash)
        accounts = identity.register_accounts({one.phone: one.name for one in new})
        for name, role in STAFF.items():
            self._person(name, accounts[self._phone(name)], role)
            self.school.ids[f"staff_{name}"] = ids[self._phone(name)]

    def _enrol(self) -> None:
        year = school_year_of(self.today) - 2
        classes = open_classes(self.system, [(year, 1), (year, 2)])
        self.school.ids |= {"class": classes[year, 1], "other_class": classes[year, 2]}
        subject = next(iter(open_subjects(self.system, [self.text("数学")]).values()))
        self.school.ids["subject"] = subject
        pupils = []
        for seat, name in enumerate(PUPILS, start=1):
            self.school.private[name] = new_canary()
            room = self.school.ids["other_class" if name == "stranger" else "class"]
            text = f"童{self.school.private[name]}{self.school.canary}"
            pupils.append(NewPupil(text, room, seat, sex=1, birthday=date(2016, 5, seat)))
        made = enrol_pupils(self.system, pupils, starts_on=self.today - 60 * DAY)
        self.school.ids |= dict(zip(PUPILS, made, strict=True))
        self._assign()

    def _assign(self) -> None:
        ids = self.school.ids
        duties = [
            Duty(ids["staff_class_teacher"], ids["class"]),
            Duty(ids["staff_subject_teacher"], ids["class"], ids["subject"]),
            Duty(ids["staff_other_teacher"], ids["other_class"]),
            Duty(ids["staff_disabled"], ids["class"], ids["subject"]),
            Duty(ids["staff_former_teacher"], ids["class"], ids["subject"]),
        ]
        assign_staff(self.system, duties, starts_on=self.today - 60 * DAY)
        db.session().execute(
            update(Assignment)
            .where(Assignment.staff_id == ids["staff_former_teacher"])
            .values(ends_on=self.today - DAY)
        )

    def _families(self) -> None:
        ties = [
            GuardianTie(
                self.school.ids[whose],
                self.text(SURNAMES[name]),
                self._phone(name),
                self.text("妈妈"),
            )
            for name, whose in GUARDIANS.items()
        ]
        link_guardians(self.system, ties)
        accounts = identity.register_accounts(
            {tie.phone: tie.name for tie in ties}, password_hash=self.password_hash
        )
        join_guardians(self.system, accounts)
        _consents()
        for name in GUARDIANS:
            self._person(name, accounts[self._phone(name)], Role.GUARDIAN)


def staff_id(name: str, seed: Seed) -> int:
    """The staff row of one of A's or B's teachers."""
    person = seed.people[name]
    with db.transaction(school_id=seed.schools[person.school or ""].id) as session:
        return session.scalars(select(Staff.id).where(Staff.account_id == person.account_id)).one()


def _consents() -> None:
    """Every guardian who joined the entered school says yes to everything."""
    ties = db.session().execute(
        select(Guardianship.guardian_id, Guardianship.pupil_id)
        .join(Guardian, Guardian.id == Guardianship.guardian_id)
        .where(Guardian.account_id.is_not(None))
    )
    record_answers(
        Actor.system(db.school_id()),
        [Answer(one, pupil, purpose, agreed=True) for one, pupil in ties for purpose in VERSIONS],
        channel="joining",
    )
