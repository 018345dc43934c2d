"""Fixtures: a migrated database with one empty school, on a Monday in November.

A folder that wants them imports them in its conftest.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask

from campus import clock, crypto, db
from campus.actor import Actor
from campus.embedded.postgres import Postgres
from campus.schools.actions import open_school
from tests.conftest import config_of, point_at
from tests.support import databases

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> date:
    """A Monday in November, so labels of classes stay true in every year."""
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    return TODAY


@pytest.fixture
def blank(server: Postgres, app: Flask) -> Iterator[str]:
    """A migrated database without a single row; its name."""
    name = databases.clone(server, databases.fresh_name(), databases.MIGRATED)
    point_at(server, name)
    crypto.configure(config_of())  # a command that ran here before may have had its own
    yield name
    db.disconnect("web")
    db.disconnect("worker")
    databases.drop(server, name)


@pytest.fixture
def school_id(blank: str) -> int:
    """枫林小学, open and empty."""
    with db.transaction():
        school = open_school(Actor.system(), name="枫林小学", slug="fenglin", short_name="枫林")
        return school.id
