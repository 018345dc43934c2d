"""How hard a run tries: `make test` is what must hold to land, `make nightly` looks longer.

Nothing that guards schools, families or rights waits for the night; only more examples of what is
tested anyway, and the pages at every width in both themes.
"""

from __future__ import annotations

import os

NIGHTLY = os.environ.get("CAMPUS_NIGHTLY") == "1"


def examples(usual: int) -> int:
    """How many examples hypothesis tries: twenty times as many in the night."""
    return usual * 20 if NIGHTLY else usual
