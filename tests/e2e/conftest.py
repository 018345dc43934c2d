"""One house and one browser a run; every test ends with no console error and no CSP report."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.e2e.house import House, house
from tests.e2e.people import CHROMIUM, People, launch

NEEDED = f"浏览器测试需要 Chromium（{CHROMIUM}）：sudo apt-get install chromium"


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line("markers", "e2e: needs Chromium and a real server")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is an e2e test."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("e2e")


@pytest.fixture(scope="package")
def home() -> Iterator[House]:
    """The server of this run."""
    if not Path(CHROMIUM).exists():
        if os.environ.get("CI") == "true":
            pytest.fail(NEEDED, pytrace=False)
        pytest.skip(NEEDED)
    with house() as made:
        yield made


@pytest.fixture(scope="package")
def everybody(home: House) -> Iterator[People]:
    """The browser of this run."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield People(browser, home)
        browser.close()


@pytest.fixture
def people(everybody: People, home: House) -> Iterator[People]:
    """People at browsers; afterwards nobody's console holds an error and no policy was broken."""
    everybody.errors.clear()
    before = home.reports()
    yield everybody
    assert not everybody.errors, everybody.errors
    assert home.reports() == before, "a page broke its Content-Security-Policy"
