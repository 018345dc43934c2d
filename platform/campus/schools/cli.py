"""`school open`, `school list`: the registry from a shell."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from campus import db, forms
from campus.actor import Actor
from campus.cli import address_of, connected
from campus.schools.actions import open_school
from campus.schools.queries import all_schools
from campus.schools.schemas import OpenSchool


@click.group("school")
def commands() -> None:
    """学校：开通一所，列出全部。"""


@commands.command("open")
@click.argument("name")
@click.option("--slug", required=True, help="网址里的名字，开通后不能再改")
@click.option("--short-name", default="", help="简称，默认取校名前 12 个字")
@click.option("--admin-name", default="", help="第一位管理员的姓名")
@click.option("--admin-phone", default="", help="第一位管理员的手机号")
def open_(name: str, slug: str, short_name: str, admin_name: str, admin_phone: str) -> None:
    """开通一所学校，打印它的网址。"""
    config = connected()
    asked = {
        "name": name,
        "slug": slug,
        "short_name": short_name or name[:12],
        "admin_name": admin_name,
        "admin_phone": admin_phone,
    }
    data = forms.load(OpenSchool, asked)
    with db.transaction():
        school = open_school(Actor.system(), **data)
    click.echo(f"{school.name} 已开通：{address_of(config, school.slug)}")
    if admin_phone:
        click.echo(f"管理员设置密码：python -m campus account password {admin_phone}")


@commands.command("list")
def list_() -> None:
    """列出全部学校。"""
    config = connected()
    table = Table("学校", "网址", "状态", "成员")
    with db.transaction(read_only=True):
        for line in all_schools():
            address = address_of(config, line.slug)
            table.add_row(line.name, address, line.status_title, str(line.members))
    Console().print(table)
