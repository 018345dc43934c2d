"""The only door to the object store (MinIO, SeaweedFS or any other S3).

An object's key is made here and nowhere else: ``s/<school>/<32 hex digits>``. Every call takes the
school beside the key and refuses a key of another school or another shape, so neither ``..`` nor a
swapped number can cross schools. Names, types and sizes of files live in the database.

A dead store costs one request at most a second and the next ones nothing: after a failure the
circuit stays open for five seconds, then one request may try again.
"""

from __future__ import annotations

import io
import re
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import IO, BinaryIO, cast
from urllib.parse import quote, urlsplit
from uuid import UUID

import urllib3
from minio import Minio
from minio.deleteobjects import DeleteObject
from minio.error import MinioException, S3Error

from campus import holding
from campus.config import Config
from campus.errors import NotFound, Unavailable

CONNECT_SECONDS = 1.0
READ_SECONDS = 5.0
HEALTH_SECONDS = 1.0
OPEN_SECONDS = 5.0
# No school has this number: objects that prove the store can meet nobody's.
PROBE_SCHOOL = 10**18
KNOWN = b"campus"
PRESIGNED_SECONDS = 300
MAX_PART = 5 * 1024 * 1024
CHUNK = 1024 * 1024
_KEY = re.compile(r"s/([1-9][0-9]{0,18})/[0-9a-f]{32}")
_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+(; charset=utf-8)?")
# Shown in the page; a browser asked to open anything else saves it instead of running it.
_SHOWN = {"image/jpeg", "image/png", "image/webp", "image/gif"}


class StorageUnavailable(Unavailable):
    """The object store does not answer, or refuses us. Everything but files goes on."""

    title = "图片和文件暂时打不开"
    message = "文件服务正在自动恢复，其他内容可以照常使用，请一分钟后再试。"


class ObjectMissing(NotFound):
    """No object under this key."""

    title = "文件不存在"
    message = "这个文件不存在，或者已经删除。"


class ForeignKeyRefused(ValueError):
    """A key of another school or of a shape this module never makes: a fault in our own code."""


def object_key(school_id: int, uuid: UUID) -> str:
    """The key of one object: ``s/<school_id>/<hex>``."""
    key = f"s/{school_id}/{uuid.hex}"
    assert_key(school_id, key)
    return key


def assert_key(school_id: int, key: str) -> None:
    """Raise ForeignKeyRefused unless ``key`` is exactly a key of ``school_id``."""
    match = _KEY.fullmatch(key)
    if match is None or match[1] != str(school_id):
        raise ForeignKeyRefused(f"not a key of school {school_id}: {key!r}")


class Circuit:
    """Remembers a failure for ``seconds``; then lets one try through while the others wait."""

    def __init__(self, seconds: float = OPEN_SECONDS) -> None:
        self.seconds = seconds
        self._opened_until = 0.0
        self._lock = threading.Lock()

    def enter(self) -> None:
        """Raise StorageUnavailable while open. The caller that may try keeps the others out."""
        with self._lock:
            if not self._opened_until:
                return
            now = time.monotonic()
            if now < self._opened_until:
                raise StorageUnavailable(retry_after=int(self._opened_until - now) + 1)
            self._opened_until = now + self.seconds

    def failed(self) -> None:
        """Open the circuit."""
        with self._lock:
            self._opened_until = time.monotonic() + self.seconds

    def worked(self) -> None:
        """Close the circuit."""
        with self._lock:
            self._opened_until = 0.0


