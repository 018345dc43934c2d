"""Which families a member of staff looks after: a class teacher the own class, the office all.

A subject teacher teaches a class and looks after no family in it.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, and_, select

from campus import db
from campus.actor import Actor
from campus.errors import NotFound
from tenants.people import scope
from tenants.people.models import Assignment, Enrollment, Guardianship, HomeroomClass


def own_classes(actor: Actor) -> ColumnElement[bool]:
    """The condition on HomeroomClass for the classes whose families the actor looks after."""
    here = and_(HomeroomClass.school_id == db.school_id(), HomeroomClass.graduated_on.is_(None))
    if scope.everywhere(actor):
        return here
    return and_(here, HomeroomClass.id.in_(scope.taught_classes(actor).where(Assignment.homeroom)))


def pupils_of(actor: Actor) -> Select[int]:
    """Ids of the children in those classes today."""
    return (
        select(Enrollment.pupil_id)
        .join(HomeroomClass, db.on(Enrollment, HomeroomClass, "class_id"))
        .where(
            Enrollment.school_id == db.school_id(), scope.current(Enrollment), own_classes(actor)
        )
    )


def reach_class(actor: Actor, class_id: int) -> None:
    """Raise NotFound unless the actor looks after the families of this class."""
    if not db.rows(
        select(HomeroomClass.id).where(own_classes(actor), HomeroomClass.id == class_id)
    ):
        raise NotFound


def reach_pupil(actor: Actor, pupil_id: int) -> None:
    """Raise NotFound unless the actor looks after this child's family."""
    if not db.rows(pupils_of(actor).where(Enrollment.pupil_id == pupil_id)):
        raise NotFound


def reach_tie(
    actor: Actor, pupil_id: int, guardian_id: int, *, ended: bool | None = False
) -> Guardianship:
    """A child's tie to a guardian, locked for change; NotFound when there is none in reach.

    ``ended``: a living tie (False), one that has ended (True), or either (None).
    """
    reach_pupil(actor, pupil_id)
    statement = (
        select(Guardianship)
        .where(
            Guardianship.school_id == db.school_id(),
            Guardianship.pupil_id == pupil_id,
            Guardianship.guardian_id == guardian_id,
        )
        .with_for_update()
    )
    if ended is not None:
        statement = statement.where(Guardianship.ended_at.is_not(None) == ended)
    tie = db.session().scalar(statement)
    if tie is None:
        raise NotFound
    return tie
