"""What is left to show after an erasure: counts per table, times, who asked, and a hash over it."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from campus import clock, personal_data
from campus.erasure import FILES
from tenants.privacy.retention import CLASS_TITLES

DIGITS = 12


def number() -> str:
    """``XC-20261123-4F0A9C21B7D3``: nothing in it tells of whom."""
    return f"XC-{clock.today():%Y%m%d}-{secrets.token_hex(DIGITS // 2).upper()}"


def body(
    *,
    certificate: str,
    kind: str,
    school: str,
    subject_id: int | None,
    reason: str,
    asked_by: int | None,
    asked_at: datetime | None,
    confirmed_by: int | None,
    counts: Mapping[str, int],
) -> dict[str, Any]:
    """The certificate as data; people are their numbers, never their names."""
    return {
        "number": certificate,
        "kind": kind,
        "school": school,
        "subject": subject_id,
        "reason": reason,
        "asked_by": asked_by,
        "asked_at": asked_at.isoformat(timespec="seconds") if asked_at else None,
        "confirmed_by": confirmed_by,
        "done_at": clock.now().isoformat(timespec="seconds"),
        "counts": dict(sorted(counts.items())),
    }


def times(made: Mapping[str, Any]) -> dict[str, str]:
    """When it was asked for and when it was done, as a person of the school reads a clock."""
    return {name: _local(made.get(name)) for name in ("asked_at", "done_at")}


def _local(moment: str | None) -> str:
    if not moment:
        return ""
    at = datetime.fromisoformat(moment).astimezone(clock.SHANGHAI)
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"


def digest(made: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON of a certificate's body, as hex digits."""
    canonical = json.dumps(made, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def lines(made: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    """(what, its retention class, how many) for the page."""
    rules, found = personal_data.rules(), []
    words = {name: rule.title for name, rule in rules.items()} | personal_data.own_tables()
    words |= {FILES: "照片和文件", "account": "账号（改成空壳）"}
    for table, count in made["counts"].items():
        kind = CLASS_TITLES[rules[table].kept] if table in rules else "随账号处理"
        found.append((words.get(table, table), "" if table == FILES else kind, count))
    return found
