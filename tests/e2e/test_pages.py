"""Every page of every role: accessible in light and dark, and whole on the narrowest phone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.e2e.house import House
from tests.e2e.pages import PAGES, address
from tests.e2e.people import People

AXE = Axe()
SERIOUS = ("serious", "critical")
# axe cannot be asked for part of its rules by impact; contrast is all that dark mode can change.
LIGHT: dict[str, Any] = {"resultTypes": ["violations"]}
DARK = LIGHT | {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
OVERFLOW = """() => {
  const wide = document.documentElement.scrollWidth - window.innerWidth;
  if (wide <= 0) return "";
  const far = [...document.querySelectorAll("body *")].filter(e =>
    e.getBoundingClientRect().right > window.innerWidth + 1 && !e.closest(".scroll, .pupils"));
  return `${wide}px: ` + far.slice(0, 3).map(e => `${e.tagName}.${e.className}`).join(", ");
}"""
# Not pages: pieces, files and answers for machines.
NO_PAGES = {
    *("/favicon.ico", "/manifest.webmanifest", "/healthz", "/metrics", "/static/<path:filename>"),
    *("/", "/children/<int:pupil_id>/changes", "/logo"),
    # Files, and pages of work in progress that the small demo has none of.
    *("/access/records.xlsx", "/staff/list.xlsx", "/onboarding/roster/template.xlsx"),
    *("/onboarding/roster/<int:run_id>", "/onboarding/roster/<int:run_id>/marked.xlsx"),
    *("/takeaway/<int:task_id>", "/takeaway/<int:task_id>/file"),
    *("/takeaway/mine/<int:task_id>", "/takeaway/mine/<int:task_id>/file"),
    *("/takeaway/coming/<int:task_id>", "/takeaway/going/<int:task_id>"),
    *("/takeaway/going/<int:task_id>/certificate", "/takeaway/going/form", "/approvals/ask"),
    *("/access/pupils/<int:pupil_id>/guardians/<int:guardian_id>/phone", "/staff/<int:staff_id>"),
}
ROLES = [pytest.param(role, id=role or "nobody") for role in PAGES]


def faults(page: Page, options: dict[str, Any]) -> list[str]:
    """The serious violations axe finds, with the first element of each."""
    found = AXE.run(page, options=options).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:120]} ({len(one['nodes'])})"
        for one in found
        if one["impact"] in SERIOUS
    ]


@pytest.mark.parametrize("role", ROLES)
def test_accessible(people: People, home: House, role: str) -> None:
    wrong = {}
    with people.window(role, bypass_csp=True, reduced_motion="reduce") as page:
        for place in PAGES[role]:
            page.emulate_media(color_scheme="light")
            page.goto(address(home, place))
            seen = faults(page, LIGHT)
            page.emulate_media(color_scheme="dark")
            seen += [f"dark {one}" for one in faults(page, DARK)]
            if seen:
                wrong[place] = seen
    people.errors[:] = [one for one in people.errors if "status of 40" not in one]
    assert not wrong, wrong


@pytest.mark.parametrize("role", ROLES)
def test_narrow_with_large_type(people: People, home: House, role: str) -> None:
    wrong = {}
    with people.window(role, viewport={"width": 320, "height": 640}) as page:
        for place in PAGES[role]:
            page.goto(address(home, place))
            page.evaluate("document.documentElement.style.fontSize = '24px'")
            wide = page.evaluate(OVERFLOW)
            if wide:
                wrong[place] = wide
    people.errors[:] = [one for one in people.errors if "status of 40" not in one]
    assert not wrong, wrong


def test_no_page_is_forgotten() -> None:
    table = Path(__file__).parents[1] / "authz.yaml"
    routes = set(re.findall(r"route: \"?GET ([^,\"}\s]+)", table.read_text("utf-8")))
    seen = {
        place.partition("?")[0]
        .replace("//s/fengxi", "")
        .replace("//", "/")
        .replace("{class}", "<int:class_id>")
        .replace("{term}", "<int:term_id>")
        .replace("{child}", "<int:pupil_id>")
        .replace("no-such-code", "<token>")
        for places in PAGES.values()
        for place in places
    }
    assert routes, "authz.yaml names no route"
    assert routes - seen - NO_PAGES == set()
