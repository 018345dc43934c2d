"""What one device does, the others show: every region that a page has open, without a reload."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.house import House
from tests.e2e.people import DESKTOP, PHONE, People, live
from tests.e2e.test_praise import praise

SOON = 8000
NOBODY_CALLED = (
    "WITH gone AS (DELETE FROM attendance_mark RETURNING 1) SELECT count(*) FROM gone",
    "WITH gone AS (DELETE FROM attendance_sheet RETURNING 1) SELECT count(*) FROM gone",
)


@pytest.fixture(autouse=True)
def morning(home: House) -> Iterator[None]:
    """Nobody was called over yet, before and after."""
    for query in NOBODY_CALLED:
        home.ask(query)
    yield
    for query in NOBODY_CALLED:
        home.ask(query)


def enter(page: Page, home: House) -> Page:
    """The class page, listening."""
    page.goto(f"{home.school}/classes/{home.class_id}")
    live(page)
    return page


def tap(page: Page, home: House) -> None:
    with page.expect_response(lambda reply: "/attendance/" in reply.url):
        page.locator(f"#pupil-{home.child_id}").click()


def test_two_teachers_and_a_family(people: People, home: House) -> None:
    """All present is sent at once; the other's mark stays; the family reads both."""
    with (
        people.window("teacher", viewport=DESKTOP) as first,
        people.window("teacher", viewport=PHONE) as second,
        people.window("parent") as parent,
    ):
        parent.goto(f"{home.school}/children/{home.child_id}/home")
        live(parent)
        enter(second, home)
        enter(first, home)
        chosen = second.locator("#pupils .pupil input").nth(1)
        chosen.focus()
        second.keyboard.press("Space")
        with first.expect_response(lambda reply: reply.url.endswith("/attendance"), timeout=1500):
            first.locator("#all-present button").click()
        expect(first.locator(".toast")).to_contain_text("全班记为到校")
        expect(second.locator("#register-words")).to_contain_text("到校", timeout=SOON)
        expect(second.locator("#all-present")).to_have_count(0)
        expect(parent.locator("#day h1")).to_contain_text("在校一切都好", timeout=SOON)
        first.click('[data-mode-link="attendance"]')
        tap(first, home)
        expect(second.locator(f"#pupil-{home.child_id}")).to_contain_text("迟到", timeout=SOON)
        expect(second.locator("#away")).to_contain_text(home.child_name)
        expect(second.locator("#register-words")).to_contain_text("迟到 1")
        expect(chosen).to_be_checked()
        expect(chosen).to_be_focused()
        expect(second.locator("#act [data-count]")).to_have_text("1")
        expect(parent.locator("#day h1")).to_contain_text("晚了一些", timeout=SOON)
        expect(first.locator("#all-present")).to_contain_text("其余到校", timeout=SOON)
        second.locator("#all-present button").click()
        expect(second.locator(".toast")).to_contain_text("记过的 1 人没有动")
        expect(second.locator(f"#pupil-{home.child_id}")).to_contain_text("迟到")


def test_undo_of_all_present_reaches_everybody(people: People, home: House) -> None:
    with (
        people.window("teacher", viewport=DESKTOP) as first,
        people.window("teacher", viewport=DESKTOP) as today,
    ):
        today.goto(f"{home.school}/today")
        live(today)
        card = today.locator("#my-classes .class-card").first
        enter(first, home)
        first.keyboard.press("a")
        expect(card).to_contain_text("到校", timeout=SOON)
        first.locator(".toast").get_by_role("button", name="撤销").click()
        expect(first.locator("#register-words")).to_contain_text("还没有点名")
        expect(first.locator("#all-present")).to_be_visible()
        expect(card).to_contain_text("还没有点名", timeout=SOON)


def test_a_mark_that_was_refused_does_not_stay(people: People, home: House) -> None:
    with people.window("teacher", viewport=DESKTOP) as page:
        enter(page, home)
        cell = page.locator(f"#pupil-{home.child_id}")
        page.click('[data-mode-link="attendance"]')
        page.route("**/attendance/*", lambda route: route.abort("connectionfailed"))
        cell.click()
        expect(page.locator(".toast")).to_contain_text("没有保存", timeout=SOON)
        expect(cell).not_to_have_attribute("data-state", "late", timeout=SOON)
        page.unroute("**/attendance/*")
        with page.expect_response(lambda reply: "/attendance/" in reply.url):
            page.locator(".toast").get_by_role("button", name="再试").click()
        expect(page.locator("#register-words")).to_contain_text("迟到 1")
    people.errors.clear()  # the browser writes what it could not send


def test_praise_reaches_the_other_device_and_the_badge(people: People, home: House) -> None:
    words = "另一台也看得到"
    with (
        people.window("teacher", viewport=DESKTOP) as first,
        people.window("teacher", viewport=DESKTOP) as second,
        people.window("parent") as parent,
    ):
        parent.goto(f"{home.school}/me")
        live(parent)
        badge = parent.locator("#unread")
        before = int(badge.inner_text() or 0)
        enter(second, home)
        enter(first, home)
        praise(first, home, words)
        expect(second.locator("#day-feed")).to_contain_text(words, timeout=SOON)
        expect(badge).to_have_text(str(before + 1), timeout=SOON)
        second.locator("#day-feed li", has_text=words).get_by_role("button").click()
        expect(first.locator("#day-feed")).not_to_contain_text(words, timeout=SOON)


def test_a_family_that_was_away_catches_up(people: People, home: House) -> None:
    with (
        people.window("parent") as parent,
        people.window("teacher", viewport=DESKTOP) as teacher,
    ):
        parent.goto(f"{home.school}/children/{home.child_id}/home")
        live(parent)
        parent.context.set_offline(True)
        enter(teacher, home).locator("#all-present button").click()
        expect(teacher.locator(".toast")).to_contain_text("全班记为到校")
        parent.context.set_offline(False)
        expect(parent.locator("#day h1")).to_contain_text("在校一切都好", timeout=20_000)
