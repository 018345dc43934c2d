"""The bucket of what nobody may take back: written once, then locked by the store until a day.

Small things alone, whose whole content is their name, so a list of names is all there is to read;
what was hidden by a delete marker or overwritten is still in the list, because every version is
asked for. Locked in COMPLIANCE mode: neither the platform's key nor the store's own root ends it
early. The bucket has object lock from its making (S3_SEAL_BUCKET); on a store or bucket without it
nothing is kept and every call says so, since an unlocked copy would only look like a proof.

Tried on SeaweedFS 4.48 (tests/campus/test_vault.py); MinIO and S3 know the same calls.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import urllib3
from minio import Minio
from minio.commonconfig import COMPLIANCE
from minio.error import MinioException, S3Error
from minio.retention import Retention

from campus import holding, storage
from campus.config import Config
from campus.errors import CampusError
from campus.storage import READ_SECONDS, StorageUnavailable, make_client

SLACK = timedelta(seconds=2)  # stores keep whole seconds
NO_BUCKET = "对象存储里没有封存用的桶 {bucket}"
NO_LOCK = "对象存储的桶 {bucket} 没有开对象锁定（object lock）"
NO_RIGHT = "平台的钥匙没有在桶 {bucket} 里封存的权限"
REFUSALS = {
    "NoSuchBucket": NO_BUCKET,
    "ObjectLockConfigurationNotFoundError": NO_LOCK,
    "InvalidRequest": NO_LOCK,
    "NotImplemented": NO_LOCK,
    "AccessDenied": NO_RIGHT,
}


class NoVault(CampusError):
    """There is no bucket that locks; the message says what is missing."""

    status = 503
    code = "no-vault"


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing in the vault: its name, and when the store took it."""

    name: str
    at: datetime


class Vault:
    """The sealing bucket of one store, by the settings S3_*."""

    def __init__(self, config: Config) -> None:
        self.bucket = config.s3_seal_bucket
        self.days = config.seal_days
        self._client = make_client(config, config.s3_endpoint, READ_SECONDS)

    def check(self) -> None:
        """Raise NoVault unless the bucket is there and locks; StorageUnavailable when unreachable.

        What a store says of itself; whether it did lock is read back after every `keep`.
        """
        with self._guarded():
            self._client.get_object_lock_config(self.bucket)

    def keep(self, name: str, body: bytes, now: datetime) -> datetime:
        """Store a thing, locked for the days of the setting; until when, as the store says.

        Raises NoVault where the store takes it without locking it, StorageUnavailable.
        """
        until = now + timedelta(days=self.days)
        with self._guarded():
            made = self._client.put_object(
                self.bucket,
                name,
                io.BytesIO(body),
                len(body),
                content_type="application/json",
                retention=Retention(COMPLIANCE, until),
            )
            held = self._client.get_object_retention(self.bucket, name, made.version_id)
        if held is None or held.mode != COMPLIANCE or held.retain_until_date < until - SLACK:
            raise NoVault(NO_LOCK.format(bucket=self.bucket))
        return held.retain_until_date

    def kept(self, prefix: str) -> Iterator[Kept]:
        """Every version of everything under ``prefix``, also what was hidden or overwritten.

        Raises NoVault, StorageUnavailable.
        """
        with self._guarded():
            for one in self._client.list_objects(
                self.bucket, prefix=prefix, recursive=True, include_version=True
            ):
                if one.object_name and one.last_modified and not one.is_delete_marker:
                    yield Kept(one.object_name, one.last_modified)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        holding.check_released("a call of the vault")
        try:
            yield
        except S3Error as error:
            words = REFUSALS.get(error.code or "")
            if words is None:
                raise StorageUnavailable from error
            raise NoVault(words.format(bucket=self.bucket)) from error
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            raise StorageUnavailable from error


def vault() -> Vault:
    """This process's vault, beside its store. Raises LookupError before storage.configure()."""
    return Vault(storage.store().config)


def ensure_vault(config: Config) -> None:
    """Make the bucket with object lock if it is missing; needs keys that may.

    Raises StorageUnavailable.
    """
    client: Minio = make_client(config, config.s3_endpoint, READ_SECONDS)
    try:
        if not client.bucket_exists(config.s3_seal_bucket):
            client.make_bucket(config.s3_seal_bucket, object_lock=True)
    except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
        raise StorageUnavailable from error
