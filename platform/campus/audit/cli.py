"""`audit verify`: is every line of the log still what was written?"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import click
from sqlalchemy import select

from campus import clock, db
from campus.audit.outside import Sealed, compare, keep_head, sealed_heads
from campus.audit.verify import Verdict, verify
from campus.cli import connected
from campus.errors import InvalidInput, NotFound
from campus.schools.models import School
from campus.storage import StorageUnavailable
from campus.vault import NoVault, Vault, vault

HEAD = re.compile(r"([0-9]{1,15}):([0-9a-f]{64})")
HEAD_WRONG = "末尾应写成 序号:校验码，两样都在“谁看过”页面上。"


@click.group("audit")
def commands() -> None:
    """操作记录：核对有没有被改动。"""


@commands.command("verify")
@click.option("--school", "slug", default="", help="只核对一所学校（网址里的名字）")
@click.option("--head", default="", help="以前抄下的末尾，写成 序号:校验码")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    help="只比这以后封存在外面的末尾（从备份恢复之后用）",
)
def verify_(slug: str, head: str, since: datetime | None) -> None:
    """核对每一条操作记录，也和封存在外面的末尾比；有问题时指出第一条，退出码 1。"""
    connected()
    written = _head(head) if head else None
    start = since.replace(tzinfo=clock.SHANGHAI) if since else None
    bad = False
    for school_id, name in _schools(slug):
        began = time.perf_counter()
        outside = _outside(school_id)
        with db.transaction(school_id=school_id, read_only=True):
            driver = db.unit().driver
            found = verify(driver, school_id, head=written)
            if found.bad is None:
                found = replace(found, bad=compare(driver, school_id, outside.heads, since=start))
            click.echo(_sentence(name, found, time.perf_counter() - began))
            click.echo(f"  {outside.told(driver, school_id, found)}")
        bad = bad or found.bad is not None
    if bad:
        raise SystemExit(1)


@dataclass(frozen=True, slots=True)
class Outside:
    """What is sealed outside of one school's log; ``problem`` says why there is nothing."""

    held: Vault | None
    heads: Sequence[Sealed] = ()
    problem: str = ""

    def told(self, driver: Any, school_id: int, found: Verdict) -> str:
        """Seal the end anew where all was well, and say how it stands."""
        if self.held is None:
            return (
                f"外面没有封存的末尾可比：{self.problem}。截掉最新几条再放回旧末尾，这里看不出来。"
            )
        if found.bad is not None:
            return f"外面封存着 {len(self.heads)} 个末尾。"
        try:
            new = keep_head(self.held, driver, school_id, self.heads)
        except (NoVault, StorageUnavailable) as error:
            return f"和外面封存的 {len(self.heads)} 个末尾都对得上；这次没有封存：{error.message}。"
        more = "，又封存了一个" if new else ""
        return f"和外面封存的 {len(self.heads)} 个末尾都对得上{more}。"


def _outside(school_id: int) -> Outside:
    """Read before the log is: a head sealed meanwhile would be news to it."""
    try:
        held = vault()
        held.check()
        return Outside(held, sealed_heads(held, school_id))
    except (NoVault, StorageUnavailable) as error:
        return Outside(None, problem=error.message.rstrip("。"))
    except LookupError:
        return Outside(None, problem="没有设置对象存储")


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
