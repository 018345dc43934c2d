"""What every page must be, whoever asked for it and whatever it answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode
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
    page = LexborHTMLParser(text)
    found = [*_inputs(page), *_scripts(page, text), *_forms(page), *_ids(page)]
    if "<html" in text:
        found += _frame(page)
    return tuple(found)


def _frame(page: LexborHTMLParser) -> Iterator[str]:
    heads = len(page.css("h1"))
    if heads != 1:
        yield f"{heads} <h1> instead of one"
    title = page.css_first("title")
    if title is None or not title.text(strip=True):
        yield "no <title>"
    if not page.css_matches("html[lang='zh-CN']"):
        yield "lang is not zh-CN"
    if not page.css_matches("meta[name='viewport']"):
        yield "no viewport"


def _inputs(page: LexborHTMLParser) -> Iterator[str]:
    named = {label.attributes.get("for") for label in page.css("label[for]")}
    for field in page.css("input, select, textarea"):
        told = field.attributes
        if told.get("type") not in UNLABELLED and not _labelled(field, named):
            yield f"no label for {told.get('name') or told.get('id')}"
    for image in page.css("img"):
        if "alt" not in image.attributes:
            yield "an image without alt"


def _labelled(field: LexborNode, named: set[str | None]) -> bool:
    told = field.attributes
    if told.get("aria-label") or told.get("aria-labelledby"):
        return True
    if told.get("id") and told["id"] in named:
        return True
    above = field.parent
    while above is not None and above.tag != "label":
        above = above.parent
    return above is not None


def _scripts(page: LexborHTMLParser, text: str) -> Iterator[str]:
    for script in page.css("script:not([src])"):
        if script.text(strip=True):
            yield "an inline script"
    if page.css_matches("style"):
        yield "a style element"
    for tag in page.css("*"):
        for name in tag.attributes:
            if name == "style":
                yield f"a style attribute on <{tag.tag}>"
            if name.startswith("on"):
                yield f"a handler {name} on <{tag.tag}>"
    if re.search(r"<script(?![^>]*\bsrc=)", text):
        yield "a script that is not a file of ours"


def _forms(page: LexborHTMLParser) -> Iterator[str]:
    for form in page.css("form"):
        posts = str(form.attributes.get("method", "")).lower() == "post"
        if posts and not form.css("input[name='csrf_token']"):
            yield f"a form to {form.attributes.get('action')} without csrf_token"


def _ids(page: LexborHTMLParser) -> Iterator[str]:
    counted = Counter(tag.attributes["id"] for tag in page.css("[id]"))
    for name, times in counted.items():
        if times > 1:
            yield f"id {name} is used {times} times"
