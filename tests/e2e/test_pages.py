"""Every page of every role and state: accessible in light and dark, whole at every width, silent.

One visit a page. A phone's size first, where axe applies every rule; then dark, then a desktop,
then the narrowest phone with large type. Console errors and broken policies are the fixture's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

from tests.authz import table
from tests.e2e import states
from tests.e2e.house import House
from tests.e2e.pages import PAGES, visit
from tests.e2e.people import DESKTOP, PHONE, People
from tests.support.effort import NIGHTLY

AXE = Axe()
RUN = """options => axe.run(document, options).then(found => found.violations
  .filter(one => one.impact === "serious" || one.impact === "critical")
  .map(one => `${one.id}: ${one.nodes[0].html.slice(0, 120)} (${one.nodes.length})`))"""
# Contrast is all that dark mode can change; a width changes the places of things, not their names.
# Colours are tokens of light and dark, the same at every width: dark on a desktop is seen once for
# each role's frame.
ALL: dict[str, Any] = {"resultTypes": ["violations"]}
COLOURS = ALL | {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
PLACED = ALL | {"runOnly": {"type": "rule", "values": ["color-contrast", "target-size"]}}
NARROW: ViewportSize = {"width": 320, "height": 640}
BETWEEN: list[ViewportSize] = [{"width": w, "height": 800} for w in (480, 768, 820, 1024, 1920)]
LARGE_TYPE = "document.documentElement.style.fontSize = '24px'"
OVERFLOW = """() => {
  const wide = document.documentElement.scrollWidth - window.innerWidth;
  if (wide <= 0) return "";
  const far = [...document.querySelectorAll("body *")].filter(e =>
    e.getBoundingClientRect().right > window.innerWidth + 1 && !e.closest(".scroll, .pupils"));
  return `${wide}px: ` + far.slice(0, 3).map(e => `${e.tagName}.${e.className}`).join(", ");
}"""
SAID_NO = re.compile(r"status of (40[134]|409|422|503)")
# Not pages: pieces, files and answers for machines.
NO_PAGES = {
    *("/favicon.ico", "/manifest.webmanifest", "/healthz", "/metrics", "/static/<path:filename>"),
    *("/", "/children/<int:pupil_id>/changes", "/logo", "/messages/unread"),
    *("/access/records.xlsx", "/staff/list.xlsx", "/onboarding/roster/template.xlsx"),
    *("/onboarding/roster/<int:run_id>/marked.xlsx", "/takeaway/<int:task_id>/file"),
    "/takeaway/mine/<int:task_id>/file",
}
ROLES = [pytest.param(role, id=role or "nobody") for role in PAGES]


@pytest.fixture(scope="module", autouse=True)
def made(everybody: People, home: House) -> Iterator[None]:
    """Something under way on every page."""
    states.make(everybody, home)
    yield


def faults(page: Page, options: dict[str, Any]) -> list[str]:
    """The serious violations axe finds, with the first element of each."""
    found: list[str] = page.evaluate(RUN, options)
    return found


def wide(page: Page, size: ViewportSize) -> list[str]:
    """What sticks out to the right at this size."""
    page.set_viewport_size(size)
    found = page.evaluate(OVERFLOW)
    return [f"{size['width']}: {found}"] if found else []


def looked_at(page: Page, *, first: bool) -> list[str]:
    """Everything wrong with the page that is open; ``first`` of its role, so with a new frame."""
    page.emulate_media(color_scheme="light")
    seen = [*wide(page, PHONE), *faults(page, ALL)]
    page.emulate_media(color_scheme="dark")
    seen += [f"dark {one}" for one in faults(page, COLOURS)]
    seen += wide(page, DESKTOP)
    if first or NIGHTLY:
        seen += [f"dark desktop {one}" for one in faults(page, COLOURS)]
    page.emulate_media(color_scheme="light")
    seen += [f"desktop {one}" for one in faults(page, ALL if first or NIGHTLY else PLACED)]
    if NIGHTLY:
        seen += [one for size in BETWEEN for one in wide(page, size)]
    page.evaluate(LARGE_TYPE)
    return seen + wide(page, NARROW)


@pytest.mark.parametrize("role", ROLES)
def test_page(people: People, home: House, role: str) -> None:
    wrong = {}
    with people.window(role, reduced_motion="reduce") as page:
        page.add_init_script(AXE.axe_script)
        for number, place in enumerate(PAGES[role]):
            page.set_viewport_size(PHONE)
            visit(page, home, place)
            seen = looked_at(page, first=number == 0)
            if seen:
                wrong[place] = seen
    # A page that says no is told to the console as well; which ones do is other tests' business.
    people.errors[:] = [one for one in people.errors if not SAID_NO.search(one)]
    assert not wrong, wrong


def _route_of(place: str) -> str:
    """The address without school, query and button."""
    return re.sub(r"^//s/\w+", "", place.partition(" > ")[0].partition("?")[0]).replace("//", "/")


def test_no_page_is_forgotten() -> None:
    routes = {row.rule for row in table.routes() if row.method == "GET"}
    assert routes, "authz.yaml names no route"
    seen = {_route_of(place) for places in PAGES.values() for place in places}
    missing = {route for route in routes - NO_PAGES if not any(_is(route, one) for one in seen)}
    assert missing == set()


def _is(route: str, place: str) -> bool:
    """Whether a place (``/classes/{class}``, ``/help/parent``) is one of a route's."""
    return re.fullmatch(re.sub(r"<[^>]+>", "[^/]+", route), place) is not None
