"""What may be done with people, and by whom."""

from __future__ import annotations

from campus.permissions import STAFF, Grants, Permission, Role


class People(Permission):
    """Looking at people, bringing them in."""

    VIEW = "people.view"
    IMPORT = "people.import"


GRANTS: Grants = {
    People.VIEW: STAFF,
    People.IMPORT: frozenset({Role.ADMIN}),
}
