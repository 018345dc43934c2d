"""A day without lessons asks for no attendance and takes none; a make-up day follows another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import delete

from campus import clock, db
from campus.actor import Actor
from campus.errors import InvalidInput
from tenants.classes.attendance import mark_attendance, take_attendance
from tenants.classes.models import TimetableSlot
from tenants.classes.own import lessons_today
from tenants.people.days import Special, day_on, set_specials
from tests.support.client import JSON, PageClient
from tests.support.queries import counting
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]


@pytest.fixture(autouse=True)
def own(fresh: str) -> None:
    """Every test here changes the calendar."""


def say(seed: Seed, *days: Special) -> None:
    """What the school says of these days, today among them."""
    actor = Actor.system(seed.schools["a"].id)
    with db.transaction(school_id=actor.school_id):
        for one in days:
            set_specials(actor, first=one.day, last=one.day, days=[one])


def sunday() -> date:
    """The last Sunday, inside the seed's term."""
    today = clock.today()
    return today - timedelta(days=today.isoweekday())


def test_a_holiday_asks_for_no_attendance(client_of: ClientOf, seed: Seed) -> None:
    ids = seed.schools["a"].ids
    say(seed, Special(clock.today(), "国庆节"))
    teacher = client_of("class_teacher")
    page = teacher.page(f"/classes/{ids['class']}")
    assert "今天放假（国庆节）" in page.select_one("#register-words").get_text()
    assert "国庆节放假" in page.select_one(".page-head").get_text()
    assert page.select_one("#all-present") is None
    assert page.select_one("[data-mode-link]") is None
    marking = teacher.page(f"/classes/{ids['class']}?mode=attendance")
    assert marking.select_one("#pupils button.pupil") is None


def test_what_was_recorded_stays_and_is_said(client_of: ClientOf, seed: Seed) -> None:
    say(seed, Special(clock.today(), "国庆节"))
    page = client_of("class_teacher").page(f"/classes/{seed.schools['a'].ids['class']}")
    words = page.select_one("#register-words").get_text()
    assert "先前记下的" in words and "到校 1 · 迟到 1" in words


def test_today_s_page_says_it_too(client_of: ClientOf, seed: Seed) -> None:
    say(seed, Special(clock.today(), "国庆节"))
    text = client_of("other_teacher").page("/today").get_text()
    assert "今天放假（国庆节）" in text
    assert "去点名" not in text and "还没有点名" not in text
    say(seed, Special(clock.today(), "补课", 2))
    text = client_of("other_teacher").page("/today").get_text()
    assert "补星期二的课" in text and "还没有点名" in text


@pytest.mark.parametrize("what", ["sheet", "mark"])
def test_attendance_is_refused_with_the_reason(what: str, seed: Seed) -> None:
    ids, teacher, day = seed.schools["a"].ids, seed.actor("class_teacher"), sunday()
    more = {"class_id": ids["class"], "day": day, "half": "am"}
    with (
        db.transaction(school_id=seed.schools["a"].id),
        pytest.raises(InvalidInput, match=rf"{clock.date_words(day)}是星期日，不上课，不用点名"),
    ):
        if what == "sheet":
            take_attendance(teacher, **more)
        else:
            mark_attendance(teacher, pupil_id=ids["child"], state="late", **more)


def test_a_make_up_day_is_one_of_lessons(seed: Seed) -> None:
    ids, teacher, day = seed.schools["a"].ids, seed.actor("class_teacher"), sunday()
    say(seed, Special(day, "补课", 4))
    with db.transaction(school_id=seed.schools["a"].id):
        assert take_attendance(teacher, class_id=ids["class"], day=day, half="am") > 0


def test_the_button_of_an_old_page_gets_the_sentence(client_of: ClientOf, seed: Seed) -> None:
    ids = seed.schools["a"].ids
    say(seed, Special(clock.today(), "国庆节"))
    path, browser = f"/classes/{ids['class']}/attendance", client_of("class_teacher")
    answer = browser.post(path, {"half": "am"}, 422, headers=JSON).get_json()
    assert "放假（国庆节），不用点名" in answer["errors"]["day"]
    assert "补课日" in browser.post(path, {"half": "am"}, 422).get_data(as_text=True)


def test_the_weekday_a_make_up_day_stands_for_decides_the_lessons(seed: Seed) -> None:
    today = clock.today()
    other = today.isoweekday() % 5 + 1
    with db.transaction(school_id=seed.schools["a"].id) as session:
        session.execute(delete(TimetableSlot).where(TimetableSlot.weekday != other))
    say(seed, Special(today, "补课", other))
    with db.transaction(school_id=seed.schools["a"].id, read_only=True):
        teacher = seed.actor("class_teacher")
        lessons = lessons_today(teacher, clock.now(), day_on(today).weekday)
        assert [one.period for one in lessons] == [1]
        assert lessons_today(teacher, clock.now(), 0) == []


def test_the_family_reads_it(client_of: ClientOf, seed: Seed) -> None:
    say(seed, Special(clock.today(), "国庆节"))
    page = client_of("guardian").page("/home")
    assert "今天放假" in page.h1.get_text()
    assert "国庆节放假" in page.select_one(".sub").get_text()
    assert page.select_one("dl.facts") is None


def test_the_day_travels_with_the_page(client_of: ClientOf, seed: Seed) -> None:
    """Holidays cost the class page no statement and no trip: six in two, as before."""
    path, browser = f"/classes/{seed.schools['a'].ids['class']}", client_of("class_teacher")
    browser.get(path)
    for special in (Special(clock.today(), "国庆节"), Special(clock.today(), "补课", 3)):
        say(seed, special)
        with counting() as count:
            browser.get(path)
        assert len(count) <= 6, str(count)
        assert count.waits <= 2
