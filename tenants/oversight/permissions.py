"""Who reveals a phone, who reads the records of access, who decides."""

from __future__ import annotations

from campus.permissions import STAFF, Grants, Permission, Role


class Access(Permission):
    """Looking closer, and looking at who looked. The pupil must be in reach besides."""

    REVEAL = "access.reveal"
    RECORDS = "access.records"
    OWN = "access.own"
    APPROVE = "access.approve"


LEADERS = frozenset({Role.ADMIN, Role.HEAD})
GRANTS: Grants = {
    Access.REVEAL: STAFF,
    Access.RECORDS: LEADERS,
    Access.OWN: frozenset({Role.GUARDIAN}),
    Access.APPROVE: LEADERS,
}
