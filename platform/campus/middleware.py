"""The outermost WSGI layer: `/s/<school>/…` enters the school once, at the edge.

The slug moves to SCRIPT_NAME, so `url_for` and the Socket.IO handshake carry the school without an
argument, and to ``environ["campus.school"]``, where the gate reads it. Nothing else ever names the
school of a request: no session, no header, no form field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

SLUG = re.compile(r"[a-z][a-z0-9-]{1,30}")
PREFIX = re.compile(rf"/s/({SLUG.pattern})(?=/|$)")
Environ = dict[str, Any]


class SchoolMiddleware:
    """Wraps the whole application; an address outside `/s/` belongs to no school."""

    def __init__(self, app: Callable[[Environ, Any], Iterable[bytes]]) -> None:
        self.app = app

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        environ.pop("campus.school", None)
        found = PREFIX.match(path)
        if found:
            environ["campus.school"] = found.group(1)
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + found.group(0)
            environ["PATH_INFO"] = path[found.end() :] or "/"
        return self.app(environ, start_response)
