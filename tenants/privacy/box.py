"""A zip that is written part by part into an unlinked file, with a SHA-256 of each part.

Nothing is held in memory but the part being written, and a killed process leaves no file behind.
"""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, BinaryIO, Self

from campus import clock
from campus.config import load

SUMS = "SHA256SUMS"
CHUNK = 1024 * 1024
PRIVATE = 0o700


def workshop() -> Path:
    """Where files under work lie: ``tmp`` in CAMPUS_HOME, for this account only."""
    folder = load().home_dir / "tmp"
    folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    return folder


@contextmanager
def scrap() -> Iterator[IO[bytes]]:
    """A file without a name; gone when the block (or the process) ends."""
    with tempfile.TemporaryFile(dir=workshop()) as file:
        yield file


class Box:
    """The zip under way; leaving the block writes the sums. Every part carries the time ``at``."""

    def __init__(self, file: IO[bytes], at: datetime) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self._at = at.astimezone(clock.SHANGHAI)
        self.sums: dict[str, str] = {}

    def put(self, name: str, data: bytes | str, *, packed: bool = True) -> None:
        """Add one part; ``packed=False`` for what is compressed already."""
        self.pour(name, [data.encode() if isinstance(data, str) else data], packed=packed)

    def pour(self, name: str, parts: Iterable[bytes], *, packed: bool = True) -> None:
        """Add one part from pieces, however many."""
        info = zipfile.ZipInfo(name, self._at.timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = 0o644 << 16
        total = hashlib.sha256()
        with self._zip.open(info, "w", force_zip64=True) as part:
            for piece in parts:
                total.update(piece)
                part.write(piece)
        self.sums[name] = total.hexdigest()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._close()
        else:
            self._zip.fp = None  # nobody reads what was left half way

    def _close(self) -> None:
        listed = "".join(f"{digest}  {name}\n" for name, digest in self.sums.items())
        self._zip.writestr(zipfile.ZipInfo(SUMS, self._at.timetuple()[:6]), listed)
        self._zip.close()


def measured(file: BinaryIO | IO[bytes]) -> tuple[int, bytes]:
    """Size and SHA-256 of a file, read from its start; it stands at the start again."""
    file.seek(0)
    size, total = 0, hashlib.sha256()
    while piece := file.read(CHUNK):
        size += len(piece)
        total.update(piece)
    file.seek(0)
    return size, total.digest()
