"""Who imports and exports the roster."""

from __future__ import annotations

from campus.permissions import Grants, Permission, Role


class Rosters(Permission):
    """Bringing the school's people in, and their list out."""

    IMPORT = "roster.import"


GRANTS: Grants = {
    Rosters.IMPORT: frozenset({Role.ADMIN}),
}
