"""The class page: attendance with one tap and its exceptions, and everything by keyboard."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.house import House
from tests.e2e.people import DESKTOP, People


def test_attendance(people: People, home: House) -> None:
    with people.window("teacher", viewport=DESKTOP) as page:
        page.goto(f"{home.school}/classes/{home.class_id}")
        if page.locator("#all-present").count():
            page.locator("#all-present button").click()
            expect(page.locator("#register-words")).to_contain_text("到校", timeout=8000)
        page.click('[data-mode-link="attendance"]')
        with page.expect_response(lambda reply: "/attendance/" in reply.url):
            page.locator(f"#pupil-{home.child_id}").click()
        expect(page.locator("#register-words")).to_contain_text("迟到")
        page.reload()
        expect(page.locator(f"#pupil-{home.child_id}")).to_contain_text("迟到")


def test_keyboard(people: People, home: House) -> None:
    with people.window("teacher", viewport=DESKTOP) as page:
        page.goto(f"{home.school}/classes/{home.class_id}")
        page.wait_for_selector("html.js")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        second = page.locator("#pupils .pupil").nth(1).locator("input")
        expect(second).to_be_focused()
        page.keyboard.press("Space")
        expect(second).to_be_checked()
        page.keyboard.press("p")
        expect(page.locator("#praise")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#praise")).to_be_hidden()
        page.locator("body").press("/")
        expect(page.locator("#pupil-search")).to_be_focused()
        page.keyboard.type("没有这个人")
        expect(page.locator("#none-found")).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("a")
        if page.locator("#all-present").count():
            expect(page.locator(".toast")).to_contain_text("到校")
