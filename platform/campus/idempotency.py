"""Every write a person can repeat carries a key: a retry is answered, never done twice.

One row per (school, author, key). The same key with another body is a Conflict.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import request
from sqlalchemy import Text, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from campus import db
from campus.actor import Actor
from campus.errors import Conflict, InvalidInput

MOST = 64


class IdempotencyKey(db.SchoolScoped):
    """One finished write and the id of what it made."""

    __tablename__ = "idempotency_key"

    account_id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Text)
    result_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


RESULTS = db.Closing(b"""
UPDATE idempotency_key AS held
   SET result_id = done.result_id
  FROM jsonb_to_recordset($1::jsonb) AS done
       (school_id bigint, account_id bigint, key text, result_id bigint)
 WHERE held.school_id = done.school_id AND held.account_id = done.account_id
   AND held.key = done.key
""")


def key_of_header() -> str:
    """The key a program sent beside its body, or "". Raises InvalidInput for one no row holds."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > MOST or not key.isascii():
        raise InvalidInput({"Idempotency-Key": f"防重复的编号最多 {MOST} 个字母或数字。"})
    return key


def fingerprint(body: Mapping[str, Any]) -> str:
    """A stable hash of what was asked for."""
    canonical = json.dumps(body, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def once(actor: Actor, key: str | None, body: Mapping[str, Any], act: Callable[[], int]) -> int:
    """Do ``act`` once per (school, author, key) and return the id it made, now or back then.

    A concurrent twin waits for the first. Raises Conflict when the key came with another body.
    """
    if not key or actor.account_id is None:
        return act()
    held = {"school_id": db.school_id(), "account_id": actor.account_id, "key": key}
    claimed = db.session().scalar(
        insert(IdempotencyKey)
        .values(**held, fingerprint=fingerprint(body))
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key)
    )
    if claimed is None:
        before = done(actor, key, body)
        assert before is not None, "the key is there: a conflict said so"
        return before
    result = act()
    db.at_end(RESULTS, held | {"result_id": result})
    return result


def done(actor: Actor, key: str | None, body: Mapping[str, Any]) -> int | None:
    """What this key made before, or None; for what has to be got ready before `once`.

    Raises Conflict when the key came with another body.
    """
    if not key or actor.account_id is None:
        return None
    held = {"school_id": db.school_id(), "account_id": actor.account_id, "key": key}
    row = db.session().execute(select(IdempotencyKey).filter_by(**held)).scalar_one_or_none()
    if row is None:
        return None
    if row.fingerprint != fingerprint(body) or row.result_id is None:
        raise Conflict("这次提交和之前的内容不一样，请刷新页面后再试。")
    return row.result_id
