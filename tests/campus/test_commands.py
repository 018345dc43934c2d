"""The command line loads no more than a command needs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from campus import __main__ as start
from campus.embedded.postgres import Postgres
from tests.conftest import ROOT

HEAVY = ("flask", "sqlalchemy", "alembic", "pypinyin", "tenants")
ASK = "import sys, {}; print(*sys.modules)"


@pytest.mark.parametrize("place", start.ALONE.values())
def test_what_starts_the_parts_loads_no_pages(place: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK.format(place.partition(":")[0])],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert not set(HEAVY) & set(done.stdout.split())


def test_the_web_loads_neither_readings_nor_migrations() -> None:
    code = "import tenants, campus.app, campus.doctor, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert not {"alembic", "pypinyin"} & set(done.stdout.split())


def test_migrate_needs_only_the_migrator(server: Postgres, tmp_path: Path) -> None:
    unwanted = ("DATABASE_URL", "WORKER_DATABASE_URL", "CAMPUS_SECRET_KEY")
    environ = {name: value for name, value in os.environ.items() if name not in unwanted}
    environ |= {
        "MIGRATOR_DATABASE_URL": server.url("migrator"),
        "CAMPUS_HOME": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-m", "campus", "migrate"],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    assert "database: at" in done.stdout
