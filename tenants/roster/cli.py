"""`roster import`, `roster export`, `roster template`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table as Grid
from xlsxwriter.exceptions import FileCreateError

from campus import db
from campus.actor import Actor
from campus.cli import connected, school_of
from tenants.roster.export import export_roster
from tenants.roster.listing import people_json
from tenants.roster.report import READ, Outcome, Report
from tenants.roster.run_import import import_roster
from tenants.roster.table import UnreadableFile, read_table
from tenants.roster.template import write_template

TITLES = {
    Outcome.NEW: "新增",
    Outcome.CHANGED: "修改",
    Outcome.UNCHANGED: "不变",
    Outcome.REFUSED: "拒绝",
    Outcome.CONFLICTS: "冲突",
}
SHOWN_PROBLEMS = 50


@click.group()
def commands() -> None:
    """Merged at the top level of the command line."""


@commands.group()
def roster() -> None:
    """名册：导入，导出，写一份空模板。"""


@roster.command("import")
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--school", required=True, help="学校网址里的名字")
@click.option("--dry-run", is_flag=True, help="只看会发生什么，不写入")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def import_(files: tuple[Path, ...], school: str, dry_run: bool, as_json: bool) -> None:
    """从 xlsx、xls、ods、csv 或 OneRoster 导入学生、监护人和教职工，可以几个文件一起。

    退出码：0 没有被拒绝的行；1 有（被拒绝的行不导入，其余照常导入）；2 文件读不了。
    要人选择的（可能已离校、隐藏的行、一个孩子在两个班）先不导入，在网页上导入时可以选。
    """
    connected()
    school_id = school_of(school)
    table, *more = [read_table(file) for file in files]
    with db.transaction(school_id=school_id, read_only=dry_run):
        report = import_roster(Actor.system(school_id), table=table, more=more, dry_run=dry_run)
        found = report.as_json() | (people_json(report) if dry_run else {})
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        _show(report, dry_run)
    if report.count(Outcome.REFUSED):
        raise SystemExit(1)


def _show(report: Report, dry_run: bool) -> None:
    console = Console()
    counts = "，".join(f"{TITLES[kind]} {report.count(kind)}" for kind in Outcome)
    prefix = "预览（没有写入）" if dry_run else "导入完成"
    console.print(f"{prefix}：共 {len(report.outcomes)} 行，{counts}。")
    for one in report.accounts():
        console.print(_account(one))
    if not report.problems:
        return
    grid = Grid("需要处理的地方")
    for found in report.problems[:SHOWN_PROBLEMS]:
        grid.add_row(found.message)
    console.print(grid)
    if len(report.problems) > SHOWN_PROBLEMS:
        console.print(f"还有 {len(report.problems) - SHOWN_PROBLEMS} 处，用 --json 看全部。")


def _account(one: dict[str, Any]) -> str:
    """One sheet in a line; its numbers add up."""
    name = f"「{one['sheet']}」"
    if one["state"] != READ:
        return f"{name}没有读（{one['lines']} 行）：{one['reason']}"
    why = "，".join(
        f"{reason.rstrip('。')} {many} 行" for reason, many in one["skipped_why"].items()
    )
    skipped = f"，跳过 {one['skipped']}（{why}）" if one["skipped"] else ""
    return f"{name}{one['lines']} 行：读了 {one['read']}{skipped}，拒绝 {one['refused']}。"


@roster.command("template")
@click.argument("file", type=click.Path(path_type=Path))
def template(file: Path) -> None:
    """写一份空的名册模板（xlsx）。"""
    try:
        write_template(file)
    except FileCreateError as error:
        raise UnreadableFile(f"写不了 {file}：{error}") from error
    click.echo(f"模板在 {file}")


@roster.command("export")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--school", required=True, help="学校网址里的名字")
@click.option("--format", "kind", required=True, type=click.Choice(["oneroster", "xlsx"]))
def export(out: Path, school: str, kind: str) -> None:
    """把名册导出成 xlsx 或 OneRoster 1.2（.zip 或一个文件夹）；再导入什么都不会变。"""
    connected()
    school_id = school_of(school)
    with db.transaction(school_id=school_id):
        export_roster(Actor.system(school_id), kind=kind, path=out)
    click.echo(f"名册在 {out}")
