"""Who may do what: roles, permissions, one table, one decorator.

A permission is granted to roles by the capability that owns it. The scope (which class, which
child) is never decided here: it lies in the queries, which start at the actor (`visible_to`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


class Role(StrEnum):
    """What a membership says a person is in one school. OPERATOR belongs to the platform."""

    ADMIN = "admin"
    HEAD = "head"
    DEAN = "dean"
    GRADE_HEAD = "grade_head"
    DOCTOR = "doctor"
    TEACHER = "teacher"
    GUARDIAN = "guardian"
    OPERATOR = "operator"


ROLE_TITLES = {
    Role.ADMIN: "学校管理员",
    Role.HEAD: "校长",
    Role.DEAN: "教导主任",
    Role.GRADE_HEAD: "年级组长",
    Role.DOCTOR: "校医",
    Role.TEACHER: "老师",
    Role.GUARDIAN: "家长",
    Role.OPERATOR: "平台运维",
}
STAFF = frozenset({Role.ADMIN, Role.HEAD, Role.DEAN, Role.GRADE_HEAD, Role.DOCTOR, Role.TEACHER})


class Permission(StrEnum):
    """Base of every capability's permissions; a member's value reads ``capability.verb``."""


Grants = Mapping[Permission, frozenset[Role]]


class Platform(Permission):
    """What concerns the registry of schools itself."""

    SCHOOLS_OPEN = "schools.open"
    MEMBERS_END = "schools.end-membership"
    ACCOUNTS_DISABLE = "accounts.disable"


TABLE: dict[Permission, frozenset[Role]] = {
    Platform.SCHOOLS_OPEN: frozenset({Role.OPERATOR}),
    Platform.MEMBERS_END: frozenset({Role.ADMIN, Role.OPERATOR}),
    Platform.ACCOUNTS_DISABLE: frozenset({Role.OPERATOR}),
}


def register(grants: Grants) -> None:
    """Add one capability's grants. Raises ValueError when a name is granted twice differently."""
    for permission, roles in grants.items():
        if TABLE.setdefault(permission, roles) != roles:
            raise ValueError(f"{permission} is granted twice, differently")


@dataclass(frozen=True, slots=True)
class Access:
    """What a route asks for: nothing (public), a signed-in person, or a permission.

    ``most_bytes``: how large a request may be: more than the setting allows, for who has a
    session; on a public route less.
    ``step_up``: a grave act, for somebody who proved who they are within a quarter of an hour.
    """

    permission: Permission | None = None
    public: bool = False
    reason: str = ""
    most_bytes: int | None = None
    step_up: bool = False


def requires(
    permission: Permission, *, most_bytes: int | None = None, step_up: bool = False
) -> Callable[[View], View]:
    """The route is for people whose role grants ``permission`` in the school of the URL."""
    return _mark(Access(permission=permission, most_bytes=most_bytes, step_up=step_up))


def signed_in(reason: str, *, step_up: bool = False) -> Callable[[View], View]:
    """The route is for any signed-in person, about their own account; ``reason`` says why."""
    return _mark(Access(reason=reason, step_up=step_up))


def public(reason: str, *, most_bytes: int | None = None) -> Callable[[View], View]:
    """The route is open to the world; ``reason`` says why."""
    return _mark(Access(public=True, reason=reason, most_bytes=most_bytes))


def _mark(access: Access) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        view.access = access  # type: ignore[attr-defined]
        return view

    return decorate


def access_of(view: Callable[..., Any]) -> Access | None:
    """What a view function declared, or None (which no application starts with)."""
    return getattr(view, "access", None)


def granted(permission: Permission, roles: frozenset[Role]) -> bool:
    """Whether any of ``roles`` holds ``permission``. An unknown permission raises KeyError."""
    return not TABLE[permission].isdisjoint(roles)
