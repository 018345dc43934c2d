"""Writing a line: one insert in the open transaction, and nothing to wait for.

Names, phones and ID numbers never enter ``detail``; ids, codes and counts do.
"""

from __future__ import annotations

from typing import Any

from campus import db
from campus.actor import Actor
from campus.audit.models import AuditEntry
from campus.logs import request_id


def record(
    actor: Actor, action: str, object_kind: str, object_id: int | None = None, **detail: Any
) -> None:
    """Write one line into the open transaction."""
    db.session().execute(
        AuditEntry.__table__.insert().values(  # type: ignore[attr-defined]
            school_id=db.school_id(),
            account_id=actor.account_id,
            action=action,
            object_kind=object_kind,
            object_id=object_id,
            detail=detail,
            request_id=request_id(),
        )
    )


def looked_at(actor: Actor, object_kind: str, object_id: int, action: str = "look") -> None:
    """Log that somebody opened a pupil's file; its own transaction, since pages only read.

    儿童个人信息网络保护规定 art. 15: access by staff is recorded.
    """
    with db.transaction(school_id=actor.school_id):
        record(actor, action, object_kind, object_id)
