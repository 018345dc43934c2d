"""Here the day is the real one, as in the seed: who looked when is told by the database's clock."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def today() -> None:
    """The folder above fixes a Monday in November; these tests compare with now."""
