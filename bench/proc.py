"""CPU seconds and memory of processes and all they started, read from /proc."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

PROC = Path("/proc")
TICK = os.sysconf("SC_CLK_TCK")


def tree(*roots: int) -> set[int]:
    """``roots`` and all their living descendants."""
    children: dict[int, list[int]] = defaultdict(list)
    for entry in PROC.iterdir():
        fields = _stat(entry.name) if entry.name.isdigit() else []
        if fields:
            children[int(fields[1])].append(int(entry.name))
    found, waiting = set(), list(roots)
    while waiting:
        pid = waiting.pop()
        found.add(pid)
        waiting += children[pid]
    return found


def cpu_seconds(*roots: int) -> float:
    """User and system time of the trees under ``roots``, with that of children already gone."""
    total = 0
    for pid in tree(*roots):
        fields = _stat(str(pid))
        total += sum(int(field) for field in fields[11:15])
    return total / TICK


def pss_bytes(*roots: int) -> int:
    """Memory of the trees: shared pages are divided among those who share them."""
    total = 0
    for pid in tree(*roots):
        try:
            text = (PROC / str(pid) / "smaps_rollup").read_text("ascii")
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in text.splitlines() if line[:4] == "Pss:")
    return total * 1024


def _stat(pid: str) -> list[str]:
    """The fields of /proc/<pid>/stat after the name, which may hold anything; state first."""
    try:
        return (PROC / pid / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return []
