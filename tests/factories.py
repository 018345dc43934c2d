"""Two schools with their people, made by the actions people use; a canary in every text.

`plant` builds both in an empty migrated database and returns a `Seed`: ids, session tokens and
canaries, plain enough to be kept as JSON for the other workers of the run. School B mirrors A, so
every check can be played in both directions: the actor ``guardian`` of A is ``guardian_b`` of B.
"""

from __future__ import annotations

import io
import uuid
from datetime import date, timedelta
from typing import Any

from PIL import Image
from sqlalchemy import func, select, update

from campus import clock, db, storage
from campus.actor import Actor
from campus.identity import actions as identity
from campus.identity import passwords, throttle
from campus.identity.models import Account
from campus.permissions import Role
from campus.schools.actions import open_school
from campus.schools.models import Membership
from tenants.classes.actions import award_praise, take_attendance
from tenants.media.models import Photo
from tenants.messages.actions import announce
from tenants.oversight.approval import Asked, request_approval
from tenants.people.calendar import school_year_of
from tenants.people.employ import Duty, NewStaff, assign_staff, employ_staff, open_subjects
from tenants.people.enrol import (
    GuardianTie,
    NewPupil,
    enrol_pupils,
    join_guardians,
    link_guardians,
    open_classes,
)
from tenants.people.models import Assignment, Guardian, Staff, StaffDuty
from tenants.people.roles import Office, give_office
from tenants.privacy import certificate, tasks
from tenants.rollover.models import Turn
from tenants.rollover.single import suspend, take_in
from tenants.roster.imports.models import ImportLine, ImportRun, PupilMerge
from tests.support.canary import new_canary
from tests.support.doors import plant_passkey
from tests.support.families import consents, plant_families
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
        Planter(seed, school, number, password_hash).run()
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


