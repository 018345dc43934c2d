"""The gate before Engine.IO: who is nobody, or comes from elsewhere, never gets a websocket.

Refused before the upgrade: any transport but websocket (400; polling would make the socket's id a
bearer token), an Origin that is missing or not ours (403), a request without a living session
(401). Programs that are no browser must send our own Origin as well; there is no exception.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from campus import addresses
from campus.actor import Actor
from campus.config import Config
from campus.realtime.links import LINKS, MAX_LINKS

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Wsgi = Callable[[Environ, Any], Iterable[bytes]]
Authenticate = Callable[[Environ], Actor | None]

PATH = "/socket.io/"
REFUSALS = {
    "websocket-only": "400 Bad Request",
    "sign-in-needed": "401 Unauthorized",
    "foreign-origin": "403 Forbidden",
    "unavailable": "503 Service Unavailable",
}

log = logging.getLogger(__name__)


class Gate:
    """WSGI middleware around Engine.IO and Flask; inside the one that finds the school."""

    def __init__(self, inner: Wsgi, config: Config, authenticate: Authenticate) -> None:
        self._inner = inner
        self._config = config
        self._authenticate = authenticate

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Let pages through; let a socket through with its actor in ``campus.actor``."""
        if not environ.get("PATH_INFO", "").startswith(PATH):
            return self._inner(environ, start_response)
        refusal = self._refusal(environ)
        if refusal is None:
            return self._inner(environ, start_response)
        return _refuse(refusal, start_response)

    def _refusal(self, environ: Environ) -> str | None:
        if not _fresh_websocket(environ):
            return "websocket-only"
        if not same_origin(environ.get("HTTP_ORIGIN"), environ, self._config):
            return "foreign-origin"
        if len(LINKS) >= MAX_LINKS:
            return "unavailable"
        environ["campus.read_at"] = LINKS.revocations
        try:
            actor = self._authenticate(environ)
        except Exception:
            log.exception("a socket could not be authenticated")
            return "unavailable"
        if actor is None or actor.account_id is None or actor.session_id is None:
            return "sign-in-needed"
        environ["campus.actor"] = actor
        return None


def _fresh_websocket(environ: Environ) -> bool:
    query = parse_qs(environ.get("QUERY_STRING", ""))
    return (
        environ["REQUEST_METHOD"] == "GET"
        and environ.get("HTTP_UPGRADE", "").lower() == "websocket"
        and query.get("transport") == ["websocket"]
        and "sid" not in query
    )


def same_origin(origin: str | None, environ: Environ, config: Config) -> bool:
    """Whether ``origin`` is the public address, or the host asked for by the scheme we serve."""
    if not origin or origin == "null":
        return False
    scheme = "https" if config.secure else environ.get("wsgi.url_scheme", "http")
    allowed = {addresses.origin(f"{scheme}://{environ.get('HTTP_HOST', '')}")}
    if config.public_url:
        allowed.add(addresses.origin(config.public_url))
    found = addresses.origin(origin)
    return found is not None and found in allowed


def _refuse(code: str, start_response: StartResponse) -> list[bytes]:
    body = json.dumps({"error": code}).encode()
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("Vary", "Cookie, Origin"),
    ]
    if code == "unavailable":
        headers.append(("Retry-After", "5"))
    start_response(REFUSALS[code], headers)
    return [body]
