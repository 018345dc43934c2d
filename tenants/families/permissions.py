"""Who sees which families have joined, who invites them, and what a family may do itself."""

from __future__ import annotations

from campus.permissions import Grants, Permission, Role


class Families(Permission):
    """Which classes and children somebody reaches is the queries' business (reach.py)."""

    LIST = "families.list"
    INVITE = "families.invite"
    OWN = "families.own"


GRANTS: Grants = {
    Families.LIST: frozenset({Role.ADMIN, Role.HEAD, Role.TEACHER}),
    Families.INVITE: frozenset({Role.ADMIN, Role.TEACHER}),
    Families.OWN: frozenset({Role.GUARDIAN}),
}
