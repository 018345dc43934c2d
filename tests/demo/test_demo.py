"""The demo schools: the same every time, whole or absent, and nobody real in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select, text

from campus import clock, db, storage
from campus.config import Config
from campus.identity.models import Account
from campus.outbox import Outbox
from campus.schools.models import School
from tenants.classes.models import AttendanceSheet, Praise, TimetableSlot
from tenants.demo import history
from tenants.demo.build import build_demo
from tenants.demo.families import Phones
from tenants.demo.imagine import HEJIATU, PARENT, imagine_hejiatu
from tenants.demo.pictures import picture
from tenants.demo.year import school_days, year_of
from tenants.growth.models import GrowthRecord
from tenants.messages.models import Notification
from tenants.people.models import Guardian, Guardianship, HomeroomClass, Pupil

MONDAY = datetime.combine(date(2026, 11, 23), time(15, 0), clock.SHANGHAI)
Build = Callable[[], list[str]]


@pytest.fixture
def build(blank: str) -> Build:
    """Make the small demo with a store that is away."""
    nowhere = "http://127.0.0.1:9"
    storage.configure(Config(s3_endpoint=nowhere, s3_access_key="n", s3_secret_key="n"))
    return lambda: build_demo(
        small=True, password_hash="x", now=MONDAY, progress=lambda _words, _share: None
    )


def school(slug: str) -> int:
    with db.transaction() as session:
        return session.execute(select(School.id).where(School.slug == slug)).scalar_one()


def told(slug: str) -> list[Any]:
    """Everything of a school that a person would notice."""
    number = school(slug)
    with db.transaction(school_id=number) as session:
        praise = select(Praise.text, Praise.area, Praise.created_at).order_by(Praise.id)
        pupils = select(Pupil.name, Pupil.birthday, Pupil.sex).order_by(Pupil.id)
        lessons = select(TimetableSlot.weekday, TimetableSlot.period).order_by(TimetableSlot.id)
        news = select(Notification.title, Notification.created_at).order_by(
            Notification.account_id, Notification.seq
        )
        phones = select(Guardian.phone, Guardian.name).order_by(Guardian.id)
        return [session.execute(each).all() for each in (praise, pupils, lessons, news, phones)]


def test_the_same_day_makes_the_same_schools(build: Build, blank: str) -> None:
    build()
    first = told("hejiatu"), told("fengxi")
    with db.transaction() as session:
        session.execute(text("UPDATE school SET slug = slug || '-before'"))
    build()
    assert (told("hejiatu"), told("fengxi")) == first
    assert all(part for part in first[0])


def test_what_the_demo_promises(build: Build) -> None:
    assert build() == ["文件服务连不上，演示里没有照片。"]
    number = school("hejiatu")
    with db.transaction(school_id=number) as session:
        children = session.scalars(
            select(Pupil.name)
            .join(Guardianship, Guardianship.pupil_id == Pupil.id)
            .join(Guardian, Guardian.id == Guardianship.guardian_id)
            .where(Guardian.phone == PARENT)
        )
        assert set(children) == {"李小明", "李小悦"}
        today = select(HomeroomClass.entry_year, HomeroomClass.number).join(
            AttendanceSheet, AttendanceSheet.class_id == HomeroomClass.id
        )
        taken = set(session.execute(today.where(AttendanceSheet.day == MONDAY.date())))
        assert taken == {(2024, 1), (2026, 1), (2026, 2)}
        assert session.scalar(select(func.count()).select_from(GrowthRecord))
        latest = session.scalar(select(func.max(Praise.created_at)))
        assert latest is not None and latest < MONDAY
    with db.transaction() as session:
        phones = session.scalars(select(Account.phone)).all()
        assert {f"120000000{last:02}" for last in (1, 2, 3, 4, 9, 10)} <= set(phones)
        assert all(re.fullmatch(r"1200000\d{4}", phone) for phone in phones)
        assert session.scalars(select(Account.phone).where(Account.operator)).all() == [
            "12000000010"
        ]


def test_nothing_is_left_to_be_sent(build: Build) -> None:
    build()
    with db.transaction() as session:
        unsent = select(func.count()).select_from(Outbox).where(Outbox.sent_at.is_(None))
        assert session.scalar(unsent) == 0


def test_a_demo_cut_short_leaves_no_school(build: Build, monkeypatch: Any) -> None:
    monkeypatch.setattr(history.Life, "live", lambda _self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        build()
    with db.transaction() as session:
        assert session.scalars(select(School.slug)).all() == []


def test_phones_are_all_in_the_unassigned_prefix_and_given_once() -> None:
    random = Random(20260901)
    imagined = imagine_hejiatu(HEJIATU, random, Phones(random), MONDAY.date())
    staff = [one.phone for one in imagined.staff]
    assert len(set(staff)) == len(staff)
    assert not set(staff) & set(imagined.guardians)
    assert all(re.fullmatch(r"1200000\d{4}", each) for each in [*staff, *imagined.guardians])
    names = [child.name for child in imagined.children]
    assert {"欧阳若溪", "买买提·艾力", "王𠮷"} <= set(names)
    assert names.count("张子涵") > 1


@pytest.mark.parametrize(
    ("today", "last", "count"),
    [
        (date(2026, 11, 23), date(2026, 11, 23), 15),
        (date(2026, 11, 22), date(2026, 11, 20), 15),
        (date(2027, 2, 10), date(2027, 1, 29), 15),
        (date(2027, 8, 1), date(2027, 7, 9), 15),
        (date(2026, 10, 5), date(2026, 9, 30), 15),
        (date(2026, 9, 2), date(2026, 9, 2), 2),
        (date(2029, 9, 1), None, 0),
    ],
)
def test_school_days_end_at_the_last_day_of_teaching(
    today: date, last: date | None, count: int
) -> None:
    days = school_days(today, 15)
    assert len(days) == count
    assert (days[-1] if days else None) == last
    assert all(year_of(today).starts_on <= day <= today for day in days)


def test_pictures_are_pictures_and_always_the_same() -> None:
    assert picture(Random(1)) == picture(Random(1))
    assert picture(Random(1)).startswith(b"\xff\xd8")
