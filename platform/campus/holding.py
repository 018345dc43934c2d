"""Whether this request, job or command holds a connection: asked by whatever takes long.

Apart from the database's own modules, because the parts `dev` starts and the children that read
strangers' files must load neither SQLAlchemy nor Flask.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

# The open unit of work; units.py opens and ends it.
current: ContextVar[Any] = ContextVar("campus_unit", default=None)


def check_released(what: str) -> None:
    """Raise RuntimeError while a connection is held: ``what`` must not be done beside it."""
    unit = current.get()
    if unit is not None and unit.pooled is not None:
        raise RuntimeError(f"{what} while a connection is held: see db.release")
