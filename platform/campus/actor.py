"""The person (or the system) on whose behalf something happens; first argument of every action."""

from __future__ import annotations

from dataclasses import dataclass

from campus.errors import Forbidden
from campus.permissions import STAFF, Permission, Role, granted


@dataclass(frozen=True, slots=True)
class Actor:
    """One account in one school, with the roles its membership gives."""

    account_id: int | None
    name: str
    school_id: int | None = None
    roles: frozenset[Role] = frozenset()
    session_id: int | None = None
    trusted: bool = False

    # What Flask-Login asks of a person; nobody who is not signed in is an actor.
    is_authenticated = is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """The account's number as Flask-Login wants it."""
        return str(self.account_id)

    @classmethod
    def system(cls, school_id: int | None = None, name: str = "系统") -> Actor:
        """The platform itself: commands and jobs. It passes every permission check."""
        return cls(None, name, school_id, trusted=True)

    @property
    def staff(self) -> bool:
        """Whether the person works at the school."""
        return not self.roles.isdisjoint(STAFF)

    @property
    def guardian(self) -> bool:
        """Whether the person has a child at the school."""
        return Role.GUARDIAN in self.roles

    def can(self, permission: Permission) -> bool:
        """Whether the actor's roles grant ``permission``; scope is the queries' business."""
        return self.trusted or granted(permission, self.roles)

    def check(self, permission: Permission) -> None:
        """Raise Forbidden unless the actor's roles grant ``permission``."""
        if not self.can(permission):
            raise Forbidden
