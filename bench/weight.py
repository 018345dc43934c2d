"""`python -m bench.weight`: what pages weigh and when they paint, in Chromium on a slow line.

390×844 (teacher 1280×800), 1.6 Mbit/s, 150 ms round trip, CPU four times slower, cold cache, the
full demo school; three runs, the median. Exits 1 past a budget of product.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright
from rich.console import Console
from rich.table import Table

from bench.stack import DEMO_PASSWORD, stack
from bench.wire import SLOW, Wire, watched

SCHOOL = "/s/hejiatu"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
RUNS = 3


@dataclass(frozen=True, slots=True)
class Budget:
    """What product.md allows one page."""

    kilobytes: float
    requests: int
    script: float
    paint: float
    next_page: float
    live: float = 16.0
    shift: float = 0.01


FAMILY = Budget(50, 6, 20, 1.0, 15)
TEACHER = Budget(120, 99, 120, 1.5, 120)


@dataclass(frozen=True, slots=True)
class Visit:
    """One page to weigh."""

    name: str
    phone: str
    path: str
    view: dict[str, int]
    budget: Budget


def visits(class_path: str, child_path: str) -> tuple[Visit, ...]:
    """The pages of product.md's budgets."""
    parent, teacher = "12000000004", "12000000003"
    return (
        Visit("家长 · 首页", parent, "/home", PHONE, FAMILY),
        Visit("家长 · 成长", parent, child_path, PHONE, FAMILY),
        Visit("家长 · 消息", parent, "/messages", PHONE, FAMILY),
        Visit("老师 · 今天", teacher, "/today", DESKTOP, TEACHER),
        Visit("老师 · 班级", teacher, class_path, DESKTOP, TEACHER),
    )


class Traveller:
    """Opens pages of one server as signed-in people."""

    def __init__(self, browser: Browser, origin: str) -> None:
        self.browser = browser
        self.origin = origin
        self._states: dict[str, Any] = {}

    def state(self, phone: str) -> Any:
        """The cookies of one person, signed in once."""
        if phone not in self._states:
            context = self.browser.new_context()
            page = context.new_page()
            page.goto(f"{self.origin}/login")
            page.fill('[name="account"]', phone)
            page.fill('[name="password"]', DEMO_PASSWORD)
            page.click("form button.btn")
            page.wait_for_url(lambda address: not address.endswith("/login"))
            self._states[phone] = context.storage_state()
            context.close()
        return self._states[phone]

    def first_link(self, phone: str, path: str, selector: str) -> str:
        """The path inside the school of the first link that matches."""
        context = self.browser.new_context(storage_state=self.state(phone))
        page = context.new_page()
        page.goto(self.origin + SCHOOL + path)
        href = page.locator(selector).first.get_attribute("href") or ""
        context.close()
        return href.removeprefix(SCHOOL)

    def weigh(self, visit: Visit) -> Wire:
        """Open a page with a cold cache, then open it once more with a warm one."""
        context = self.browser.new_context(
            storage_state=self.state(visit.phone),
            viewport=visit.view,  # type: ignore[arg-type]
            locale="zh-CN",
        )
        try:
            page = context.new_page()
            session = context.new_cdp_session(page)
            for command, values in SLOW:
                session.send(command, values)
            seen = watched(page, session, self.origin)
            self._open(page, visit)
            seen.take_paint(page)
            cold = seen.wire()
            seen.again()
            self._open(page, visit)
            return cold.with_next(seen.wire())
        finally:
            context.close()

    def _open(self, page: Page, visit: Visit) -> None:
        page.goto(self.origin + SCHOOL + visit.path, wait_until="load")
        page.wait_for_timeout(1500)


def middle(runs: list[Wire]) -> Wire:
    """The median of each figure."""
    fields = ("kilobytes", "requests", "script", "live", "paint", "shift", "next_page")
    return Wire(**{name: median(getattr(one, name) for one in runs) for name in fields})


def cells(found: Wire, budget: Budget) -> Iterator[tuple[str, bool]]:
    """Each figure as text, and whether it is within its budget."""
    yield f"{found.kilobytes:.1f} / {budget.kilobytes:.0f}", found.kilobytes <= budget.kilobytes
    yield f"{found.requests:.0f} / {budget.requests}", found.requests <= budget.requests
    yield f"{found.script:.1f} / {budget.script:.0f}", found.script <= budget.script
    yield f"{found.live:.1f} / {budget.live:.0f}", found.live <= budget.live
    yield f"{found.paint:.2f} / {budget.paint}", found.paint <= budget.paint
    yield f"{found.shift:.3f}", found.shift <= budget.shift
    yield f"{found.next_page:.1f} / {budget.next_page:.0f}", found.next_page <= budget.next_page


def report(rows: list[tuple[Visit, Wire]]) -> bool:
    """Print the table; whether everything is within its budget."""
    table = Table(title="智慧校园 · weight (measured / budget)")
    for heading in ("page", "KB", "requests", "JS KB", "socket KB", "LCP s", "shift", "next KB"):
        table.add_column(heading, no_wrap=True)
    kept = True
    for visit, found in rows:
        marked = [(text, good) for text, good in cells(found, visit.budget)]
        kept = kept and all(good for _, good in marked)
        table.add_row(visit.name, *(text if good else f"[red]{text} ✗" for text, good in marked))
    Console(width=120).print(table)
    return kept


def main() -> int:
    """Weigh every page; 1 when one is past its budget."""
    with stack() as made:
        made.database()
        made.demo()
        server = made.serve()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            traveller = Traveller(browser, server.origin)
            a_class = traveller.first_link("12000000003", "/today", "main .class-card a")
            child = traveller.first_link("12000000004", "/home", '.section a[href*="/children/"]')
            rows = [
                (visit, middle([traveller.weigh(visit) for _ in range(RUNS)]))
                for visit in visits(a_class, child)
            ]
            browser.close()
    return 0 if report(rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
