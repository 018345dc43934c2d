"""Signing in and out, and what an open page does when its session ends elsewhere."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.house import PHONES, House
from tests.e2e.people import People, live, sign_in


def test_in_and_out(people: People, home: House) -> None:
    with people.window() as page:
        page.goto(f"{home.school}/home")
        expect(page).to_have_url(re.compile("/login"))
        page.fill('[name="account"]', PHONES["parent"])
        page.fill('[name="password"]', "wrong-password")
        page.click("form button.btn")
        expect(page.locator("body")).to_contain_text("手机号或密码不对")
        people.errors.clear()  # the refusal's 4xx is what was asked for
        sign_in(page, home, "parent")
        page.goto(f"{home.school}/me")
        page.get_by_role("button", name="退出登录").click()
        expect(page).to_have_url(re.compile("/login"))
        page.goto(f"{home.school}/home")
        expect(page).to_have_url(re.compile("/login"))


def test_ended_elsewhere(people: People, home: House) -> None:
    with people.window("parent", fresh=True) as here, people.window("parent", fresh=True) as there:
        here.goto(f"{home.school}/home")
        live(here)
        there.goto(f"{home.school}/me/devices")
        there.get_by_role("button", name="退出其他所有设备").click()
        expect(here).to_have_url(re.compile("/login"), timeout=5000)
        people.forget("parent")
