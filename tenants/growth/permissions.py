"""Who reads a child's growth record."""

from __future__ import annotations

from campus.permissions import STAFF, Grants, Permission, Role


class Growth(Permission):
    """A family reads its own child's; teachers those of the children they teach."""

    FAMILY = "growth.family"
    PUPIL = "growth.pupil"


GRANTS: Grants = {
    Growth.FAMILY: frozenset({Role.GUARDIAN}),
    Growth.PUPIL: STAFF,
}
