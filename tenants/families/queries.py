"""Who has joined, as staff see it; and a guardian's own children, as the family sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, literal, select

from campus import clock, db
from campus.actor import Actor
from campus.errors import NotFound
from campus.identity.queries import masked_phone
from tenants.families.invite import alive
from tenants.families.models import Invitation
from tenants.families.reach import own_classes, reach_class, reach_pupil
from tenants.people import custody, scope
from tenants.people.models import Enrollment, Guardian, Guardianship, HomeroomClass, Pupil
from tenants.people.naming import class_label
from tenants.people.queries import children, given_name, tint

JOINED, INVITED, NOT_YET, WRONG = "joined", "invited", "not-yet", "wrong"
STATES = {JOINED: "已加入", INVITED: "已发码", NOT_YET: "未加入", WRONG: "号码不对"}


@dataclass(frozen=True, slots=True)
class ClassLine:
    """One class: its children, how many of them have a guardian here, how many guardians joined."""

    id: int
    label: str
    pupils: int
    reached: int
    guardians: int
    joined: int
    wrong: int

    @property
    def unreached(self) -> int:
        """Children of whom nobody has joined."""
        return self.pupils - self.reached


def _joined_tie(left: Any) -> Any:
    return and_(
        Guardianship.school_id == left.school_id,
        Guardianship.pupil_id == left.pupil_id,
        Guardianship.ended_at.is_(None),
    )


def _guardian_of_tie() -> Any:
    return db.on(Guardianship, Guardian, "guardian_id")


def classes(actor: Actor) -> list[ClassLine]:
    """The classes whose families the actor looks after, with how far each is."""
    joined = Guardian.account_id.is_not(None)
    rows = db.rows(
        select(
            HomeroomClass.id,
            HomeroomClass.entry_year,
            HomeroomClass.number,
            func.count(Enrollment.pupil_id.distinct()),
            func.count(case((joined, Enrollment.pupil_id)).distinct()),
            func.count(Guardian.id),
            func.count(Guardian.account_id),
            func.count(case((~joined, Guardian.wrong_number_at))),
        )
        .outerjoin(
            Enrollment,
            and_(
                Enrollment.school_id == HomeroomClass.school_id,
                Enrollment.class_id == HomeroomClass.id,
                scope.current(Enrollment),
            ),
        )
        .outerjoin(Guardianship, _joined_tie(Enrollment))
        .outerjoin(Guardian, _guardian_of_tie())
        .where(own_classes(actor))
        .group_by(HomeroomClass.id, HomeroomClass.entry_year, HomeroomClass.number)
        .order_by(HomeroomClass.entry_year.desc(), HomeroomClass.number)
    )
    today = clock.today()
    return [ClassLine(row[0], class_label(row[1], row[2], today), *row[3:]) for row in rows]


def class_line(actor: Actor, class_id: int) -> ClassLine:
    """One of those classes. Raises NotFound."""
    reach_class(actor, class_id)
    found = next((line for line in classes(actor) if line.id == class_id), None)
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Person:
    """A guardian of a child, number masked."""

    guardian_id: int
    relation: str
    phone_masked: str
    state: str
    joined_at: bool
    contact_order: int
    may_pick_up: bool
    may_see_health: bool
    limited: bool
    ended: bool
    can_undo: bool
    can_undo_phone: bool

    @property
    def state_title(self) -> str:
        """The state in words."""
        return STATES[self.state]


@dataclass(frozen=True, slots=True)
class ChildLine:
    """A child and its guardians in the order of calls."""

    id: int
    name: str
    seat_no: int | None
    codes: int
    guardians: list[Person] = field(default_factory=list)

    @property
    def tail(self) -> str:
        """The avatar's character."""
        return given_name(self.name)[-1]

    @property
    def tint(self) -> str:
        """The avatar's colour."""
        return tint(self.id)

    @property
    def reached(self) -> bool:
        """Whether anybody has joined."""
        return any(one.state == JOINED for one in self.guardians)


def pupils_of_class(actor: Actor, class_id: int) -> list[ChildLine]:
    """The children of a class by seat with their guardians. Raises NotFound."""
    reach_class(actor, class_id)
    return _children(Enrollment.class_id == class_id, ended=False)


def pupil(actor: Actor, pupil_id: int) -> ChildLine:
    """One child with guardians, those unlinked last. Raises NotFound for a child out of reach."""
    reach_pupil(actor, pupil_id)
    found = _children(Enrollment.pupil_id == pupil_id, ended=True)
    if not found:
        raise NotFound
    return found[0]


