"""`check-templates`: every template compiles, and every address in it leads somewhere.

Nothing is connected: the application is put together with settings that reach nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from flask import Flask
from jinja2 import BaseLoader, TemplateError, nodes

from campus.app import create_app
from campus.capability import Capability
from campus.config import Config

NOWHERE = Config(
    environment="test",
    secret_key="-" * 32,
    database_url="postgresql+psycopg://nobody@127.0.0.1:1/none",
    s3_endpoint="http://127.0.0.1:1",
    s3_access_key="none",
    s3_secret_key="none",  # noqa: S106
)


def check_templates(root: Path, capabilities: Iterable[Capability]) -> list[str]:
    """One sentence per fault of the templates under ``root``."""
    app = create_app(root, capabilities, NOWHERE)
    return [fault for name in app.jinja_env.list_templates() for fault in _faults(app, name)]


def _faults(app: Flask, name: str) -> Iterator[str]:
    environment = app.jinja_env
    loader: BaseLoader | None = environment.loader
    if loader is None:
        raise LookupError("the application has no template folder")
    try:
        source, path, _ = loader.get_source(environment, name)
        environment.compile(source, name, path)
        tree = environment.parse(source, name, path)
    except TemplateError as error:
        yield f"{name}:{getattr(error, 'lineno', 1)}: {error}"
        return
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "url_for" and call.args:
            target = call.args[0]
            if isinstance(target, nodes.Const) and target.value not in app.view_functions:
                yield f"{name}:{call.lineno}: url_for({target.value!r}) leads nowhere"


def command(root: Path, capabilities: Iterable[Capability]) -> click.Command:
    """The command, for one application."""

    @click.command("check-templates")
    def check() -> None:
        """检查全部模板：语法、过滤器、链接。"""
        faults = check_templates(root, capabilities)
        for fault in faults:
            click.echo(fault, err=True)
        if faults:
            raise SystemExit(1)
        click.echo("templates: all sound")

    return check
