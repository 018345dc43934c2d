"""What a feature says of itself when it registers; `create_app` joins what it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import click
from flask import Blueprint
from sqlalchemy import ScalarSelect

from campus.actor import Actor
from campus.jobs import Job
from campus.permissions import Grants, Permission
from campus.personal_data import PersonalData


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One place in the navigation, shown to those whose role grants ``permission``.

    ``also`` names endpoints that belong to the same place. ``frame`` is ``teacher`` or ``family``;
    ``badge`` names the frame query that counts "needs me".
    """

    title: str
    endpoint: str
    icon: str
    permission: Permission
    frame: str = "teacher"
    group: str = ""
    badge: str = ""
    order: int = 50
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A navigation entry that depends on the person, such as one of a teacher's classes."""

    title: str
    url: str
    icon: str = ""
    group: str = ""
    order: int = 20


FrameQuery = ScalarSelect[Any]


@dataclass(frozen=True, slots=True)
class Capability:
    """One folder of ``tenants/``: its pages, permissions, events, jobs, commands, personal data.

    ``frame`` holds the scalar queries behind badges and places, with the parameters ``account`` and
    ``today``: the frame of a page asks all capabilities' queries in one statement. ``places``
    turns their answers into entries.
    """

    name: str
    title: str
    blueprint: Blueprint | None = None
    permissions: Grants = field(default_factory=dict)
    menu: tuple[MenuItem, ...] = ()
    frame: Mapping[str, FrameQuery] = field(default_factory=dict)
    places: Callable[[Actor, Any], Iterable[Place]] | None = None
    home: Callable[[Actor], str | None] | None = None
    listen: Callable[[], None] | None = None
    events: tuple[str, ...] = ()
    jobs: tuple[Job, ...] = ()
    cli: str = ""
    personal_data: PersonalData = field(default_factory=PersonalData)

    def command(self) -> click.Command | None:
        """What ``cli`` ("module:name") names; only a shell ever loads it."""
        if not self.cli:
            return None
        module, _, name = self.cli.partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found
