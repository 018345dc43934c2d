"""The walk: everything the application answers to, against the table. Guards return problems."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import click
from flask import Flask

from campus import jobs
from campus.permissions import access_of
from campus.realtime import HANDLERS
from tests.authz import table

FILES = "tests/authz.yaml or tests/authz/CAPABILITY.yaml"


def route_names(app: Flask) -> set[str]:
    """``GET /classes`` … as the url map has them."""
    return {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def command_names(group: click.Group, prefix: str = "") -> Iterator[str]:
    """``school open`` … of a command line."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from command_names(command, f"{prefix}{name} ")
        else:
            yield prefix + name


def unmatched(kind: str, entries: Iterable[str], rows: Iterable[str]) -> list[str]:
    """Entries without a row and rows without an entry, each with what to do."""
    entries, rows = set(entries), list(rows)
    found = [f"{kind} {name} has no row in {FILES}" for name in sorted(entries - set(rows))]
    found += [f"{kind} {name} of {FILES} does not exist" for name in sorted(set(rows) - entries)]
    found += [
        f"{kind} {name} has two rows" for name in sorted({n for n in rows if rows.count(n) > 1})
    ]
    return found


def route_problems(app: Flask) -> list[str]:
    """Every route has one row, every row a route."""
    return unmatched("route", route_names(app), (row.name for row in table.routes()))


def place_problems(app: Flask) -> list[str]:
    """A capability's file holds rows of its own blueprint, and is named after it."""
    blueprints = {
        f"{method} {rule.rule}": rule.endpoint.partition(".")[0]
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set())
    }
    files = table.by_capability()
    known = {one.name for one in app.extensions["capabilities"]}
    found = [f"tests/authz/{name}.yaml: no such capability" for name in files.keys() - known]
    for name, parts in files.items():
        for row in parts.get("routes", ()):
            owner = blueprints.get(row["route"], name)
            if owner != name:
                found.append(
                    f"{row['route']}: move its row from tests/authz/{name}.yaml to {owner}"
                )
    return found


def step_up_problems(app: Flask) -> list[str]:
    """The routes behind the second door are those of the table: none lost it, none is new."""
    here = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        if (access := access_of(app.view_functions[rule.endpoint])) and access.step_up
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    rows = {row.name for row in table.routes() if row.step_up}
    found = [f"{name} asks for a step-up that {FILES} does not know" for name in here - rows]
    return found + [f"{name} has lost its step-up" for name in sorted(rows - here)]


def event_problems() -> list[str]:
    """Every socket event has one row; `connect` is the handshake itself."""
    rows = (row.rule for row in table.events())
    return unmatched("event", {"connect", *HANDLERS}, rows)


def job_problems(known: dict[str, Any] | None = None) -> list[str]:
    """Every job has one row that tells truly whether it belongs to a school."""
    known = jobs.JOBS if known is None else known
    rows = {one["job"]: one["school"] for one in table.raw()["jobs"]}
    found = unmatched("job", known, rows)
    for name in set(known) & set(rows):
        if rows[name] is bool(known[name].platform):
            found.append(f"job {name}: the table is wrong about its school")
    return found


def command_problems(group: click.Group) -> list[str]:
    """Every command has one row."""
    return unmatched(
        "command", command_names(group), (one["command"] for one in table.raw()["commands"])
    )


def exceptions(app: Flask) -> dict[str, set[str]]:
    """Views that ask for no permission, by kind."""
    found: dict[str, set[str]] = {"public": set(), "signed_in": set()}
    for name, view in app.view_functions.items():
        access = access_of(view)
        if access is None or access.public:
            found["public"].add(name)
        elif access.permission is None:
            found["signed_in"].add(name)
    return found


def exception_problems(app: Flask) -> list[str]:
    """The lists of exceptions may only shrink, and each has a reason."""
    found = []
    for kind, names in exceptions(app).items():
        most = table.raw()["exceptions"][kind]
        if len(names) > most:
            found.append(f"{len(names)} {kind} routes, {most} allowed: {', '.join(sorted(names))}")
        if len(names) < most:
            found.append(
                f"only {len(names)} {kind} routes left: lower the number in tests/authz.yaml"
            )
    silent = [name for name, view in app.view_functions.items() if access_of(view) is None]
    return found + [f"{name} declares no access" for name in silent]
