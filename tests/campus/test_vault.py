"""The bucket that locks: what a real store refuses, and what is said where it cannot lock."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
from minio import Minio
from minio.error import S3Error

from campus import clock
from campus.config import Config
from campus.doctor import parts
from campus.embedded.objects import Objects
from campus.storage import StorageUnavailable, make_client
from campus.vault import NoVault, Vault, ensure_vault
from tests.conftest import config_of


@pytest.fixture
def settings(objects: Objects) -> Config:
    """The app's own key, and the bucket `make run` makes."""
    return replace(objects.door.config, seal_days=1)


@pytest.fixture
def root(objects: Objects) -> Minio:
    """The key that may everything in this store."""
    door = objects._door("launcher").config
    return make_client(door, door.s3_endpoint, 5.0)


@pytest.fixture
def name() -> Iterator[str]:
    yield f"test/{uuid.uuid4().hex}"


def test_what_is_kept_stays(settings: Config, root: Minio, name: str) -> None:
    """Neither the app nor the store's root deletes it; hidden or overwritten it is still listed."""
    vault = Vault(settings)
    vault.check()
    before = clock.now()
    assert (vault.keep(name, b"{}", before) - before).days in (0, 1)
    [kept] = vault.kept(name)
    versions = list(root.list_objects(settings.s3_seal_bucket, prefix=name, include_version=True))
    for client in (make_client(settings, settings.s3_endpoint, 5.0), root):
        with pytest.raises(S3Error) as refused:
            client.remove_object(settings.s3_seal_bucket, name, versions[0].version_id)
        assert refused.value.code == "AccessDenied"
    root.put_object(settings.s3_seal_bucket, name, io.BytesIO(b"other"), 5)
    root.remove_object(settings.s3_seal_bucket, name)  # a marker on top, as after any delete
    assert kept in list(vault.kept(name))
    with pytest.raises(S3Error):
        root.remove_bucket(settings.s3_seal_bucket)


def test_a_bucket_without_lock_is_said_plainly(settings: Config, root: Minio, name: str) -> None:
    """Nothing is kept there that only looks like a proof; `doctor` warns."""
    plain = replace(objects_of(settings, root), s3_seal_bucket="campus")
    with pytest.raises(NoVault, match="对象锁定"):
        Vault(plain).check()
    with pytest.raises(NoVault, match="对象锁定"):
        Vault(plain).keep(name, b"{}", clock.now())
    assert list(Vault(plain).kept(name)) == []
    found = parts._seals(plain)
    assert not found.ok
    assert not found.fatal
    assert "object lock" in found.sentence


def objects_of(settings: Config, root: Minio) -> Config:
    """The same store with the key that may everything, so that it is the lock that is missing."""
    held = root._provider.retrieve() if root._provider else None
    assert held is not None
    return replace(settings, s3_access_key=held.access_key, s3_secret_key=held.secret_key)


def test_a_missing_bucket_and_a_missing_right(settings: Config, name: str) -> None:
    for bucket, words in (("campus-nowhere", "权限|没有封存用的桶"), ("campus", "对象锁定")):
        with pytest.raises(NoVault, match=words):
            Vault(replace(settings, s3_seal_bucket=bucket)).keep(name, b"{}", clock.now())
    assert not parts._seals(replace(settings, s3_seal_bucket="campus-nowhere")).ok


def test_a_dead_store(name: str) -> None:
    dead = Vault(config_of())
    with pytest.raises(StorageUnavailable):
        dead.keep(name, b"{}", clock.now())
    with pytest.raises(StorageUnavailable):
        list(dead.kept(name))
    with pytest.raises(StorageUnavailable):
        ensure_vault(config_of())


def test_doctor_is_content_with_the_embedded_store(settings: Config) -> None:
    assert parts._seals(settings).ok
