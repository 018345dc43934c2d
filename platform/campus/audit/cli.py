"""`audit verify`: is every line of the log still what was written?"""

from __future__ import annotations

import re
import time

import click
from sqlalchemy import select

from campus import db
from campus.audit.verify import Verdict, verify
from campus.cli import connected
from campus.errors import InvalidInput, NotFound
from campus.schools.models import School

HEAD = re.compile(r"(\d{1,15}):([0-9a-f]{64})")
HEAD_WRONG = "末尾应写成 序号:校验码，两样都在“谁看过”页面上。"


@click.group("audit")
def commands() -> None:
    """操作记录：核对有没有被改动。"""


@commands.command("verify")
@click.option("--school", "slug", default="", help="只核对一所学校（网址里的名字）")
@click.option("--head", default="", help="以前抄下的末尾，写成 序号:校验码")
def verify_(slug: str, head: str) -> None:
    """核对每一条操作记录；有问题时指出第一条，退出码 1。"""
    connected()
    written = _head(head) if head else None
    bad = False
    for school_id, name in _schools(slug):
        began = time.perf_counter()
        with db.transaction(school_id=school_id, read_only=True):
            found = verify(db.unit().driver, school_id, head=written)
        click.echo(_sentence(name, found, time.perf_counter() - began))
        bad = bad or found.bad is not None
    if bad:
        raise SystemExit(1)


def _head(text: str) -> tuple[int, str]:
    found = HEAD.fullmatch(text.strip())
    if found is None:
        raise InvalidInput({"head": HEAD_WRONG})
    return int(found[1]), found[2]


def _schools(slug: str) -> list[tuple[int, str]]:
    with db.transaction(read_only=True) as session:
        every = select(School.id, School.slug).order_by(School.id)
        asked = every.where(School.slug == slug) if slug else every
        found = [(number, name) for number, name in session.execute(asked)]
    if slug and not found:
        raise NotFound(f"没有网址为 {slug} 的学校。")
    return found


def _sentence(name: str, found: Verdict, seconds: float) -> str:
    if found.bad is not None:
        return f"{name}：不完整。{found.bad}。之前的 {found.lines} 条没有问题。"
    end = f"，末尾 {found.lines}:{found.head}" if found.head else ""
    waits = f"，另有 {found.waiting} 条等着入链" if found.waiting else ""
    return f"{name}：{found.lines} 条完整{waits}（{seconds:.1f} 秒）{end}"
