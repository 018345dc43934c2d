"""A person at a browser: a context of their own, signed in once a run, watched while it is open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, WebSocket

from bench.stack import DEMO_PASSWORD
from tests.e2e.house import PHONES, House

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
# Chromium writes every refused or missing address to the console; tests that provoke one say so.
EXPECTED = ("net::ERR_INTERNET_DISCONNECTED", "ERR_NETWORK")

CONNECTED: WeakSet[Page] = WeakSet()


def launch(playwright: Playwright) -> Browser:
    """Debian's Chromium without a window."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


class People:
    """Opens browser windows for people of the demo school."""

    def __init__(self, browser: Browser, house: House) -> None:
        self.browser = browser
        self.house = house
        self.errors: list[str] = []
        self._states: dict[str, Any] = {}

    @contextmanager
    def window(self, who: str = "", *, fresh: bool = False, **options: Any) -> Iterator[Page]:
        """A window of ``who`` (nobody: signed out); ``fresh`` signs in anew, as a new device."""
        state = self._sign_in(who) if who and (fresh or who not in self._states) else None
        if who and not fresh:
            state = self._states.setdefault(who, state)
        context = self.browser.new_context(
            storage_state=state, **{"viewport": PHONE, "locale": "zh-CN", **options}
        )
        context.set_default_timeout(8000)
        try:
            page = context.new_page()
            page.on("console", self._said)
            page.on("websocket", lambda socket: _watch_socket(page, socket))
            page.on("pageerror", lambda error: self.errors.append(str(error)))
            yield page
        finally:
            context.close()

    def forget(self, who: str) -> None:
        """The remembered session of ``who`` has been ended: sign in anew next time."""
        self._states.pop(who, None)

    def _sign_in(self, who: str) -> Any:
        context = self.browser.new_context(locale="zh-CN")
        try:
            sign_in(context.new_page(), self.house, who)
            return context.storage_state()
        finally:
            context.close()

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(word in message.text for word in EXPECTED):
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")


def sign_in(page: Page, house: House, who: str) -> None:
    """Type phone and password, as a person does."""
    page.goto(f"{house.origin}/login")
    page.fill('[name="account"]', PHONES[who])
    page.fill('[name="password"]', DEMO_PASSWORD)
    page.click("form button.btn")
    page.wait_for_url(lambda address: not address.endswith("/login"))


def live(page: Page) -> None:
    """Wait until the socket is connected: hints heard from now on change the page."""
    for _ in range(100):
        if page in CONNECTED:
            return
        page.wait_for_timeout(50)
    raise AssertionError("the page's socket did not connect within 5 s")


def _watch_socket(page: Page, socket: WebSocket) -> None:
    def heard(frame: str | bytes) -> None:
        if str(frame).startswith("40"):
            CONNECTED.add(page)

    socket.on("framereceived", heard)
