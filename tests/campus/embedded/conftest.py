"""One home per test file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from campus.embedded import files


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home every account may pass through, removed afterwards."""
    with files.temporary_home() as folder:
        yield folder
