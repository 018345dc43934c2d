"""Who opens the school and changes its settings."""

from __future__ import annotations

from campus.permissions import Grants, Permission, Role


class Setup(Permission):
    """The steps of opening, afterwards the settings."""

    CHANGE = "setup.change"


GRANTS: Grants = {
    Setup.CHANGE: frozenset({Role.ADMIN}),
}
