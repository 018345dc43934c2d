"""A person who fills in forms without looking: fast enough to prepare states for the pages.

A form is sent as the page shows it, with the named fields changed, so every state the tests look
at was made by what a browser could have sent.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urljoin

from bs4 import BeautifulSoup, Tag
from playwright.sync_api import APIRequestContext, APIResponse

from tests.e2e.house import House
from tests.e2e.pages import address

PATIENCE_SECONDS = 60.0
File = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer: where it came from in the end, and the page."""

    url: str
    soup: BeautifulSoup

    @property
    def number(self) -> str:
        """The number the address ends with: a run's, a task's, a child's."""
        return self.url.rstrip("/").rpartition("/")[2]


class Hand:
    """One signed-in person's requests; places are those of `pages.PAGES`."""

    def __init__(self, http: APIRequestContext, house: House) -> None:
        self.http, self.house = http, house

    def see(self, place: str) -> Seen:
        """Open a page."""
        return self._seen(self.http.get(address(self.house, place)))

    def send(self, place: str, words: str, *, action: str = "", **changes: Any) -> Seen:
        """Send the form of a page whose button says ``words``, with ``changes`` (None: left out).

        Of several such forms the first, or the one whose address ends with ``action``. A pair
        (name, bytes) is a file; a list sends a field several times.
        """
        page = self.see(place)
        form = _form(page.soup, words, action)
        fields = _fields(form, words) | changes
        target = urljoin(page.url, str(form.get("action") or page.url))
        if "multipart" in str(form.get("enctype")):
            parts = {name: _part(value) for name, value in fields.items() if value is not None}
            return self._seen(self.http.post(target, multipart=parts))
        pairs = [
            (name, one)
            for name, value in fields.items()
            if value is not None
            for one in (value if isinstance(value, list) else [value])
        ]
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._seen(self.http.post(target, data=urlencode(pairs), headers=headers))

    def _seen(self, answer: APIResponse) -> Seen:
        assert answer.status == 200, f"{answer.url}: {answer.status} {_words(answer)[:300]}"
        return Seen(answer.url, BeautifulSoup(answer.body(), "html5lib"))

    def fetch(self, place: str) -> bytes:
        """A file, wherever its link leads."""
        answer = self.http.get(address(self.house, place))
        assert answer.ok, answer.url
        return answer.body()


def patiently(done: Callable[[], bool], what: str) -> None:
    """Wait for the worker."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < deadline, f"{what}: not within {PATIENCE_SECONDS:.0f} s"
        time.sleep(0.1)


def _words(answer: APIResponse) -> str:
    return BeautifulSoup(answer.body(), "html5lib").get_text(" ", strip=True)


def _part(value: Any) -> Any:
    if isinstance(value, tuple):
        return {"name": value[0], "mimeType": "application/octet-stream", "buffer": value[1]}
    return value


def _form(soup: BeautifulSoup, words: str, action: str) -> Tag:
    for button in soup.find_all("button"):
        form = button.find_parent("form")
        if form is None or words not in button.get_text("", strip=True):
            continue
        if str(form.get("action", "")).endswith(action):
            return form
    raise AssertionError(f"no button “{words}”: {soup.get_text(' ', strip=True)[:400]}")


def _fields(form: Tag, words: str) -> dict[str, Any]:
    """What a browser would send of a form whose button with ``words`` is pressed."""
    found: dict[str, list[str]] = {}
    for one in form.find_all(["input", "select", "textarea", "button"]):
        name = one.get("name")
        if name and _counts(one, words):
            found.setdefault(str(name), []).extend(_values(one))
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _counts(one: Tag, words: str) -> bool:
    if one.name == "button":
        return words in one.get_text("", strip=True)
    kind = one.get("type", "text")
    return kind not in {"file", "submit"} and (
        kind not in {"radio", "checkbox"} or one.has_attr("checked")
    )


def _values(one: Tag) -> list[str]:
    if one.name == "textarea":
        return [one.get_text()]
    if one.name == "select":
        options = one.find_all("option")
        chosen = [option for option in options if option.has_attr("selected")] or options[:1]
        return [str(option.get("value", option.get_text())) for option in chosen]
    return [str(one.get("value", "on" if one.get("type") == "checkbox" else ""))]
