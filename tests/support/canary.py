"""Canaries: a random word in everything one school (or one child) writes.

Where it turns up and does not belong, something leaks. Responses, frames, logs, exports and files
all go through `leaks`.
"""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Iterable, Mapping

LENGTH = 16  # of 26 letters each: never in a text by chance


def new_canary() -> str:
    """Letters alone: a name may hold them, so that a planted person is as good as any other."""
    return "".join(secrets.choice(string.ascii_uppercase) for _ in range(LENGTH))


def leaks(text: str | bytes, foreign: Iterable[str]) -> list[str]:
    """Those of the ``foreign`` canaries that ``text`` holds, however it is written."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    folded = text.casefold()
    return [word for word in foreign if word.casefold() in folded]


def assert_clean(what: str, content: object, foreign: Iterable[str]) -> None:
    """Fail when ``content`` (text, bytes, a frame, a row) holds a canary that is not its own."""
    if not isinstance(content, str | bytes):
        content = json.dumps(content, default=str, ensure_ascii=False)
    found = leaks(content, foreign)
    assert not found, f"{what} holds {len(found)} foreign canary: {found[0]}"


def header_text(headers: Mapping[str, str] | Iterable[tuple[str, str]]) -> str:
    """Header names and values as one text for `leaks`."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return "\n".join(f"{name}: {value}" for name, value in pairs)
