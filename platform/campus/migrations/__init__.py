"""Alembic: small, timed, reversible steps that import no application code but guard.py.

The newest step is read from the files themselves, so that a start which only asks whether it is
reached need not load Alembic; `steps.py` is what goes there.
"""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
STEP = re.compile(r"""^(revision|down_revision)\b[^=\n]*= *["']([^"']+)["']""", re.M)


def head() -> str:
    """The newest revision this checkout knows. Raises ValueError unless there is just one."""
    found = [dict(STEP.findall(path.read_text("utf-8"))) for path in HERE.glob("versions/*.py")]
    steps = {one["revision"] for one in found if "revision" in one}
    [newest] = steps - {one.get("down_revision") for one in found}
    return str(newest)
