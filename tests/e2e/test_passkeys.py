"""Passkeys with a real browser's own authenticator, on a phone: added, used, removed."""

from __future__ import annotations

import re
from dataclasses import replace

from playwright.sync_api import CDPSession, Page, expect

from tests.e2e.house import House
from tests.e2e.people import People, sign_in

PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def named(home: House) -> House:
    """The same server by its name: browsers know passkeys only under a name."""
    return replace(home, origin=home.origin.replace("127.0.0.1", "localhost"))


def with_authenticator(page: Page) -> tuple[CDPSession, str]:
    """Chromium's virtual authenticator: a phone that has just seen its owner's face."""
    chromium = page.context.new_cdp_session(page)
    chromium.send("WebAuthn.enable")
    made = chromium.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE})
    return chromium, made["authenticatorId"]


def test_added_used_and_removed(people: People, home: House) -> None:
    house = named(home)
    with people.window() as page:
        chromium, number = with_authenticator(page)
        sign_in(page, house, "parent")
        page.goto(f"{house.school}/me")
        page.get_by_role("link", name="通行密钥").click()
        page.fill('[name="name"]', "妈妈的手机")
        page.get_by_role("button", name="添加通行密钥").click()
        expect(page.locator("main")).to_contain_text("妈妈的手机")
        held = chromium.send("WebAuthn.getCredentials", {"authenticatorId": number})
        assert len(held["credentials"]) == 1
        page.get_by_role("button", name="添加通行密钥").click()
        expect(page.locator("[data-words]")).to_contain_text("已经添加过")

        page.goto(f"{house.school}/me")
        page.get_by_role("button", name="退出登录").click()
        page.goto(f"{house.school}/children")
        expect(page).to_have_url(re.compile("/login"))
        page.get_by_role("button", name="用通行密钥登录").click()
        page.wait_for_url(lambda address: "/login" not in address)
        assert "/children" in page.url

        page.goto(f"{house.school}/me/passkeys")
        expect(page.locator("main")).to_contain_text("用过")
        page.get_by_text("改名或移除").click()
        page.get_by_role("button", name="移除，不能再用它登录").click()
        expect(page.locator("main")).to_contain_text("还没有通行密钥")
        page.goto(f"{house.school}/me")
        page.get_by_role("button", name="退出登录").click()
        page.get_by_role("button", name="用通行密钥登录").click()
        expect(page.locator("[data-words]")).to_contain_text("没有通过")
        people.errors.clear()  # the refusal's 4xx is what was asked for
        sign_in(page, house, "parent")


def test_it_confirms_a_grave_act(people: People, home: House) -> None:
    house = named(home)
    with people.window() as page:
        with_authenticator(page)
        sign_in(page, house, "parent")
        page.goto(f"{house.school}/me/passkeys")
        page.fill('[name="name"]', "妈妈的手机")
        page.get_by_role("button", name="添加通行密钥").click()
        expect(page.locator("main")).to_contain_text("妈妈的手机")
        here = house.school.removeprefix(house.origin)
        page.goto(f"{house.school}/me/confirm?next={here}/me")
        page.get_by_role("button", name="用通行密钥确认").click()
        page.wait_for_url(lambda address: "/confirm" not in address)
        page.goto(f"{house.school}/me/passkeys")
        page.get_by_text("改名或移除").click()
        page.get_by_role("button", name="移除，不能再用它登录").click()
        expect(page.locator("main")).to_contain_text("还没有通行密钥")


def test_a_person_who_turns_away_reads_what_else_works(people: People, home: House) -> None:
    with people.window() as page:
        chromium, number = with_authenticator(page)
        state = {"authenticatorId": number, "isUserVerified": False}
        chromium.send("WebAuthn.setUserVerified", state)
        page.goto(f"{named(home).origin}/login")
        page.get_by_role("button", name="用通行密钥登录").click()
        expect(page.locator("[data-words]")).to_contain_text("用手机号和密码登录")
        expect(page.get_by_role("button", name="用通行密钥登录")).to_be_enabled()


def test_without_script_or_support_the_password_is_enough(people: People, home: House) -> None:
    house = named(home)
    with people.window(java_script_enabled=False) as page:
        page.goto(f"{house.origin}/login")
        expect(page.get_by_role("button", name="用通行密钥登录")).to_be_hidden()
        sign_in(page, house, "parent")
    with people.window() as page:
        page.add_init_script("delete window.PublicKeyCredential")
        page.goto(f"{house.origin}/login")
        expect(page.get_by_role("button", name="用通行密钥登录")).to_be_hidden()
        sign_in(page, house, "parent")
        page.goto(f"{house.school}/me/passkeys")
        expect(page.locator("main")).to_contain_text("不支持通行密钥")
    with people.window() as page:
        page.goto(f"{home.origin}/login")
        expect(page.locator("[data-passkey]")).to_have_count(0)
