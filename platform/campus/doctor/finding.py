"""What a check answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer; ``fatal`` matters only when it is not ``ok``."""

    name: str
    ok: bool
    sentence: str
    fatal: bool = True


def judged(name: str, wrong: list[str], well: str, *, fatal: bool = True) -> Finding:
    """Well when nothing is ``wrong``; otherwise the first few wrongs are named."""
    if not wrong:
        return Finding(name, True, well)
    more = f" and {len(wrong) - 5} more" if len(wrong) > 5 else ""
    return Finding(name, False, "; ".join(wrong[:5]) + more, fatal)
