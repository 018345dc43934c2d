"""What may be done with people, and by whom."""

from __future__ import annotations

from campus.permissions import STAFF, Grants, Permission, Role


class People(Permission):
    """Looking at people, bringing them in, moving them between classes and out."""

    VIEW = "people.view"
    IMPORT = "people.import"
    STAFF = "people.staff"
    OFFICES = "people.offices"
    MOVE = "people.move"


GRANTS: Grants = {
    People.VIEW: STAFF,
    People.IMPORT: frozenset({Role.ADMIN}),
    People.STAFF: frozenset({Role.ADMIN, Role.HEAD}),
    People.OFFICES: frozenset({Role.ADMIN}),
    People.MOVE: frozenset({Role.ADMIN, Role.DEAN}),
}
