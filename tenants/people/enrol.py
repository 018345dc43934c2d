"""Bulk writes about children: classes, pupils in classes, guardians and their accounts.

Each function checks the permission, changes many rows in a fixed number of statements, and writes
one audit line. Nothing here hashes a password or sends anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import any_, select

from campus import audit, db
from campus.actor import Actor
from campus.permissions import Role
from campus.schools.actions import grant_roles
from tenants.people.bulk import add_rows, array_of, insert_rows, tie_rows, update_rows
from tenants.people.models import Enrollment, Guardian, Guardianship, HomeroomClass, Pupil
from tenants.people.permissions import People
from tenants.people.pinyin import name_key

ClassKey = tuple[int, int]


class NewPupil(NamedTuple):
    """A child to enrol. ``sex`` follows GB/T 2261.1: 0 unknown, 1 male, 2 female."""

    name: str
    class_id: int
    seat_no: int | None = None
    sex: int = 0
    birthday: date | None = None


@dataclass(frozen=True, slots=True)
class Amended:
    """What a pupil's row and current place become: every field as it should be afterwards."""

    pupil_id: int
    enrollment_id: int
    seat_no: int | None
    sex: int
    birthday: date | None


class GuardianTie(NamedTuple):
    """A guardian, known by phone within the school, tied to one child."""

    pupil_id: int
    name: str
    phone: str
    relation: str
    contact_order: int = 1


def open_classes(actor: Actor, keys: Iterable[ClassKey]) -> dict[ClassKey, int]:
    """Make the classes (entry year, number) that are missing; ids of all classes of the school."""
    actor.check(People.IMPORT)
    known = _classes()
    missing = sorted(set(keys) - known.keys())
    if not missing:
        return known
    columns = {
        "entry_year": [year for year, _ in missing],
        "number": [number for _, number in missing],
    }
    made = insert_rows(HomeroomClass, columns)
    audit.record(actor, "people.open-classes", "class", None, classes=len(made))
    return known | dict(zip(missing, made, strict=True))


def _classes() -> dict[ClassKey, int]:
    rows = db.session().execute(
        select(HomeroomClass.entry_year, HomeroomClass.number, HomeroomClass.id).where(
            HomeroomClass.school_id == db.school_id()
        )
    )
    return {(year, number): class_id for year, number, class_id in rows}


def enrol_pupils(actor: Actor, pupils: Sequence[NewPupil], *, starts_on: date) -> list[int]:
    """Make pupils and put them into their classes from ``starts_on``; their ids, in order."""
    actor.check(People.IMPORT)
    if not pupils:
        return []
    ids = insert_rows(
        Pupil,
        {
            "name": [pupil.name for pupil in pupils],
            "name_key": [name_key(pupil.name) for pupil in pupils],
            "sex": [pupil.sex for pupil in pupils],
            "birthday": [pupil.birthday for pupil in pupils],
        },
    )
    add_rows(
        Enrollment,
        {
            "pupil_id": ids,
            "class_id": [pupil.class_id for pupil in pupils],
            "seat_no": [pupil.seat_no for pupil in pupils],
            "starts_on": [starts_on for _ in pupils],
        },
    )
    audit.record(actor, "people.enrol", "pupil", None, pupils=len(ids))
    return ids


def amend_pupils(actor: Actor, changes: Sequence[Amended]) -> None:
    """Correct seat, sex and birthday of pupils of the school."""
    actor.check(People.IMPORT)
    if not changes:
        return
    update_rows(
        Pupil,
        [change.pupil_id for change in changes],
        {
            "sex": [change.sex for change in changes],
            "birthday": [change.birthday for change in changes],
        },
    )
    seats = {"seat_no": [change.seat_no for change in changes]}
    update_rows(Enrollment, [change.enrollment_id for change in changes], seats)
    audit.record(actor, "people.amend", "pupil", None, pupils=len(changes))


def link_guardians(
    actor: Actor, ties: Sequence[GuardianTie], *, fresh: Set[int] = frozenset()
) -> dict[str, int]:
    """Tie guardians to children; one phone is one guardian, so siblings share theirs.

    A guardian or tie that exists is brought up to date; none is removed. Children in ``fresh`` have
    no tie yet, so none is looked for. Returns the guardian's id of every phone.
    """
    actor.check(People.IMPORT)
    if not ties:
        return {}
    guardians = _guardians({tie.phone: tie.name for tie in ties})
    unique = {(guardians[tie.phone], tie.pupil_id): tie for tie in ties}
    for write, are_fresh in ((add_rows, True), (tie_rows, False)):
        some = [one for one in unique.items() if (one[0][1] in fresh) is are_fresh]
        write(
            Guardianship,
            {
                "guardian_id": [guardian_id for (guardian_id, _), _ in some],
                "pupil_id": [pupil_id for (_, pupil_id), _ in some],
                "relation": [tie.relation for _, tie in some],
                "contact_order": [tie.contact_order for _, tie in some],
            },
        )
    audit.record(actor, "people.link-guardians", "guardian", None, ties=len(unique))
    return guardians


def _guardians(people: Mapping[str, str]) -> dict[str, int]:
    """Ids by phone; ``people`` maps phone to name. New ones are made, other names corrected."""
    rows = db.rows(
        select(Guardian.phone, Guardian.id, Guardian.name).where(
            Guardian.school_id == db.school_id(),
            Guardian.phone == any_(array_of(Guardian.phone, people)),
        )
    )
    known = {phone: (guardian_id, name) for phone, guardian_id, name in rows}
    renamed = [phone for phone, (_, name) in known.items() if name != people[phone]]
    names = {"name": [people[phone] for phone in renamed]}
    update_rows(Guardian, [known[phone][0] for phone in renamed], names)
    missing = [phone for phone in people if phone not in known]
    columns = {"name": [people[phone] for phone in missing], "phone": missing}
    made = dict(zip(missing, insert_rows(Guardian, columns), strict=True))
    return {phone: guardian_id for phone, (guardian_id, _) in known.items()} | made


def join_guardians(actor: Actor, accounts: Mapping[str, int]) -> int:
    """Connect guardians with their accounts (phone → account) and let them in as families.

    Phones the school does not know are passed over. Returns how many joined.
    """
    actor.check(People.IMPORT)
    rows = db.session().execute(
        select(Guardian.id, Guardian.phone).where(
            Guardian.school_id == db.school_id(),
            Guardian.phone == any_(array_of(Guardian.phone, accounts)),
        )
    )
    joined = {guardian_id: accounts[phone] for guardian_id, phone in rows}
    update_rows(Guardian, list(joined), {"account_id": list(joined.values())})
    grant_roles(actor, account_ids=joined.values(), roles=[Role.GUARDIAN])
    audit.record(actor, "people.join-guardians", "guardian", None, guardians=len(joined))
    return len(joined)
