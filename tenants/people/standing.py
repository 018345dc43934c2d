"""The roles of a membership, kept in step with the offices of today.

A role that some row of `duty` knows of is held while a row says so, by oneself or by somebody one
stands in for; a role no row knows of stays as it is. Teaching a class today makes a teacher.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import aliased

from campus import audit, clock, db
from campus.actor import Actor
from campus.errors import Conflict
from campus.jobs import each_school, job
from campus.permissions import STAFF as STAFF_ROLES
from campus.permissions import Role
from campus.realtime import revoke
from campus.schools.models import Membership
from campus.schools.queries import open_schools
from tenants.people import scope
from tenants.people.models import Assignment, Staff, StaffDuty

CATCH_UP = timedelta(days=7)  # a night may be missed
NOT_DEPUTISED = frozenset({Role.ADMIN})
LAST_ADMIN = "学校至少要有一位管理员。请先让另一位老师成为管理员。"


def sync_roles(staff_ids: Iterable[int]) -> int:
    """Bring memberships in step with the offices of today; how many changed.

    Raises Conflict when nobody would be left to administer the school.
    """
    numbers = sorted(set(staff_ids))
    governed = _governed(numbers)
    rows = db.session().execute(
        select(Staff.id, Staff.account_id, Membership.roles)
        .join(
            Membership,
            (Membership.school_id == Staff.school_id) & (Membership.account_id == Staff.account_id),
        )
        .where(Staff.school_id == db.school_id(), Staff.id.in_(numbers))
        .with_for_update(of=Membership)
    )
    changed, lost_admin = [], False
    for staff_id, account_id, names in rows.all():
        before, says = {Role(name) for name in names}, governed.get(staff_id, {})
        after = (before - says.keys()) | {role for role, holds in says.items() if holds}
        if after != before:
            _set_roles(account_id, after)
            changed.append(account_id)
            lost_admin = lost_admin or Role.ADMIN in before - after
    if lost_admin and not _admins():
        raise Conflict(LAST_ADMIN)
    if changed:
        revoke(account_ids=changed, school_id=db.school_id(), reason="changed")
    return len(changed)


@job(name="people.roles")
def follow_dates(*, school_id: int) -> None:
    """Offices that begin or ended with this night; a second run changes nothing."""
    today = clock.today()
    lately = or_(
        StaffDuty.starts_on.between(today - CATCH_UP, today),
        StaffDuty.ends_on.between(today - CATCH_UP, today),
    )
    rows = db.session().execute(
        select(StaffDuty.staff_id, StaffDuty.deputy_of).where(
            StaffDuty.school_id == school_id, lately
        )
    )
    touched = {number for row in rows for number in row if number is not None}
    changed = sync_roles({one for number in touched for one in with_deputies(number)})
    if changed:
        audit.record(Actor.system(school_id), "people.roles", "staff", None, people=changed)


FOLLOW_ALL = each_school(follow_dates, cron="5 16 * * *", schools=open_schools)  # 00:05 in Shanghai


def with_deputies(staff_id: int) -> list[int]:
    """The person and everybody who stood in for them lately, stands or will stand."""
    rows = db.session().scalars(
        select(StaffDuty.staff_id).where(
            StaffDuty.school_id == db.school_id(), StaffDuty.deputy_of == staff_id
        )
    )
    return [staff_id, *rows]


def held_roles(staff_id: int) -> set[Role]:
    names = db.session().scalar(
        select(Membership.roles)
        .join(Staff, Staff.account_id == Membership.account_id)
        .where(
            Staff.school_id == db.school_id(),
            Staff.id == staff_id,
            Membership.school_id == db.school_id(),
            Membership.ended_at.is_(None),
        )
    )
    return {Role(name) for name in names or ()}


def materialise(staff_ids: Sequence[int], only: Role | None = None) -> None:
    """Write a row for each role held without one, so that its end or a deputy can point at it."""
    for staff_id in staff_ids:
        known = set(
            db.session().scalars(
                select(StaffDuty.role).where(
                    StaffDuty.school_id == db.school_id(), StaffDuty.staff_id == staff_id
                )
            )
        )
        for role in sorted(
            held_roles(staff_id) & STAFF_ROLES - {Role(one) for one in known - {"deputy"}}
        ):
            if only is None or role == only:
                row = StaffDuty(staff_id=staff_id, role=role.value, starts_on=clock.today())
                db.session().add(row)
    db.session().flush()


def _governed(staff_ids: list[int]) -> dict[int, dict[Role, bool]]:
    """What the rows of today say: for each person each role they know of, held or not."""
    found: dict[int, dict[Role, bool]] = {}
    own, theirs, mine = StaffDuty, aliased(StaffDuty), aliased(StaffDuty)
    school = own.school_id == db.school_id()
    rows = db.rows(
        select(own.staff_id, own.role, scope.current(own)).where(
            school, own.staff_id.in_(staff_ids), own.role != scope.DEPUTY
        )
    )
    through = db.rows(
        select(mine.staff_id, theirs.role, scope.current(mine) & scope.current(theirs))
        .join(
            theirs,
            (theirs.school_id == mine.school_id) & (theirs.staff_id == mine.deputy_of),
        )
        .where(
            mine.school_id == db.school_id(),
            mine.staff_id.in_(staff_ids),
            mine.role == scope.DEPUTY,
            theirs.role.not_in([scope.DEPUTY, *(role.value for role in NOT_DEPUTISED)]),
        )
    )
    teaching = db.rows(
        select(Assignment.staff_id)
        .where(
            Assignment.school_id == db.school_id(),
            Assignment.staff_id.in_(staff_ids),
            scope.current(Assignment),
        )
        .distinct()
    )
    said = [*rows, *through, *((row[0], Role.TEACHER.value, True) for row in teaching)]
    for staff_id, name, holds in said:
        roles = found.setdefault(staff_id, {})
        roles[Role(name)] = roles.get(Role(name), False) or bool(holds)
    return found


def _set_roles(account_id: int, roles: set[Role]) -> None:
    """A person without any role is no member; one who gets a role again is."""
    db.session().execute(
        update(Membership)
        .where(Membership.school_id == db.school_id(), Membership.account_id == account_id)
        .values(
            roles=sorted(role.value for role in roles),
            ended_at=None if roles else func.now(),
        )
        .execution_options(synchronize_session=False)
    )


def _admins() -> int:
    return (
        db.session().scalar(
            select(func.count())
            .select_from(Membership)
            .where(
                Membership.school_id == db.school_id(),
                Membership.ended_at.is_(None),
                Membership.roles.contains([Role.ADMIN.value]),
            )
        )
        or 0
    )
