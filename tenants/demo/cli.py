"""The command `demo`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import select

from campus import clock, db
from campus.cli import connected
from campus.errors import Conflict
from campus.identity.passwords import hashed
from campus.schools.models import School
from tenants.demo.build import build_demo
from tenants.demo.imagine import HEJIATU

EXISTS = "演示学校已经有了，没有改动。"


@click.group()
def commands() -> None:
    """Merged at the top level of the command line."""


@commands.command("demo")
@click.option("--if-empty", is_flag=True, help="已经有演示学校时什么也不做")
@click.option("--small", is_flag=True, help="很小的一份，给测试用")
def demo(if_empty: bool, small: bool) -> None:
    """建两所演示学校：贺嘉土小学和枫溪小学，全部人物都是虚构的。"""
    config = connected()
    if demo_exists():
        if if_empty:
            return
        raise Conflict(EXISTS)
    password_hash = hashed(config.demo_password)
    with _progress() as progress:
        told = build_demo(
            small=small, password_hash=password_hash, now=clock.now(), progress=progress
        )
    for sentence in told:
        click.echo(sentence, err=True)
    click.echo(f"演示学校已建好：/s/{HEJIATU.slug}/")


def demo_exists() -> bool:
    """Whether the demo school is there; it is made whole or not at all."""
    with db.transaction(read_only=True) as session:
        found = session.scalar(select(School.id).where(School.slug == HEJIATU.slug))
    return found is not None


@contextmanager
def _progress() -> Iterator[Callable[[str, float], None]]:
    """A bar on stderr when a person watches, silence otherwise."""
    if not sys.stderr.isatty():
        yield lambda _words, _share: None
        return
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda words, share: bar.update(task, description=words, completed=share)
