"""What browsers report of the content policy: counted, and told in the log without an address.

An address may carry a code or a child's number, and anybody may send such a report. So of all a
report says only the rule, the blocked origin and the line of a file of ours are kept, of the first
few in a minute, and nothing is stored.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping
from typing import Any

from campus import addresses, texts

MOST_BYTES = 16 * 1024
MOST_A_MINUTE = 20
# Names of the two formats: report-uri's and the Reporting API's.
RULE = ("effective-directive", "effectiveDirective", "violated-directive")
BLOCKED = ("blocked-uri", "blockedURL")
FILE, LINE = ("source-file", "sourceFile"), ("line-number", "lineNumber")
_RULE = re.compile(r"[a-z-]{1,40}")
_WORD = re.compile(r"[a-z-]{1,20}")
_ORIGIN = re.compile(r"[a-z]{2,10}://[A-Za-z0-9.-]{1,100}(:[0-9]{1,5})?")
_OWN_FILE = re.compile(r"/static/[A-Za-z0-9_./-]{1,120}")


class Few:
    """At most ``most`` in each minute; the others are passed over."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._minute = 0
        self._count = 0

    def one_more(self) -> bool:
        """Whether this one still belongs to the few."""
        minute = int(time.monotonic() // 60)
        with self._lock:
            if minute != self._minute:
                self._minute, self._count = minute, 0
            self._count += 1
            return self._count <= self.most


few = Few(MOST_A_MINUTE)


def told(body: bytes) -> dict[str, Any] | None:
    """What the log may say of a report; None for what is no report."""
    try:
        found = texts.read_json(body)
    except ValueError:
        return None
    if isinstance(found, list):
        found = found[0] if found else None
    report = found.get("csp-report", found.get("body")) if isinstance(found, dict) else None
    if not isinstance(report, dict):
        return None
    line = _first(report, LINE)
    return {
        "rule": _matching(_RULE, _first(report, RULE)),
        "blocked": _origin(_first(report, BLOCKED)),
        "file": _own_file(_first(report, FILE)),
        "line": line if isinstance(line, int) and 0 <= line < 10**6 else None,
    }


def _first(report: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((report[name] for name in names if report.get(name)), None)


def _matching(pattern: re.Pattern[str], value: Any) -> str | None:
    found = pattern.match(value) if isinstance(value, str) else None
    return found[0] if found else None


def _origin(value: Any) -> str | None:
    """``https://host`` of an address; ``inline``, ``eval`` and ``data`` are words."""
    if not isinstance(value, str):
        return None
    if _WORD.fullmatch(value):
        return value
    found = addresses.parts(value)
    whole = f"{found.scheme}://{found.netloc.rpartition('@')[2]}" if found else ""
    return _matching(_ORIGIN, whole)


def _own_file(value: Any) -> str | None:
    found = addresses.parts(value) if isinstance(value, str) else None
    return _matching(_OWN_FILE, found.path) if found else None
