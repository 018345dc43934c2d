"""What every page must be, whoever asked for it and whatever it answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from bs4 import BeautifulSoup, Tag
from werkzeug.wrappers import Response

CHANGING = re.compile(r'nonce="[^"]*"|[0-9a-f]{56}|nonce-[\w-]{22}')
UNLABELLED = {"hidden", "submit", "button", "image"}


def problems(response: Response) -> list[str]:
    """Everything wrong with one answer, in words; an empty list is a good page."""
    found = list(header_problems(response))
    if response.mimetype == "text/html" and response.status_code not in (301, 302, 303, 307, 308):
        found += markup_problems(CHANGING.sub("", response.get_data(as_text=True)))
    return found


def header_problems(response: Response) -> Iterator[str]:
    """What keeps persons' pages out of caches and strangers' scripts out of pages."""
    headers = response.headers
    policy = headers.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy or "unsafe-" in policy:
        yield "Content-Security-Policy is missing or unsafe"
    if headers.get("X-Content-Type-Options") != "nosniff":
        yield "X-Content-Type-Options is not nosniff"
    if response.status_code in (304,) or "max-age" in headers.get("Cache-Control", ""):
        return
    if headers.get("Cache-Control") != "no-store":
        yield "Cache-Control is not no-store"
    if "Cookie" not in ", ".join(headers.get_all("Vary")):
        yield "Vary does not name Cookie"


@lru_cache(maxsize=4096)
def markup_problems(text: str) -> tuple[str, ...]:
    """What is wrong with a page, or with a fragment (which has no <html>)."""
    if not text.strip():
        return ()
    soup = BeautifulSoup(text, "html5lib")
    found = [*_inputs(soup), *_scripts(soup, text), *_forms(soup), *_ids(soup)]
    if "<html" in text:
        found += _frame(soup)
    return tuple(found)


def _frame(soup: BeautifulSoup) -> Iterator[str]:
    if len(soup.find_all("h1")) != 1:
        yield f"{len(soup.find_all('h1'))} <h1> instead of one"
    if not soup.title or not soup.title.get_text(strip=True):
        yield "no <title>"
    html = soup.html
    if html is None or html.get("lang") != "zh-CN":
        yield "lang is not zh-CN"
    if not soup.find("meta", attrs={"name": "viewport"}):
        yield "no viewport"


def _inputs(soup: BeautifulSoup) -> Iterator[str]:
    for field in soup.find_all(["input", "select", "textarea"]):
        if field.get("type") in UNLABELLED or _labelled(soup, field):
            continue
        yield f"no label for {field.get('name') or field.get('id')}"
    for image in soup.find_all("img"):
        if not image.has_attr("alt"):
            yield "an image without alt"


def _labelled(soup: BeautifulSoup, field: Tag) -> bool:
    if field.get("aria-label") or field.get("aria-labelledby") or field.find_parent("label"):
        return True
    name = field.get("id")
    return bool(name and soup.find("label", attrs={"for": name}))


def _scripts(soup: BeautifulSoup, text: str) -> Iterator[str]:
    for script in soup.find_all("script"):
        if not script.get("src") and script.get_text(strip=True):
            yield "an inline script"
    if soup.find("style"):
        yield "a style element"
    for tag in soup.find_all(True):
        for name in tag.attrs:
            if name == "style":
                yield f"a style attribute on <{tag.name}>"
            if name.startswith("on"):
                yield f"a handler {name} on <{tag.name}>"
    if re.search(r"<script(?![^>]*\bsrc=)", text):
        yield "a script that is not a file of ours"


def _forms(soup: BeautifulSoup) -> Iterator[str]:
    for form in soup.find_all("form"):
        posts = str(form.get("method", "")).lower() == "post"
        if posts and not form.find("input", attrs={"name": "csrf_token"}):
            yield f"a form to {form.get('action')} without csrf_token"


def _ids(soup: BeautifulSoup) -> Iterator[str]:
    counted = Counter(str(tag["id"]) for tag in soup.find_all(id=True))
    for name, times in counted.items():
        if times > 1:
            yield f"id {name} is used {times} times"
