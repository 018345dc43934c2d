"""An object store in memory: for seeding and for tests that do not ask for the real one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import BinaryIO

from campus import db, storage


class MemoryStore:
    """The same calls as campus.storage.Storage; keys are checked by the same function."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, datetime]] = {}

    def put(self, school_id: int, key: str, data: bytes, content_type: str) -> None:
        """Keep it."""
        _check(school_id, key)
        self.objects[key] = (data, datetime.now(UTC))

    def put_stream(
        self, school_id: int, key: str, stream: BinaryIO, size: int, content_type: str
    ) -> None:
        """Keep what the stream holds."""
        self.put(school_id, key, stream.read(size), content_type)

    def fetch(self, school_id: int, key: str, into: BinaryIO) -> None:
        """Copy it. Raises ObjectMissing."""
        into.write(self.get(school_id, key))

    def get(self, school_id: int, key: str) -> bytes:
        """Give it back. Raises ObjectMissing."""
        _check(school_id, key)
        if key not in self.objects:
            raise storage.ObjectMissing
        return self.objects[key][0]

    def delete(self, school_id: int, key: str) -> None:
        """Forget one."""
        self.delete_many(school_id, [key])

    def delete_many(self, school_id: int, keys: Iterable[str]) -> None:
        """Forget them."""
        for key in keys:
            _check(school_id, key)
            self.objects.pop(key, None)

    def keys(self, school_id: int) -> Iterator[tuple[str, datetime]]:
        """Every key of one school with its time."""
        db.check_released("a call of the object store")
        prefix = f"s/{school_id}/"
        yield from [(key, at) for key, (_, at) in self.objects.items() if key.startswith(prefix)]

    def presigned_get(
        self,
        school_id: int,
        key: str,
        content_type: str,
        seconds: int = 300,
        filename: str | None = None,
    ) -> str:
        """An address nobody answers at."""
        storage.assert_key(school_id, key)
        return f"http://127.0.0.1:9/memory/{key}?seconds={seconds}"

    def healthy(self) -> bool:
        """Always."""
        return True


def _check(school_id: int, key: str) -> None:
    db.check_released("a call of the object store")
    storage.assert_key(school_id, key)
