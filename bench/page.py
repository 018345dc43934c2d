"""The class page beside the bare floor, A B A B, and at a hundred schools beside one."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from bench import load, proc
from bench.seed import TEACHER_COOKIE
from bench.stack import FLOOR_CONF, Server, Stack

PAIRS = 5
SECONDS = 2.0
CLASS_PAGE = "/s/school-1/classes/1"
FLOOR_PAGE = "/classes/1"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of one page cost."""

    per_second: float
    cpu_ms: float
    p99_ms: float


def measure(stack: Stack, server: Server, path: str, seconds: float = SECONDS) -> Cost:
    """Load one page; CPU is that of its server and of the whole of PostgreSQL."""
    roots = (server.process.pid, stack.postmaster)
    before = proc.cpu_seconds(*roots)
    seen = load.run(server.port, path, TEACHER_COOKIE, seconds)
    spent = proc.cpu_seconds(*roots) - before
    return Cost(seen.per_second, spent * 1000 / seen.requests, seen.p99_ms)


def pairs(
    stack: Stack, one: tuple[Server, str], other: tuple[Server, str]
) -> list[tuple[Cost, Cost]]:
    """Alternate runs of two pages after a short warm-up of each."""
    for server, path in (one, other):
        measure(stack, server, path, 1.0)
    return [(measure(stack, *one), measure(stack, *other)) for _ in range(PAIRS)]


def beside_floor(stack: Stack) -> dict[str, tuple[float, str, float, float]]:
    """Requests per second and CPU of the class page against the floor."""
    ours, floor = stack.serve(), stack.serve("bench.floor:app", conf=FLOOR_CONF)
    runs = pairs(stack, (ours, CLASS_PAGE), (floor, FLOOR_PAGE))
    for server in (ours, floor):
        stack.stop_server(server)
    return {
        "class_page_rps": _figure(runs, "per_second", "req/s"),
        "class_page_cpu": _figure(runs, "cpu_ms", "ms/req"),
    }


def many_schools(stack: Stack, database: str) -> dict[str, tuple[float, str, float, float]]:
    """CPU of the class page among a hundred schools against one school."""
    many, single = stack.serve(database=database), stack.serve()
    runs = pairs(stack, (many, CLASS_PAGE), (single, CLASS_PAGE))
    for server in (many, single):
        stack.stop_server(server)
    return {"class_page_cpu_100_schools": _figure(runs, "cpu_ms", "ms/req")}


def _figure(
    runs: list[tuple[Cost, Cost]], field: str, unit: str
) -> tuple[float, str, float, float]:
    """Median of ours, unit, median of the other's, median of the pairs' ratios."""
    ours = [getattr(one, field) for one, _ in runs]
    others = [getattr(other, field) for _, other in runs]
    ratios = [one / other for one, other in zip(ours, others, strict=True)]
    return median(ours), unit, median(others), median(ratios)
