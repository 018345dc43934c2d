"""For which address passkeys are made: the "relying party" of WebAuthn.

It comes from the configuration alone, never from what a request says. Browsers know passkeys only
under a name (no number) and by https; on one's own machine that name is ``localhost``.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import current_app, request

from campus.config import Config

LOCAL = "localhost"
USUAL = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Party:
    """``id`` is what a passkey is bound to, ``origin`` where its answers must come from."""

    id: str
    origin: str


def party(config: Config) -> Party | None:
    """The address of this installation, or None where no browser would make passkeys for it."""
    parts = urlsplit(config.public_url or f"http://{LOCAL}:{config.port}")
    name = (parts.hostname or "").lower()
    if not name or _numeric(name) or (parts.scheme != "https" and name != LOCAL):
        return None
    unusual = parts.port not in (None, USUAL[parts.scheme])
    return Party(name, f"{parts.scheme}://{name}" + (f":{parts.port}" if unusual else ""))


def _numeric(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def here() -> Party | None:
    """The party of the running application."""
    return party(current_app.config["CAMPUS"])


def offered_here() -> bool:
    """Whether this page was asked for at the address passkeys are made for."""
    found = here()
    return found is not None and urlsplit(found.origin).netloc == request.host.lower()
