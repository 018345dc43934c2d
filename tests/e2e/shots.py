"""`python -m tests.e2e.shots OUTDIR`: a picture of every page, for people to look at.

Every page × role × (390×844, 1280×800) × (light, dark), as <role>-<page>-<size>-<scheme>.png.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.e2e import states
from tests.e2e.house import House, house
from tests.e2e.pages import PAGES, name_of, visit
from tests.e2e.people import DESKTOP, PHONE, People, launch

SIZES = {"phone": PHONE, "desktop": DESKTOP}


def shoot(people: People, home: House, out: Path, role: str, size: str) -> None:
    """The pages of one role at one size, light and dark, whole pages."""
    with people.window(role, viewport=SIZES[size], reduced_motion="reduce") as page:
        for place in PAGES[role]:
            visit(page, home, place)
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                name = f"{role or 'nobody'}-{name_of(place)}-{size}-{scheme}.png"
                page.screenshot(path=out / name, full_page=True)


def main(out: Path) -> None:
    """Make all pictures."""
    out.mkdir(parents=True, exist_ok=True)
    with house() as home, sync_playwright() as playwright:
        browser = launch(playwright)
        people = People(browser, home)
        states.make(people, home)
        for role in PAGES:
            for size in SIZES:
                shoot(people, home, out, role, size)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
