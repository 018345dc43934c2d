"""Step 0011 takes along what schools had answered: their grades, and days off kept as answers."""

from __future__ import annotations

import json

from alembic.script import ScriptDirectory
from flask import Flask

from campus.embedded.postgres import Postgres
from campus.migrations.steps import alembic_config, downgrade, upgrade
from tests.support import databases

ANSWERS = {
    "stages": {"preset": "nine", "first_grade": 1, "last_grade": 9},
    "calendar": {
        "year": 2026,
        "terms": [],
        "holidays": [["国庆", "2026-10-01", "2026-10-03"], ["运动会", "2026-11-12", "2026-11-12"]],
    },
}


def test_answers_become_the_school_s_calendar_and_grades(server: Postgres, app: Flask) -> None:
    before = ScriptDirectory.from_config(alembic_config("x")).get_revision("0011").down_revision
    with databases.scratch(server) as name:
        url = server.url("migrator", name)
        downgrade(url, str(before))
        with databases.superuser(server, name) as root:
            for number, slug in ((1, "nine"), (2, "silent")):
                root.execute(
                    "INSERT INTO school (id, slug, name, short_name) OVERRIDING SYSTEM VALUE "
                    "VALUES (%s, %s, '校', '校')",
                    (number, slug),
                )
            for step, said in ANSWERS.items():
                root.execute(
                    "INSERT INTO setup_step (school_id, step, answers) VALUES (1, %s, %s)",
                    (step, json.dumps(said)),
                )
        upgrade(url)
        with databases.superuser(server, name) as root:
            grades = root.execute(
                "SELECT slug, class_naming, first_grade, last_grade FROM school ORDER BY id"
            ).fetchall()
            days = root.execute(
                "SELECT school_id, day::text, name, weekday FROM calendar_day ORDER BY day"
            ).fetchall()
    assert grades == [("nine", "long", 1, 9), ("silent", "long", 1, 6)]
    assert days == [
        *((1, f"2026-10-0{day}", "国庆", None) for day in (1, 2, 3)),
        (1, "2026-11-12", "运动会", None),
    ]
