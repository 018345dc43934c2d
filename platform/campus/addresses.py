"""Addresses that strangers send: where from, and where to go on. Nothing of them may raise."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from campus import texts

# A browser drops tabs and line ends from an address, and takes a backslash for a slash.
_NEVER = re.compile(r"[\x00-\x20\x7f\\]")


def parts(address: str) -> SplitResult | None:
    """The parts of an address, or None for what is none."""
    try:
        return urlsplit(address)
    except ValueError:  # as of http://[::1
        return None


def inside(address: str) -> bool:
    """Whether an address leads somewhere on this site (no open redirect)."""
    if not address.startswith("/") or address.startswith("//"):
        return False
    if _NEVER.search(address) or not texts.fit(address):
        return False
    found = parts(address)
    return found is not None and not found.netloc and not found.scheme


def origin(address: str) -> tuple[str, str] | None:
    """Scheme and host (with a port that is not the usual one) of an Origin; None for no Origin."""
    found = parts(address)
    if found is None or not found.netloc:
        return None
    usual = ":443" if found.scheme == "https" else ":80"
    return found.scheme, found.netloc.lower().removesuffix(usual)
