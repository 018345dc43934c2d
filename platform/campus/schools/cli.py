"""`school open`, `list`, `suspend`, `resume`: the registry from a shell."""

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
from campus.schools.standing import resume_school, suspend_school


@click.group("school")
def commands() -> None:
    """学校：开通、列出、暂停、恢复、带走、删除。"""


@commands.command("open")
@click.argument("name")
@click.option("--slug", required=True, help="网址里的名字，开通后不能再改")
@click.option("--short-name", default="", help="简称，默认取校名前 12 个字")
@click.option("--admin-name", default="", help="第一位管理员的姓名")
@click.option("--admin-phone", default="", help="第一位管理员的手机号")
@click.option("--prepare", is_flag=True, help="先准备：学校自己填完上线清单后才对家长开放")
def open_(name: str, prepare: bool, **said: str) -> None:
    """开通一所学校，打印它的网址。"""
    config = connected()
    asked = {**said, "name": name, "prepare": prepare}
    asked["short_name"] = said["short_name"] or name[:12]
    data = forms.load(OpenSchool, asked)
    with db.transaction():
        school = open_school(Actor.system(), **data)
    words = "已建好，等学校填完上线清单" if prepare else "已开通"
    click.echo(f"{school.name} {words}：{address_of(config, school.slug)}")
    if data["admin_phone"]:
        click.echo(f"管理员设置密码：python -m campus account password {data['admin_phone']}")


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


@commands.command("suspend")
@click.argument("slug")
def suspend(slug: str) -> None:
    """暂停一所学校：谁也进不去，任务推迟，资料都留着。"""
    connected()
    with db.transaction():
        school = suspend_school(Actor.system(), slug=slug)
    click.echo(f"{school.name} 已暂停。恢复：python -m campus school resume {slug}")


@commands.command("resume")
@click.argument("slug")
def resume(slug: str) -> None:
    """让暂停的学校继续使用。"""
    config = connected()
    with db.transaction():
        school = resume_school(Actor.system(), slug=slug)
    click.echo(f"{school.name} 已恢复：{address_of(config, slug)}")