def _children(which: Any, *, ended: bool) -> list[ChildLine]:
    tie = and_(
        Guardianship.school_id == Enrollment.school_id,
        Guardianship.pupil_id == Enrollment.pupil_id,
        literal(True) if ended else Guardianship.ended_at.is_(None),
    )
    codes = (
        select(func.count())
        .where(
            Invitation.school_id == Pupil.school_id,
            Invitation.pupil_id == Pupil.id,
            *alive(),
        )
        .scalar_subquery()
    )
    invited = (
        select(func.count())
        .where(
            Invitation.school_id == Guardian.school_id,
            Invitation.guardian_id == Guardian.id,
            Invitation.pupil_id == Pupil.id,
            *alive(),
        )
        .scalar_subquery()
    )
    rows = db.rows(
        select(
            Pupil.id,
            Pupil.name,
            Enrollment.seat_no,
            codes.label("codes"),
            Guardianship,
            Guardian,
            invited.label("invited"),
        )
        .join(Pupil, db.on(Enrollment, Pupil, "pupil_id"))
        .outerjoin(Guardianship, tie)
        .outerjoin(Guardian, _guardian_of_tie())
        .where(Enrollment.school_id == db.school_id(), scope.current(Enrollment), which)
        .order_by(
            Enrollment.seat_no,
            Pupil.name_key,
            Guardianship.ended_at.is_not(None),
            Guardianship.contact_order,
            Guardianship.guardian_id,
        )
    )
    found: dict[int, ChildLine] = {}
    for row in rows:
        line = found.setdefault(row[0], ChildLine(row[0], row[1], row[2], row.codes))
        if row.guardian_id is not None:
            line.guardians.append(_person(row))
    return list(found.values())


def _person(row: Any) -> Person:
    if row.account_id is not None:
        state = JOINED
    elif row.wrong_number_at is not None:
        state = WRONG
    else:
        state = INVITED if row.invited else NOT_YET
    return Person(
        row.guardian_id,
        row.relation,
        masked_phone(row.phone),
        state,
        row.account_id is not None,
        row.contact_order,
        row.may_pick_up,
        row.may_see_health,
        row.limited,
        row.ended_at is not None,
        row.previous is not None,
        row.previous_phone is not None,
    )


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A living code of a child: for whom, until when; the code itself is nowhere."""

    id: int
    relation: str
    created_at: datetime
    expires_at: datetime


def living_codes(pupil_id: int) -> list[CodeLine]:
    """The living codes of a child already reached, newest first."""
    rows = db.rows(
        select(Invitation.id, Invitation.relation, Invitation.created_at, Invitation.expires_at)
        .where(
            Invitation.school_id == db.school_id(),
            Invitation.pupil_id == pupil_id,
            *alive(),
        )
        .order_by(Invitation.id.desc())
    )
    return [CodeLine(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class OwnChild:
    """One of the actor's own children, with who else looks after it."""

    id: int
    name: str
    class_label: str
    tail: str
    tint: str
    relation: str
    others: Sequence[str]


def own_children(actor: Actor) -> list[OwnChild]:
    """The actor's own children; a limited guardian is not told of the other guardians."""
    mine = {child.id: child for child in children(actor)}
    rows = db.rows(
        select(
            Guardianship.pupil_id,
            Guardianship.relation,
            custody.OTHERS.label("may_know"),
            (Guardian.account_id == actor.account_id).label("own"),
        )
        .join(Guardian, _guardian_of_tie())
        .where(
            Guardianship.school_id == db.school_id(),
            Guardianship.pupil_id.in_(mine),
            Guardianship.ended_at.is_(None),
        )
        .order_by(Guardianship.contact_order, Guardianship.guardian_id)
    )
    ties: dict[int, list[Any]] = {}
    for row in rows:
        ties.setdefault(row.pupil_id, []).append(row)
    return [_own_child(child, ties[child.id]) for child in mine.values()]


def _own_child(child: Any, ties: Sequence[Any]) -> OwnChild:
    own = next(tie for tie in ties if tie.own)
    others = [tie.relation for tie in ties if not tie.own] if own.may_know else []
    return OwnChild(
        child.id,
        child.name,
        child.place,
        child.tail,
        child.tint,
        own.relation,
        others,
    )
