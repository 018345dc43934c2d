"""`school export`, `school erase`: what the operator does with one school's own rows."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import click

from campus import clock, db
from campus.cli import connected, school_of
from campus.config import ConfigError
from campus.errors import InvalidInput
from tenants.privacy import certificate, leaving, school, tasks
from tenants.privacy.book import pages, style
from tenants.privacy.box import Box
from tenants.privacy.leave import erase_school
from tenants.privacy.queries import KIND_TITLES

PRIVATE = 0o600


@click.group()
def commands() -> None:
    """Merged at the top level of the command line."""


@commands.group("school")
def one_school() -> None:
    """Joined with the platform's own `school` commands."""


@one_school.command("export")
@click.argument("slug")
@click.argument("out", type=click.Path(path_type=Path))
def export(slug: str, out: Path) -> None:
    """把一所学校的全部资料写成一个 zip。"""
    connected()
    school_id, at = school_of(slug), clock.now()
    out.touch(PRIVATE)
    with out.open("wb") as file, db.transaction(school_id=school_id, read_only=True):
        with Box(file, at) as box:
            school.fill(box, school_id=school_id, at=at, step=tasks.silent)
    click.echo(f"{out}：{out.stat().st_size / 1024 / 1024:.1f} MB。里面有孩子的信息，请加密保存。")


@one_school.command("erase")
@click.argument("slug")
@click.option("--certificate", "out", required=True, type=click.Path(path_type=Path))
@click.option("--reason", type=click.Choice(["contract"]), help="学校没有人能申请时的理由")
@click.option("--confirm", "again", prompt="再输一次学校网址里的名字", help="再写一次 SLUG")
def erase(slug: str, out: Path, reason: str | None, again: str) -> None:
    """删除一所学校的全部资料，写下删除证明（HTML，可打印；旁边一份 JSON）。不能撤销。"""
    if again != slug:
        raise InvalidInput({"confirm": "两次写的学校不一样，什么也没有删除。"})
    config = connected()
    if not config.migrator_database_url:
        raise ConfigError("MIGRATOR_DATABASE_URL is not set; only the owner may erase a school")
    out.touch(PRIVATE)  # better to fail before than after
    made = erase_school(config.migrator_database_url, slug=slug, reason=reason or "")
    sheet = base64.b64encode(style().encode()).decode()
    drawn = pages().get_template("privacy/zip/certificate.html")
    page = drawn.render(
        made=made,
        lines=certificate.lines(made),
        times=certificate.times(made),
        kinds=KIND_TITLES,
        reasons=leaving.REASONS,
        sheet=f"data:text/css;base64,{sheet}",
    )
    out.write_text(page, "utf-8")
    out.with_suffix(".json").write_text(json.dumps(made, ensure_ascii=False, indent=1), "utf-8")
    rows = sum(made["counts"].values())
    click.echo(f"已删除 {rows} 行和文件。证明 {made['number']} 在 {out}。")
