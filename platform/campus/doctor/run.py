"""All checks in order; the table; the refusal to start."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

import click
import psycopg
from rich.console import Console
from rich.table import Table
from sqlalchemy.engine import make_url

from campus.cli import settings
from campus.config import Config
from campus.doctor import parts
from campus.doctor.catalogue import check_catalogue
from campus.doctor.finding import Finding
from campus.doctor.rights import Connection, check_rights

Check = Callable[[], Finding | Iterable[Finding]]


def examine(config: Config, *, store: bool = True) -> list[Finding]:
    """Every finding about this installation; raises nothing. ``store=False`` leaves files out."""
    found = _attempt("secret key", lambda: parts.check_secret(config))
    found += _database(config)
    if store:
        found += _attempt("object store", lambda: parts.check_store(config), fatal=False)
    found += _attempt("disk", lambda: parts.check_disk(config), fatal=False)
    found += _attempt("redis", lambda: parts.check_redis(config), fatal=False)
    return found


def _database(config: Config) -> list[Finding]:
    try:
        url = make_url(config.database_url).set(drivername="postgresql")
        plain = url.render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True, connect_timeout=5) as connection:
            return _about(connection, config)
    except Exception as error:
        reason = str(error).partition("\n")[0]
        return [Finding("database", False, f"cannot be asked: {reason}")]


def _about(connection: Connection, config: Config) -> list[Finding]:
    roles = [connection.info.user]
    if config.worker_database_url:
        roles.append(make_url(config.worker_database_url).username or "")
    checks: tuple[tuple[str, Check], ...] = (
        ("server version", lambda: parts.check_server(connection, config)),
        ("migrations", lambda: parts.check_migrations(connection)),
        ("role powers", lambda: check_rights(connection, roles)),
        ("row-level security", lambda: check_catalogue(connection, roles)),
        ("clock", lambda: parts.check_clock(connection)),
    )
    return [found for name, check in checks for found in _attempt(name, check)]


def _attempt(name: str, check: Check, *, fatal: bool = True) -> list[Finding]:
    """A check that breaks is a check that failed: nobody can say that all is well."""
    try:
        found = check()
    except Exception as error:
        reason = str(error).partition("\n")[0]
        return [Finding(name, False, f"could not be checked: {reason}", fatal)]
    return [found] if isinstance(found, Finding) else list(found)


def check_or_exit(config: Config) -> None:
    """At the start of a web process: name what is wrong on stderr, exit 2 if any of it is fatal."""
    bad = [found for found in examine(config) if not found.ok]
    for found in bad:
        word = "refusing to start" if found.fatal else "warning"
        sys.stderr.write(f"doctor: {word}: {found.name}: {found.sentence}\n")
    if any(found.fatal for found in bad):
        raise SystemExit(2)


@click.command("doctor")
def command() -> None:
    """检查这套安装能不能放心给学校用；有严重问题时退出码为 2，只有提醒时为 0。"""
    found = examine(settings())
    table = Table("检查", "结果", "说明")
    for one in found:
        mark = "[green]好[/]" if one.ok else ("[red]严重[/]" if one.fatal else "[yellow]提醒[/]")
        table.add_row(one.name, mark, one.sentence)
    Console().print(table)
    if any(one.fatal and not one.ok for one in found):
        raise SystemExit(2)
