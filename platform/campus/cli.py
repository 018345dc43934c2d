"""What every command shares: settings, the database, one plain sentence instead of a traceback."""

from __future__ import annotations

import os
import sys
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, ProgrammingError

from campus import crypto, db, storage
from campus.assets import AssetError
from campus.config import Config, ConfigError, load
from campus.embedded.files import PartError
from campus.engines import LOST
from campus.errors import CampusError, NotFound
from campus.schools.models import School

OUR_OWN = (CampusError, ConfigError, PartError, AssetError)
NO_DATABASE = "连不上数据库：请先在另一个窗口运行 make run，或检查 DATABASE_URL。"
NOT_MIGRATED = "数据库的表和这个版本不一致：请先运行 python -m campus migrate。"
NOT_STARTED = "DATABASE_URL is not set; run `make run` first, or set it"


class PlainError(click.ClickException):
    """One sentence on stderr and exit code 2."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        """Print the sentence alone."""
        click.echo(self.message, file=file or sys.stderr)


class Commands(click.Group):
    """A group whose known failures end in one sentence; an unknown one keeps its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except OUR_OWN as error:
            raise PlainError(str(error)) from error
        except ProgrammingError as error:
            raise PlainError(NOT_MIGRATED) from error
        except LOST as error:
            raise PlainError(NO_DATABASE) from error
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            raise PlainError(NO_DATABASE) from error


def settings() -> Config:
    """This process's settings; without DATABASE_URL those of the `make run` of this CAMPUS_HOME.

    Raises ConfigError when neither is there.
    """
    config = load()
    if config.database_url:
        return config
    kept = config.home_dir / "secrets" / "env"
    try:
        lines = kept.read_text("utf-8").splitlines()
    except OSError as error:
        raise ConfigError(NOT_STARTED) from error
    return load({**dict(line.split("=", 1) for line in lines if "=" in line), **os.environ})


def connected() -> Config:
    """Connect the database and the store for one command, and return the settings."""
    config = settings()
    crypto.configure(config)
    db.connect(config.database_url, pool_size=2)
    if config.s3_endpoint:
        storage.configure(config)
    return config


def school_of(slug: str) -> int:
    """The id of the school with this slug. Raises NotFound."""
    with db.transaction(read_only=True) as session:
        found = session.scalar(select(School.id).where(School.slug == slug))
    if found is None:
        raise NotFound(f"没有网址为 {slug} 的学校：python -m campus school list 可以看到全部。")
    return found


def address_of(config: Config, slug: str) -> str:
    """Where a browser finds a school."""
    base = config.public_url.rstrip("/") or f"http://{config.host}:{config.port}"
    return f"{base}/s/{slug}/"
