"""What no person types, and how it is sent: into fields, addresses, headers, cookies and bodies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
LONG, DIGITS = "𠮷" * 2_500, "9" * 4_400
DEEP = "[" * 100_000 + "]" * 100_000

# Into any field of a form and behind the ? of any address.
TEXTS = (
    " \t ",
    "a\0b",
    f"\u202e李\u200b\ufffe{FAMILY}\x0b<'\"&",
    LONG,
    "²",
    DIGITS,
    "99999999999999999999",
    "-1",
    "0001-01-01",
    "9999-12-31T23:59:59.999999-12:00",
    "9999-12-31",
    "//[",
)
# Enough to see that a further role meets the same.
FEW = ("\u202e-1", "9999-12-31")
# What only JSON can say instead of a text.
VALUES: tuple[Any, ...] = (
    "\ud800",
    None,
    True,
    10**400,
    -(2**63) - 1,
    LONG,
    "0001-01-01",
    ["a", ["b"], None, 10**18],
    {"a": {"": [1.5]}},
)
# Into one part of an address; what is no number in it leads nowhere.
PLACES = ("999999999999999999", "9" * 30, "%C2%B2", "%00%ED%A0%80", "a" * 3_000)

HEADERS = (
    ("Accept", "ü;q=x, */*;q=9, text/html;level"),
    ("Accept-Encoding", "gzip;q=ü, identity;q=0"),
    ("Accept-Language", "x" * 3_000),
    ("Authorization", "Basic ÿÿ"),
    ("Cookie", 'sid="a\\000b"; device="\\303\\050"; seed=ÿ; flash=e30.x.y; =; ;;'),
    ("Cookie", f"sid={'x' * 4_000}; device={'x' * 4_000}"),
    ("Forwarded", 'for="[::1"'),
    ("Host", "a b:c[::1"),
    ("HX-Request", "ÿ"),
    ("Idempotency-Key", "x" * 3_000),
    ("If-Modified-Since", "Fri, 31 Dec 9999 23:59:59 -2400"),
    ("If-None-Match", '"ÿ, W/'),
    ("Origin", "http://[::1"),
    ("Range", "bytes=-9999999999999999999,ü"),
    ("Referer", "http://[::1/ÿ"),
    ("User-Agent", "ÿ" * 3_000),
    ("X-CSRF-Token", "ü" * 56),
    ("X-Forwarded-For", "ü, 999.1.1.1, [::"),
    ("X-Requested-With", "ÿ"),
)


def parts(boundary: str, name: str, more: str = "", value: bytes = b"x") -> bytes:
    """One part of a multipart body whose end never comes."""
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode("latin-1") + value


def bodies(field: str) -> Iterator[tuple[str, bytes, dict[str, str]]]:
    """(content type, body, further headers): what says one thing and is another."""
    yield "application/json", DEEP.encode(), {}
    yield "application/json", f'{{"{field}": {DEEP}}}'.encode(), {}
    yield "application/json", b'{"' + field.encode() + b'": "\xff"}', {}
    yield "application/json", f'{{"{field}": NaN}}'.encode(), {}
    yield "application/json; charset=utf-7", json.dumps(["\ud800"]).encode(), {}
    yield "application/problem+json", f'{{"{field}": 1, "{field}": [2]}}'.encode(), {}
    yield "application/json", b"", {}
    yield "application/json", b'"x"', {"Content-Encoding": "gzip"}
    yield "application/x-www-form-urlencoded", b"{}", {}
    yield "application/x-www-form-urlencoded; charset=x", f"{field}=%ED%A0%80%00%u".encode(), {}
    yield "application/x-www-form-urlencoded", f"{field}=1&{field}=2&{field}".encode(), {}
    yield "application/x-www-form-urlencoded", f"{field}={'%C2%A0' * 9}\0".encode(), {}
    yield "text/plain; charset=utf-16", b"\xff\xfe", {}
    yield "ÿ/ÿ; =", b"x", {}
    yield "multipart/form-data", b"--x", {}
    yield "multipart/form-data; boundary=ÿ", b"--\xff", {}
    yield "multipart/form-data; boundary=b", parts("b", field), {}
    yield "multipart/form-data; boundary=b", parts("b", field, value=b"\0\xff\r\n--b--\r\n"), {}
    charset = "; filename*=nonsense'x'%ff%00"
    yield "multipart/form-data; boundary=b", parts("b", "file", charset, b"\r\n--b--\r\n"), {}


def together() -> dict[str, str]:
    """All headers at once, but those that would be refused before any view is asked."""
    early = {"Cookie", "Host", "Origin", "X-CSRF-Token"}
    return {name: value for name, value in HEADERS if name not in early}


def files(name: str) -> Iterator[bytes]:
    """Multipart bodies (boundary ``b``) with a file nobody can use."""
    for filename in ("a\0b.xlsx", "../../x.zip", "\xff.png", "a" * 3_000, ".csv"):
        for data in (b"", b"\0\xff\xfe", b"PK\x03\x04" + b"\xff" * 40, b"\x89PNG\r\n\x1a\n\0"):
            yield parts("b", name, f'; filename="{filename}"', data + b"\r\n--b--\r\n")
