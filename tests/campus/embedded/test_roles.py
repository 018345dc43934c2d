"""Roles on a PostgreSQL of one's own: what is read, and from where."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from campus.embedded.cli import _bootstrap_settings
from campus.embedded.roles import LOGINS

NAMES = {role: f"CAMPUS_{role.upper()}_PASSWORD" for role in LOGINS}


def test_passwords_may_lie_in_files(tmp_path: Path) -> None:
    """As every other secret may (docs/settings.md)."""
    (tmp_path / "dsn").write_text("postgresql://root@127.0.0.1/postgres\n")
    environ = {"SUPERUSER_DSN_FILE": str(tmp_path / "dsn")}
    for role, name in NAMES.items():
        (tmp_path / role).write_text(f"secret of {role}\n")
        environ[f"{name}_FILE"] = str(tmp_path / role)
    dsn, passwords = _bootstrap_settings(environ)
    assert dsn == "postgresql://root@127.0.0.1/postgres"
    assert passwords == {role: f"secret of {role}" for role in LOGINS}


def test_what_is_missing_is_named() -> None:
    with pytest.raises(click.ClickException, match=r"SUPERUSER_DSN.*CAMPUS_WEB_PASSWORD"):
        _bootstrap_settings({})
