"""What may be done to bring a school in, and by whom."""

from __future__ import annotations

from campus.permissions import Grants, Permission, Role


class Onboarding(Permission):
    """Bringing the school's people in."""

    IMPORT = "onboarding.import"


GRANTS: Grants = {Onboarding.IMPORT: frozenset({Role.ADMIN})}
