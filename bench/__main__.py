"""`python -m bench`: every figure of the house, about four minutes on two cores."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

from bench import audit, inside, page, praise, roster, seed, starting
from bench.stack import ROOT, Stack, stack

OUT = ROOT / "var" / "bench.json"
MANY = "campus_many"
MANY_SCHOOLS = 100
STATEMENTS, HINT_P50, HINT_P99 = 6, 50, 250
COLD, WARM, MEMORY = 60, 10, 600


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value beside what it is held against; ``kept`` says whether it is within."""

    name: str
    value: float
    unit: str
    against: float
    ratio: float
    kept: bool | None = None


def figures(made: Stack) -> Iterator[Figure]:
    """Everything that needs seeded schools."""
    seed.fill(made.database(), schools=1)
    yield _most("class_page_statements", len(inside.count(made)), "statements", STATEMENTS)
    for name, found in page.beside_floor(made).items():
        kept = found[3] >= 0.5 if name.endswith("rps") else None
        yield Figure(name, *found, kept=kept)
    yield from (Figure(*found) for found in roster.measure(made))
    yield from (Figure(*found) for found in audit.measure(made))
    seed.fill(made.database(MANY), schools=MANY_SCHOOLS)
    for name, found in page.many_schools(made, MANY).items():
        yield Figure(name, *found, kept=found[3] <= 1.1)
    for name, value in praise.measure(made).items():
        if name == "lost":
            yield _most("praise_lost", value, "of 240", 0)
        else:
            yield _most(f"praise_{name}", value, "ms", HINT_P99 if "p99" in name else HINT_P50)


def whole_stack() -> Iterator[Figure]:
    """Starts and memory of `make run`."""
    found = starting.measure()
    yield _most("start_cold", found["cold"], "s", COLD)
    yield _most("start_warm", found["warm"], "s", WARM)
    yield _most("memory_idle", found["memory"], "MB", MEMORY)


def _most(name: str, value: float, unit: str, most: float) -> Figure:
    return Figure(name, value, unit, most, value / most if most else value, value <= most)


def draw(found: list[Figure]) -> Table:
    """The table for people."""
    table = Table(title="智慧校园 · figures")
    for heading, side in (("figure", "left"), ("value", "right"), ("against", "right")):
        table.add_column(heading, justify=side)  # type: ignore[arg-type]
    table.add_column("ratio", justify="right")
    table.add_column("")
    for one in found:
        mark = {True: "✓", False: "✗", None: ""}[one.kept]
        value = f"{one.value:,.2f} {one.unit}"
        table.add_row(one.name, value, f"{one.against:,.2f}", f"{one.ratio:.2f}", mark)
    return table


def write(found: list[Figure]) -> None:
    """var/bench.json: {name: {value, unit, against, ratio}}."""
    OUT.parent.mkdir(exist_ok=True)
    content = {
        one.name: {k: v for k, v in asdict(one).items() if k not in ("name", "kept")}
        for one in found
    }
    OUT.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


def main() -> int:
    """Measure everything; 1 when a figure is past what it is held against."""
    began = time.monotonic()
    found: list[Figure] = []
    parts: list[Callable[[], Iterator[Figure]]] = [whole_stack, _with_stack]
    for part in parts:
        for one in part():
            found.append(one)
            sys.stderr.write(f"{time.monotonic() - began:5.0f} s  {one.name}\n")
    write(found)
    Console().print(draw(found))
    return int(any(one.kept is False for one in found))


def _with_stack() -> Iterator[Figure]:
    with stack() as made:
        yield from figures(made)


if __name__ == "__main__":
    raise SystemExit(main())
