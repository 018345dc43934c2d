"""Where a person may be sent on to: this site and nowhere else."""

from __future__ import annotations

from urllib.parse import urlsplit


def inside(address: str) -> bool:
    """Whether an address stays on this site (no open redirect)."""
    address = address.replace("\\", "/")
    parts = urlsplit(address)
    local = address.startswith("/") and not address.startswith("//")
    return local and not parts.netloc and not parts.scheme
