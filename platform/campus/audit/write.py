"""Writing a line: with the COMMIT of what it tells of, and nothing to wait for.

Names, phones and ID numbers never enter ``detail``; ids, codes and counts do.
"""

from __future__ import annotations

from typing import Any

from campus import db
from campus.actor import Actor
from campus.logs import request_id

LINES = db.Closing(b"""
INSERT INTO audit_entry
       (school_id, account_id, action, object_kind, object_id, detail, request_id)
SELECT school_id, account_id, action, object_kind, object_id, detail, request_id
  FROM jsonb_to_recordset($1::jsonb) AS line
       (school_id bigint, account_id bigint, action text, object_kind text, object_id bigint,
        detail jsonb, request_id text)
""")


def record(
    actor: Actor, action: str, object_kind: str, object_id: int | None = None, **detail: Any
) -> None:
    """Leave one line for the end of the open transaction; it is written with COMMIT or not at all.

    Raises LookupError outside a transaction or a school.
    """
    line = {
        "school_id": db.school_id(),
        "account_id": actor.account_id,
        "action": action,
        "object_kind": object_kind,
        "object_id": object_id,
        "detail": detail,
        "request_id": request_id(),
    }
    db.at_end(LINES, line)


def looked_at(actor: Actor, object_kind: str, object_id: int, action: str = "look") -> None:
    """Log that somebody opened a pupil's file; after the page's transaction, which only reads, and
    before the answer is sent.

    儿童个人信息网络保护规定 art. 15: access by staff is recorded.
    """

    def write() -> None:
        with db.transaction(school_id=actor.school_id):
            record(actor, action, object_kind, object_id)

    db.when_over(write)
