"""Canaries: a random word in everything one school (or one child) writes.

Where it turns up and does not belong, something leaks. Responses, frames, logs, exports and files
all go through `leaks`.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterable, Mapping

BYTES = 10  # 16 characters in base32


def new_canary() -> str:
    """Sixteen characters no text holds by chance."""
    return base64.b32encode(secrets.token_bytes(BYTES)).decode()


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
