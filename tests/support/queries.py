"""How many statements a block sends: everything the driver runs, BEGIN and COMMIT included."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest

from campus import wire


@dataclass
class Count:
    """The statements of a block, in order; how often `wire` sent, and how often it waited."""

    statements: list[str] = field(default_factory=list)
    sent: int = 0
    waits: int = 0

    def __len__(self) -> int:
        return len(self.statements)

    def __str__(self) -> str:
        return "\n".join(f"{number}. {one[:160]}" for number, one in enumerate(self.statements, 1))


@contextmanager
def counting() -> Iterator[Count]:
    """Count everything the block sends to the database, below SQLAlchemy, so nothing hides."""
    count = Count()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("execute", "executemany"):
            patch.setattr(psycopg.Cursor, name, _noting(count, getattr(psycopg.Cursor, name)))
        for name in ("commit", "rollback"):
            real = getattr(psycopg.Connection, name)
            patch.setattr(psycopg.Connection, name, _ending(count, name, real))
        patch.setattr(wire, "_send", _wired(count, wire._send))
        patch.setattr(wire, "trip", _tripping(count, wire.trip))
        yield count


def _noting(count: Count, real: Any) -> Any:
    def run(self: Any, query: Any, *rest: Any, **options: Any) -> Any:
        text = query.decode() if isinstance(query, bytes) else str(query)
        count.statements.append(" ".join(text.split()))
        return real(self, query, *rest, **options)

    return run


def _ending(count: Count, name: str, real: Any) -> Any:
    def run(self: Any) -> Any:
        if self.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            count.statements.append(name.upper())
        return real(self)

    return run


def _wired(count: Count, real: Any) -> Any:
    def send(driver: Any, transformer: Any, asks: Any, **options: Any) -> Any:
        count.sent += 1
        count.statements += [" ".join(ask.text.decode().split()) for ask in asks]
        return real(driver, transformer, asks, **options)

    return send


def _tripping(count: Count, real: Any) -> Any:
    def trip(*arguments: Any, **options: Any) -> Any:
        count.waits += 1
        return real(*arguments, **options)

    return trip