class Storage:
    """One bucket of one store, by the settings S3_* of ``config``."""

    def __init__(self, config: Config) -> None:
        self.bucket = config.s3_bucket
        self.circuit = Circuit()
        self.config = config
        self._client = make_client(config, config.s3_endpoint, READ_SECONDS)
        self._probe = make_client(config, config.s3_endpoint, HEALTH_SECONDS)
        self._known = object_key(PROBE_SCHOOL, UUID(int=0))
        self._known_seen = False
        # Browsers may know the store by another name; a signature covers the name.
        public = config.s3_public_url or config.s3_endpoint
        self._public = make_client(config, public, READ_SECONDS)

    def put(self, school_id: int, key: str, data: bytes, content_type: str) -> None:
        """Store ``data``. Raises StorageUnavailable; then nothing may be taken for stored."""
        assert_key(school_id, key)
        with self._guarded():
            self._client.put_object(
                self.bucket,
                key,
                io.BytesIO(data),
                len(data),
                content_type=_checked_type(content_type),
                part_size=max(len(data), MAX_PART),
            )

    def put_stream(
        self, school_id: int, key: str, stream: IO[bytes], size: int, content_type: str
    ) -> None:
        """Store ``size`` bytes read from ``stream``, 5 MiB at a time. Raises StorageUnavailable."""
        assert_key(school_id, key)
        with self._guarded():
            self._client.put_object(
                self.bucket,
                key,
                cast(BinaryIO, stream),  # what the SDK calls a stream
                size,
                content_type=_checked_type(content_type),
                part_size=MAX_PART,
            )

    def fetch(self, school_id: int, key: str, into: IO[bytes]) -> None:
        """Copy one object into a file. Raises ObjectMissing, StorageUnavailable."""
        assert_key(school_id, key)
        with self._guarded():
            answer = self._client.get_object(self.bucket, key)
            try:
                for part in answer.stream(CHUNK):
                    into.write(part)
            finally:
                answer.close()
                answer.release_conn()

    def get(self, school_id: int, key: str) -> bytes:
        """The bytes of one object. Raises ObjectMissing or StorageUnavailable."""
        assert_key(school_id, key)
        with self._guarded():
            answer = self._client.get_object(self.bucket, key)
            try:
                return answer.read()
            finally:
                answer.close()
                answer.release_conn()

    def delete(self, school_id: int, key: str) -> None:
        """Delete one object; one that is gone already is no error. Raises StorageUnavailable."""
        assert_key(school_id, key)
        with self._guarded():
            self._client.remove_object(self.bucket, key)

    def delete_many(self, school_id: int, keys: Iterable[str]) -> None:
        """Delete objects of one school. Raises StorageUnavailable if any of them stayed."""
        names = list(keys)
        for key in names:
            assert_key(school_id, key)
        with self._guarded():
            errors = list(
                self._client.remove_objects(self.bucket, [DeleteObject(key) for key in names])
            )
        if any(error.code != "NoSuchKey" for error in errors):
            raise StorageUnavailable

    def keys(self, school_id: int) -> Iterator[tuple[str, datetime]]:
        """Every key of one school with the time it was stored. Raises StorageUnavailable."""
        with self._guarded():
            for item in self._client.list_objects(
                self.bucket, prefix=f"s/{school_id}/", recursive=True
            ):
                if item.object_name and item.last_modified:
                    yield item.object_name, item.last_modified

    def presigned_get(
        self,
        school_id: int,
        key: str,
        content_type: str,
        seconds: int = PRESIGNED_SECONDS,
        filename: str | None = None,
    ) -> str:
        """A URL that reads one object for ``seconds`` (at most 300), made without a round trip.

        It fixes type and disposition, whatever was stored: only pictures are shown in place.
        """
        assert_key(school_id, key)
        kind = _checked_type(content_type)
        return self._public.presigned_get_object(
            self.bucket,
            key,
            expires=timedelta(seconds=max(1, min(seconds, PRESIGNED_SECONDS))),
            response_headers={
                "response-content-type": kind,
                "response-content-disposition": _disposition(kind, filename),
            },
        )

    def healthy(self) -> bool:
        """Whether a known object can be read, told within two seconds. Moves the circuit.

        That a bucket answers proves little: its files may be gone. The object is stored when it is
        asked for the first time; should it be missing later, what was stored has been lost.
        """
        try:
            found = self._read_known()
        except (MinioException, urllib3.exceptions.HTTPError, OSError):
            self.circuit.failed()
            return False
        self.circuit.worked()
        return found

    def _read_known(self) -> bool:
        try:
            answer = self._probe.get_object(self.bucket, self._known)
        except S3Error as error:
            if error.code != "NoSuchKey":
                raise
            if self._known_seen:
                return False
            self._probe.put_object(self.bucket, self._known, io.BytesIO(KNOWN), len(KNOWN))
            self._known_seen = True
            return True
        try:
            self._known_seen = True
            return answer.read() == KNOWN
        finally:
            answer.close()
            answer.release_conn()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        holding.check_released("a call of the object store")
        self.circuit.enter()
        try:
            yield
        except S3Error as error:
            if error.code in {"NoSuchKey", "NoSuchVersion"}:
                self.circuit.worked()
                raise ObjectMissing from error
            self.circuit.failed()
            raise StorageUnavailable from error
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            self.circuit.failed()
            raise StorageUnavailable from error
        except BaseException:
            # A cancelled request says nothing about the store, but must not keep others out.
            self.circuit.worked()
            raise
        self.circuit.worked()


_configured: list[Storage] = []


def configure(config: Config) -> Storage:
    """Make this process's store; called once by create_app, a command or the worker."""
    _configured[:] = [Storage(config)]
    return _configured[0]


def store() -> Storage:
    """This process's store. Raises LookupError before configure()."""
    if not _configured:
        raise LookupError("storage.configure() was not called")
    return _configured[0]


def ensure_bucket(config: Config) -> None:
    """Make the bucket if it is missing; needs keys that may. Raises StorageUnavailable."""
    client = make_client(config, config.s3_endpoint, READ_SECONDS)
    try:
        if not client.bucket_exists(config.s3_bucket):
            client.make_bucket(config.s3_bucket)
    except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
        raise StorageUnavailable from error


def make_client(config: Config, endpoint: str, read_seconds: float) -> Minio:
    """The SDK for this module and campus.vault: short waits, no second tries."""
    parts = urlsplit(endpoint)
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=read_seconds)
    return Minio(
        parts.netloc,
        access_key=config.s3_access_key,
        secret_key=config.s3_secret_key,
        secure=parts.scheme == "https",
        region=config.s3_region,
        http_client=urllib3.PoolManager(timeout=timeout, retries=False, maxsize=16),
    )


def _checked_type(content_type: str) -> str:
    if not _TYPE.fullmatch(content_type):
        raise ValueError(f"not a media type: {content_type!r}")
    return content_type


def _disposition(content_type: str, filename: str | None) -> str:
    kind = "inline" if content_type in _SHOWN and filename is None else "attachment"
    return kind if filename is None else f"{kind}; filename*=UTF-8''{quote(filename, safe='')}"
