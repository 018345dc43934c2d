"""What the database holds already, asked directly: a second start need not load the whole
platform to learn that there is nothing to do."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

from campus import migrations

VERSION = "SELECT version_num FROM alembic_version"
DEMO = "SELECT count(*) FROM school WHERE slug = %s"


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether the newest migration has run, and whether the demo school is there."""

    migrated: bool = False
    demo: bool = False


def standing(url: str, demo_slug: str) -> Standing:
    """Ask the database at ``url``. Whatever it cannot tell counts as still to be done."""
    try:
        with psycopg.connect(
            url.replace("postgresql+psycopg:", "postgresql:", 1), connect_timeout=5
        ) as connection:
            version = connection.execute(VERSION).fetchone()
            demo = connection.execute(DEMO, (demo_slug,)).fetchone()
    except psycopg.Error:
        return Standing()
    return Standing(version == (migrations.head(),), demo == (1,))
