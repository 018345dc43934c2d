"""Who reads messages and who announces."""

from __future__ import annotations

from campus.permissions import STAFF, Grants, Permission, Role


class Messages(Permission):
    """Everybody reads their own inbox; staff announce to the classes they reach."""

    READ = "messages.read"
    ANNOUNCE = "messages.announce"


GRANTS: Grants = {
    Messages.READ: STAFF | {Role.GUARDIAN},
    Messages.ANNOUNCE: STAFF - {Role.DOCTOR},
}
