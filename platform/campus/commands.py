"""The whole command line; `__main__` runs it.

The platform may not import `tenants`, yet this is where a person's command meets both. So, like
wsgi.py, this file is a composition root: it asks for the module by its name, once, and from then
on knows only Capability. A capability's `cli` is a group whose commands stand at the top level.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from pathlib import Path

import click

from campus import doctor, jobs, migrations, template_check
from campus.assets import assets
from campus.audit.cli import commands as audit
from campus.capability import Capability
from campus.cli import Commands, settings
from campus.config import ConfigError, load
from campus.embedded.cli import bootstrap_roles, dev
from campus.identity.cli import commands as account
from campus.joining import join
from campus.migrations import steps
from campus.schools.cli import commands as school

ROOT = Path(__file__).resolve().parents[2]
COMPOSITION = "tenants"


@click.group(cls=Commands)
def main() -> None:
    """智慧校园服务云平台。"""


@main.command()
def migrate() -> None:
    """把数据库更新到这个版本的结构。"""
    config = load()
    if not config.migrator_database_url:
        config = settings()
    if not config.migrator_database_url:
        raise ConfigError("MIGRATOR_DATABASE_URL is not set; `make run` sets it by itself")
    steps.upgrade(config.migrator_database_url)
    click.echo(f"database: at {migrations.head()}")


@main.command()
def worker() -> None:
    """做后台任务，直到收到 SIGTERM。"""
    jobs.run_worker(settings())


def add(group: click.Group, command: click.Command) -> None:
    """Add a command; two groups of one name become one, so a capability can extend `school`."""
    known = group.commands.get(command.name or "")
    if isinstance(known, click.Group) and isinstance(command, click.Group) and known is not command:
        for inner in command.commands.values():
            add(known, inner)
    else:
        group.add_command(command)


def _add_commands(capabilities: Iterable[Capability]) -> None:
    for capability in capabilities:
        command = capability.command()
        if isinstance(command, click.Group):
            for one in command.commands.values():
                add(main, one)
        elif command is not None:
            add(main, command)


def build() -> click.Group:
    """The whole command line."""
    capabilities: tuple[Capability, ...] = importlib.import_module(COMPOSITION).CAPABILITIES
    for command in (dev, bootstrap_roles, assets, account, audit, school, doctor.command):
        add(main, command)
    join(capabilities)
    _add_commands(capabilities)
    main.add_command(template_check.command(ROOT, capabilities))
    return main
