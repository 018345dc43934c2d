"""Who turns the year."""

from __future__ import annotations

from campus.permissions import Grants, Permission, Role


class Rollover(Permission):
    """Single moves of pupils are `people.move`."""

    TURN = "rollover.turn"


GRANTS: Grants = {
    Rollover.TURN: frozenset({Role.ADMIN}),
}
