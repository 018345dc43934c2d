"""Today is the school's day, at any hour and in whatever zone the sessions of the database are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import bindparam, literal, select, update

from campus import clock, db, moments
from campus.embedded.postgres import Postgres
from tenants.classes.actions import award_praise
from tenants.classes.attendance import half_now
from tenants.classes.models import AttendanceMark, AttendanceSheet, Praise
from tenants.growth.models import GrowthRecord
from tenants.growth.queries import areas_since
from tests.conftest import point_at
from tests.support import databases
from tests.support.client import PageClient
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]
HOURS = (time(0, 30), time(7, 30), time(23, 30))
ZONES = ("UTC", "Pacific/Kiritimati")  # behind the school, and ahead of it
LITTLE = timedelta(minutes=10)


def move(server: Postgres, database: str, zone: str) -> None:
    """Sessions opened from now on are in ``zone``."""
    with databases.superuser(server, database) as connection:
        name = "ALTER DATABASE {} SET timezone = '" + zone + "'"
        connection.execute(databases._sql(name, database))
    point_at(server, database)


def test_every_page_of_today(
    fresh: str,
    server: Postgres,
    seed: Seed,
    client_of: ClientOf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    today, wrong = clock.today(), list[str]()
    for zone in ZONES:
        move(server, fresh, zone)
        for hour in HOURS:
            now = datetime.combine(today, hour, clock.SHANGHAI)
            monkeypatch.setattr(clock, "now", lambda now=now: now)
            long_ago(seed)
            praise(seed, "今天做的", now - LITTLE)
            praise(seed, "昨晚做的", clock.begins(today) - LITTLE)
            wrong += [f"{zone} {hour:%H:%M}: {one}" for one in problems(seed, client_of, now)]
    assert wrong == [], "\n".join(wrong)


def long_ago(seed: Seed) -> None:
    """What this class has lived so far is older than any day asked about."""
    old = timedelta(days=400)
    with db.transaction(school_id=seed.schools["a"].id) as session:
        session.execute(update(Praise).values(created_at=Praise.created_at - old))
        session.execute(update(GrowthRecord).values(happened_at=GrowthRecord.happened_at - old))
        session.query(AttendanceMark).delete()
        session.query(AttendanceSheet).delete()


def praise(seed: Seed, text: str, at: datetime) -> None:
    ids = seed.schools["a"].ids
    with db.transaction(school_id=seed.schools["a"].id):
        award_praise(
            seed.actor("class_teacher"),
            class_id=ids["class"],
            pupil_ids=[ids["child"]],
            area="labour",
            text=text,
            at=at,
        )


def problems(seed: Seed, client_of: ClientOf, now: datetime) -> Iterator[str]:
    """What is wrong on the pages that ask what happened today."""
    ids, teacher, family = seed.schools["a"].ids, client_of("class_teacher"), client_of("guardian")
    feed = teacher.page(f"/classes/{ids['class']}").select_one("#day-feed").get_text()
    if "今天做的" not in feed or f"{now - LITTLE:%H:%M}" not in feed or "昨晚做的" in feed:
        yield f"the class's day is {feed!r}"
    day, before = clock.day(now), clock.day(now - timedelta(days=1))
    for browser, path in ((teacher, "/pupils/{child}"), (family, "/children/{child}")):
        found = titles(browser.page(path.format(**ids)))
        if found.get("今天做的") != day or found.get("昨晚做的") != before:
            yield f"{path} has {found}"
    said = "40分钟前" if now.hour == 0 else "昨天 23:50"
    if said not in family.page("/home").get_text():
        yield f"the family's home does not say {said}"
    teacher.post(f"/classes/{ids['class']}/attendance", {"half": half_now()})
    if "到校 2" not in teacher.page(f"/classes/{ids['class']}").get_text():
        yield "the class page does not show today's roll-call"
    if "还没有点名" in teacher.page("/today").select_one(".class-cards").get_text():
        yield "the page of today does not show today's roll-call"
    if f"{now:%H:%M}" not in (home := family.page("/home")).select_one(".sub").get_text():
        yield f"the family's home does not: {home.select_one('.sub').get_text()}"
    with db.transaction(school_id=seed.schools["a"].id, read_only=True):
        counted = {one.area: one.count for one in areas_since(ids["child"], clock.today())}
        yield from sql_problems(clock.today())
    if counted["labour"] != 1:
        yield f"{counted['labour']} records since today began"


def titles(page: BeautifulSoup) -> dict[str, str]:
    """The title of the day above each record."""
    found = {}
    for article in page.select("article.record"):
        words = article.select_one(".record-text").get_text()
        found.setdefault(words, article.find_previous("h2", class_="day-title").get_text())
    return found


def sql_problems(today: date) -> Iterator[str]:
    """A day's first moment and the last before it, as PostgreSQL tells their day."""
    begins = clock.begins(today)
    for moment in (begins, begins - timedelta(microseconds=1)):
        [row] = db.rows(
            select(
                moments.day_of(literal(moment)),
                moments.begins(bindparam("day", today, type_=moments.Day)),
            )
        )
        if tuple(row) != (clock.day_of(moment), begins):
            yield f"PostgreSQL says of {moment}: {row}"


@pytest.mark.parametrize(
    "other", [date(2026, 11, 23), bindparam("day", type_=moments.Day)], ids=str
)
def test_a_moment_is_never_compared_with_a_date(other: object) -> None:
    """While the query is put together: such a comparison would mean midnight in any zone."""
    ways = [
        lambda: Praise.created_at >= other,
        lambda: other >= Praise.created_at,
        lambda: Praise.created_at == other,
        lambda: Praise.created_at.between(other, clock.now()),
        lambda: Praise.created_at.in_([other]),
        lambda: AttendanceSheet.taken_at < AttendanceSheet.day,
        lambda: AttendanceSheet.day == AttendanceSheet.taken_at,
        lambda: AttendanceSheet.day == clock.now(),
    ]
    for way in ways:
        with pytest.raises(TypeError, match="moment compared with a day"):
            way()
    for right in (moments.begins(other), clock.now(), Praise.retracted_at):
        assert "created_at >=" in str(Praise.created_at >= right)
