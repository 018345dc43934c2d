"""The raw file between upload and the end of its run, in the object store."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from campus import db, storage
from campus.errors import Unavailable
from tenants.roster.imports.models import ImportRun

KIND = "application/octet-stream"
STORE_DOWN = "文件暂时存不上，名册没有导入。请一分钟后再试一次。"


def keep(data: bytes) -> str:
    """Store a raw file of the entered school; its key. Raises Unavailable."""
    school = db.school_id()
    key = storage.object_key(school, uuid.uuid4())
    try:
        storage.store().put(school, key, data, KIND)
    except storage.StorageUnavailable as error:
        raise Unavailable(STORE_DOWN, retry_after=60) from error
    return key


def fetch(key: str) -> bytes:
    """The raw file. Raises StorageUnavailable or ObjectMissing."""
    return storage.store().get(db.school_id(), key)


def drop_after_commit(key: str | None) -> None:
    """Delete a raw file once the open transaction is durable; the sweep mends what fails."""
    if key is None:
        return
    school = db.school_id()

    def drop() -> None:
        try:
            storage.store().delete(school, key)
        except storage.StorageUnavailable:
            return  # the nightly sweep finds it: no run names it any more

    db.after_commit(drop)


def standing() -> db.AnySelect:
    """Keys of raw files the sweep of the store must leave alone."""
    return select(ImportRun.key).where(
        ImportRun.school_id == db.school_id(), ImportRun.key.is_not(None)
    )
