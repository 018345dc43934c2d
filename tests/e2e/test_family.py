"""A family with two children goes through its pages."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.house import House
from tests.e2e.people import People


def test_the_chosen_child_goes_along(people: People, home: House) -> None:
    with people.window("parent") as page:
        page.goto(f"{home.school}/home")
        expect(page.locator(".kid")).to_have_count(2)
        for _ in range(2):  # there and back
            other = page.locator(".kid:not([aria-current])")
            name = other.inner_text().split()[-1]
            other.click()
            expect(page.locator(".kid[aria-current]")).to_contain_text(name)
            for tab in ("消息", "成长", "我的", "首页"):
                page.locator(".tabs .tab", has_text=tab).click()
                expect(page.locator(".tabs [aria-current]")).to_contain_text(tab)
                expect(page.locator(".kid[aria-current]")).to_contain_text(name)
            expect(page).to_have_title(f"{name}的今天 · {page.title().split(' · ')[-1]}")
