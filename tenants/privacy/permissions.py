"""Who takes away, brings in, erases."""

from __future__ import annotations

from campus.permissions import Grants, Permission, Role


class Takeaway(Permission):
    """Taking away, bringing in, erasing."""

    FAMILY = "takeaway.family"
    PUPIL = "takeaway.pupil"
    SCHOOL = "takeaway.school"
    BRING = "takeaway.bring"
    ERASE = "takeaway.erase"


GRANTS: Grants = {
    Takeaway.FAMILY: frozenset({Role.GUARDIAN}),
    Takeaway.PUPIL: frozenset({Role.ADMIN}),
    Takeaway.SCHOOL: frozenset({Role.ADMIN}),
    Takeaway.BRING: frozenset({Role.ADMIN}),
    Takeaway.ERASE: frozenset({Role.ADMIN}),
}