class Planter:
    """Builds one school, step by step, in one transaction."""

    def __init__(self, seed: Seed, school: SchoolSeed, number: int, password_hash: str) -> None:
        self.seed, self.school, self.number = seed, school, number
        self.password_hash = password_hash
        self.tail = "" if school.key == "a" else f"_{school.key}"
        self.today = clock.today()

    def run(self) -> None:
        """Everything, in the order a school would do it."""
        with db.transaction():
            self._open()
            self._employ()
            self._enrol()
            self._families()
            plant_year(self.school, self._text, self.today)
        with db.transaction(school_id=self.school.id):
            self._a_day()
            plant_families(
                self.school, self.seed.actor(f"class_teacher{self.tail}"), self.number, SECRET
            )
            self._access()
            self._turns()
            self._takeaways()
            self._imports()
            plant_passkey(self.school, self.seed.people[f"guardian{self.tail}"].account_id)

    def _open(self) -> None:
        made = open_school(
            Actor.system(),
            name=NAMES[self.school.key],
            slug=self.school.slug,
            short_name=NAMES[self.school.key][:2],
        )
        self.school.id = made.id
        self.system = Actor.system(made.id)

    def _phone(self, name: str) -> str:
        place = (*STAFF, *GUARDIANS).index(name)
        return f"120000{self.number + 1:02d}{place:03d}"

    def _text(self, words: str) -> str:
        return words + self.school.canary

    def _person(self, name: str, account_id: int, role: Role) -> None:
        self.seed.people[name + self.tail] = Person(
            name + self.tail,
            self.school.key,
            account_id,
            phone=self._phone(name),
            full_name=self._text(SURNAMES[name]),
            roles=[role],
        )

    def _employ(self) -> None:
        new = [
            NewStaff(
                self._text(SURNAMES[name]), self._phone(name), frozenset({role}), self._text("职")
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
        subject = next(iter(open_subjects(self.system, [self._text("数学")]).values()))
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
                self._text(SURNAMES[name]),
                self._phone(name),
                self._text("妈妈"),
            )
            for name, whose in GUARDIANS.items()
        ]
        link_guardians(self.system, ties)
        accounts = identity.register_accounts(
            {tie.phone: tie.name for tie in ties}, password_hash=self.password_hash
        )
        join_guardians(self.system, accounts)
        consents()
        for name in GUARDIANS:
            self._person(name, accounts[self._phone(name)], Role.GUARDIAN)

    def _a_day(self) -> None:
        """What happens in class: attendance, praise with a photo, a notice."""
        ids, private = self.school.ids, self.school.private
        teacher = self.seed.actor(f"class_teacher{self.tail}")
        other = self.seed.actor(f"other_teacher{self.tail}")
        for half in ("am", "pm"):
            ids[f"sheet_{half}"] = take_attendance(
                teacher,
                class_id=ids["class"],
                day=self.today,
                half=half,
                exceptions={ids["classmate"]: "late"},
            )
        for name in PUPILS:
            ids[f"praise_{name}"] = award_praise(
                other if name == "stranger" else teacher,
                class_id=ids["other_class" if name == "stranger" else "class"],
                pupil_ids=[ids[name]],
                area="moral",
                text=f"帮助同学{private[name]}{self.school.canary}",
                photo=picture() if name == "child" else None,
                key=f"seed-{name}",
            )
        announce(
            teacher, class_ids=[ids["class"]], title=self._text("通知"), body=self._text("请带书")
        )
        self.school.files += db.session().scalars(select(Photo.key)).all()
        ids["photo"] = db.session().scalars(select(Photo.id)).one()

    def _access(self) -> None:
        """An office, a guardian's row, a question the head asked."""
        ids, session = self.school.ids, db.session()
        office = Office("dean", self.today, self.today + 60 * DAY)
        give_office(self.system, staff_id=ids["staff_disabled"], office=office)
        ids["duty"] = session.scalars(select(StaffDuty.id)).one()
        ids["assignment"] = session.scalars(
            select(Assignment.id).where(Assignment.staff_id == ids["staff_disabled"])
        ).one()
        ids["guardian_row"] = session.scalars(
            select(Guardian.id).where(Guardian.phone == self._phone("guardian"))
        ).one()
        asked = Asked("staff-list", "none", self._text("名单"), "/staff")
        head = self.seed.actor(f"head{self.tail}")
        ids["approval"] = request_approval(head, asked=asked, reason=self._text("上报"))

    def _imports(self) -> None:
        """Imports at every station, and a merge that can be undone."""
        ids, session = self.school.ids, db.session()
        sheet = {"name": self._text("表"), "kind": "学生", "header": 0, "titles": ["姓名"]}
        sheet |= {"places": {"姓名": 0}, "fixed": {}, "sample": [], "rows": 1}
        counts = {"rows": 1, "new": 1}
        for name in ("columns", "ready", "again", "answer", "apply", "cancel"):
            state = "columns" if name == "columns" else "ready"
            run = ImportRun(
                state=state, size=1, sheets=[sheet], counts=counts, created_at=clock.now()
            )
            session.add(run)
            session.flush()
            ids[f"import_{name}"] = run.id
        detail = '{"changes": [], "problems": []}'
        text = self._text("行")
        session.add(
            ImportLine(
                run_id=ids["import_ready"],
                line=1,
                sheet=text,
                row=2,
                outcome="new",
                name=text,
                group="",
                detail=detail,
            )
        )
        merge = PupilMerge(
            kept_id=ids["child"], gone_id=ids["stranger"], moved={}, created_at=clock.now()
        )
        session.add(merge)
        session.flush()
        ids["merge"] = merge.id

    def _takeaways(self) -> None:
        """A family's and the office's books, a zip that came, erasures: open and done."""
        ids, school = self.school.ids, self.school.id
        family = self.seed.actor(f"guardian{self.tail}")
        office = self.seed.actor(f"admin{self.tail}")
        key = storage.object_key(school, uuid.uuid4())
        storage.store().put(school, key, b"PK", "application/zip")
        kept = {"key": key, "size": 2, "expires_at": clock.now() + 7 * DAY}
        child = {"subject_id": ids["child"], "reason": "transfer"}
        made = certificate.body(
            certificate=f"XC-{self.school.canary}", kind="erase-optional",
            school=NAMES[self.school.key], subject_id=1, reason="withdrawn", asked_by=1,
            asked_at=clock.now(), confirmed_by=2, counts={"growth_record": 1},
        )  # fmt: skip
        wishes: dict[str, tuple[Actor, str, str, dict[str, Any]]] = {
            "mine_open": (family, "mine", "waiting", child),
            "mine_done": (family, "mine", "done", child | kept),
            "taken_open": (office, "pupil", "waiting", {"subject_id": ids["stranger"]}),
            "taken_done": (office, "pupil", "done", child | kept),
            "bring_one": (self.system, "bring", "asked", {"sha256": b"1", "detail": {}}),
            "bring_two": (self.system, "bring", "asked", {"sha256": b"2", "detail": {}}),
            "erase_one": (self.system, "erase-optional", "asked", {"subject_id": ids["stranger"]}),
            "erase_two": (self.system, "erase-optional", "asked", {"subject_id": ids["departed"]}),
            "erase_done": (
                self.system, "erase-optional", "done", {"detail": {**made, "sha256": "0" * 64}}
            ),
        }  # fmt: skip
        for name, (actor, kind, state, more) in wishes.items():
            ids[name] = tasks.add(actor, kind=kind, state=state, **more).id

    def _turns(self) -> None:
        """A pupil who comes in a month, and one on leave: neither is in a class today."""
        ids, admin = self.school.ids, self.seed.actor(f"admin{self.tail}")
        soon, room = self.today + 30 * DAY, ids["other_class"]
        take_in(admin, name=self._text("来"), class_id=room, on=soon, seat_no=41)
        ids["turn"] = db.session().scalars(select(func.max(Turn.id))).one()
        pupil = NewPupil(self._text("别"), room, 40)
        [ids["departed"]] = enrol_pupils(self.system, [pupil], starts_on=self.today - 60 * DAY)
        suspend(admin, pupil_id=ids["departed"], on=self.today - 30 * DAY, reason=self._text("病"))


def staff_id(name: str, seed: Seed) -> int:
    """The staff row of one of A's or B's teachers."""
    person = seed.people[name]
    with db.transaction(school_id=seed.schools[person.school or ""].id) as session:
        return session.scalars(select(Staff.id).where(Staff.account_id == person.account_id)).one()
