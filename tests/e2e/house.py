"""The house under test: embedded parts, the small demo school, one gunicorn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.request import urlopen

import psycopg

from bench.stack import Stack, stack

SCHOOL = "/s/hejiatu"
PHONES = {
    "admin": "12000000001",
    "head": "12000000002",
    "teacher": "12000000003",
    "parent": "12000000004",
    "other_admin": "12000000009",
    "operator": "12000000010",
}
# A child of the demo parent in the demo teacher's own class.
TOGETHER = """
SELECT e.class_id, e.pupil_id, p.name
FROM account t
JOIN staff s ON s.account_id = t.id
JOIN assignment a ON a.school_id = s.school_id AND a.staff_id = s.id AND a.homeroom
JOIN enrollment e ON e.school_id = a.school_id AND e.class_id = a.class_id AND e.ends_on IS NULL
JOIN pupil p ON p.school_id = e.school_id AND p.id = e.pupil_id
JOIN guardianship g ON g.school_id = e.school_id AND g.pupil_id = e.pupil_id
JOIN guardian w ON w.school_id = g.school_id AND w.id = g.guardian_id
JOIN account f ON f.id = w.account_id
WHERE t.phone = %s AND f.phone = %s
"""


TERM = "SELECT min(t.id) FROM term t JOIN school s ON s.id = t.school_id WHERE s.slug = 'hejiatu'"
# The demo follows its calendar, and the tests run on any day: today is one of lessons.
LESSONS_TODAY = """
INSERT INTO calendar_day (school_id, day, name, weekday)
SELECT id, (now() AT TIME ZONE 'Asia/Shanghai')::date, '补课', 1 FROM school
ON CONFLICT (school_id, day) DO UPDATE SET weekday = 1
"""


@dataclass(frozen=True, slots=True)
class House:
    """Where the server is and whom the tests are about."""

    stack: Stack
    origin: str
    database: str
    class_id: int
    child_id: int
    child_name: str
    places: dict[str, object] = field(default_factory=dict)

    @property
    def school(self) -> str:
        """The demo school's address."""
        return self.origin + SCHOOL

    def ask(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """Rows straight from the database."""
        with psycopg.connect(self.database) as connection:
            return connection.execute(query.encode(), values).fetchall()

    def reports(self) -> float:
        """How many violations of the content policy browsers have reported so far."""
        with urlopen(f"{self.origin}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(x.split()[1]) for x in lines if x.startswith("campus_csp_reports_total "))


@contextmanager
def house() -> Iterator[House]:
    """A house with the small demo school, gone afterwards."""
    with stack() as made:
        database = made.database()
        made.demo("--small")
        server = made.serve()
        with psycopg.connect(database) as connection:
            connection.execute(LESSONS_TODAY)
            found = connection.execute(TOGETHER, (PHONES["teacher"], PHONES["parent"])).fetchone()
            [term_id] = connection.execute(TERM).fetchone() or (0,)
        assert found, "the demo parent has no child in the demo teacher's class"
        class_id, child_id, name = found
        places: dict[str, object] = {"class": class_id, "child": child_id, "term": term_id}
        yield House(made, server.origin, database, class_id, child_id, name, places)
