"""What may be done to bring a school in, and by whom."""

from __future__ import annotations

from campus.permissions import Grants, Permission, Role


class Onboarding(Permission):
    """Bringing the school's people in."""

    IMPORT = "onboarding.import"
    SETUP = "onboarding.setup"
    TURN = "onboarding.turn"
    # Families: who has joined; inviting and guardians' details; a guardian's own children.
    FAMILIES = "onboarding.families"
    INVITE = "onboarding.invite"
    OWN = "onboarding.own"


class Takeaway(Permission):
    """Taking away, bringing in, erasing."""

    FAMILY = "takeaway.family"
    PUPIL = "takeaway.pupil"
    SCHOOL = "takeaway.school"
    BRING = "takeaway.bring"
    ERASE = "takeaway.erase"


GRANTS: Grants = {
    Onboarding.IMPORT: frozenset({Role.ADMIN}),
    Onboarding.SETUP: frozenset({Role.ADMIN}),
    Onboarding.TURN: frozenset({Role.ADMIN}),
    Onboarding.FAMILIES: frozenset({Role.ADMIN, Role.HEAD, Role.TEACHER}),
    Onboarding.INVITE: frozenset({Role.ADMIN, Role.TEACHER}),
    Onboarding.OWN: frozenset({Role.GUARDIAN}),
    Takeaway.FAMILY: frozenset({Role.GUARDIAN}),
    Takeaway.PUPIL: frozenset({Role.ADMIN}),
    Takeaway.SCHOOL: frozenset({Role.ADMIN}),
    Takeaway.BRING: frozenset({Role.ADMIN}),
    Takeaway.ERASE: frozenset({Role.ADMIN}),
}
