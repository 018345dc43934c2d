"""The commands of this folder. The command line adds them to `python -m campus`."""

from __future__ import annotations

import os
from collections.abc import Mapping

import click
import psycopg

from campus import config
from campus.embedded.dev import Supervisor
from campus.embedded.files import PartError
from campus.embedded.roles import DATABASE, LOGINS, ensure_roles


@click.command()
@click.option("--no-web", is_flag=True, help="不启动网站（自己另开一个调试）")
@click.option("--no-worker", is_flag=True, help="不启动后台任务")
@click.option("--no-demo", is_flag=True, help="不建演示学校")
def dev(no_web: bool, no_worker: bool, no_demo: bool) -> None:
    """在本机启动整个平台：数据库、文件服务、后台任务、网站。Ctrl-C 停止。"""
    try:
        supervisor = Supervisor(config.load())
        supervisor.run(web=not no_web, worker=not no_worker, demo=not no_demo)
    except (PartError, config.ConfigError) as error:
        raise click.ClickException(str(error)) from error


@click.command("bootstrap-roles")
@click.option("--database", default=DATABASE, show_default=True, help="数据库名")
def bootstrap_roles(database: str) -> None:
    """在自备的 PostgreSQL 上建好角色和数据库，可以重复运行。

    从环境变量读：SUPERUSER_DSN（能建角色的连接），CAMPUS_MIGRATOR_PASSWORD、CAMPUS_WEB_PASSWORD、
    CAMPUS_WORKER_PASSWORD、CAMPUS_BUREAU_PASSWORD；每一个也可以写成 …_FILE（文件的路径）。
    """
    try:
        dsn, passwords = _bootstrap_settings(os.environ)
        ensure_roles(dsn, passwords, database)
    except config.ConfigError as error:
        raise click.ClickException(str(error)) from error
    except psycopg.Error as error:
        raise click.ClickException(f"数据库拒绝了：{error}") from error
    click.echo(f"角色和数据库 {database} 已就绪。")


def _bootstrap_settings(environ: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    names = {role: f"CAMPUS_{role.upper()}_PASSWORD" for role in LOGINS}
    found = {name: config.read(environ, name) or "" for name in ("SUPERUSER_DSN", *names.values())}
    missing = [name for name, value in found.items() if not value]
    if missing:
        raise click.ClickException(f"还缺环境变量：{'、'.join(missing)}")
    return found["SUPERUSER_DSN"], {role: found[name] for role, name in names.items()}
