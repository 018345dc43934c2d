"""A cut tail with an older head put back is whole in itself: only what is sealed outside tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from campus import clock, crypto, db, jobs, storage
from campus.audit import cli, outside
from campus.audit.outside import KEEP_ALL, compare, keep, keep_head, sealed_heads
from campus.audit.verify import Bad, verify
from campus.config import Config
from campus.embedded.objects import Objects
from campus.embedded.postgres import Postgres
from campus.storage import make_client
from campus.vault import Vault, vault
from tests.campus.audit.test_chain import log, root, seal_all, write
from tests.conftest import config_of
from tests.support.databases import fresh_name
from tests.support.seed import Seed

Cursor = psycopg.Connection[Any]
__all__ = ["log", "root"]  # fixtures of the neighbour


@pytest.fixture(autouse=True)
def secret() -> None:
    crypto.configure(config_of())


@pytest.fixture
def held(objects: Objects) -> Iterator[Vault]:
    """A bucket of this test's own, in the real store, locked for a day."""
    door = replace(objects._door("launcher").config, seal_days=1)
    bucket = fresh_name().replace("_", "-") + "-seals"
    client = make_client(door, door.s3_endpoint, 5.0)
    client.make_bucket(bucket, object_lock=True)
    storage.configure(replace(door, s3_seal_bucket=bucket))
    yield vault()
    storage.configure(config_of())


def kept(held: Vault, school_id: int) -> bool:
    heads = sealed_heads(held, school_id)
    with db.transaction(school_id=school_id, read_only=True):
        return keep_head(held, db.unit().driver, school_id, heads)


def compared(held: Vault, school_id: int, **since: Any) -> Bad | None:
    heads = sealed_heads(held, school_id)
    with db.transaction(school_id=school_id, read_only=True):
        driver = db.unit().driver
        assert verify(driver, school_id).bad is None, "the chain by itself is whole"
        return compare(driver, school_id, heads, **since)


def cut(root: Cursor, school_id: int, old: Any) -> None:
    """As the database's owner: the newest lines go, with seals, and an older head comes back."""
    root.execute("DELETE FROM audit_seal WHERE school_id = %s AND seq > %s", (school_id, old[0]))
    root.execute(
        "DELETE FROM audit_entry e WHERE school_id = %s AND NOT EXISTS"
        " (SELECT FROM audit_seal s WHERE s.school_id = e.school_id AND s.entry_id = e.id)",
        (school_id,),
    )
    root.execute(
        "UPDATE audit_head SET (seq, hash, mark) = (%s, %s, %s) WHERE school_id = %s",
        (*old, school_id),
    )


def head_of(root: Cursor, school_id: int) -> Any:
    rows = root.execute("SELECT seq, hash, mark FROM audit_head WHERE school_id = %s", (school_id,))
    return rows.fetchone()


def test_an_older_head_put_back_is_found(log: tuple[int, int], root: Cursor, held: Vault) -> None:
    old = head_of(root, log[0])
    write(log[0], 5)
    seal_all()
    assert kept(held, log[0])
    newest = head_of(root, log[0])[0]
    assert compared(held, log[0]) is None
    cut(root, log[0], old)
    found = compared(held, log[0])
    assert found is not None
    assert (found.kind, found.seq) == ("sealed", newest)
    assert f"第 {newest} 环" in str(found)
    assert compared(held, log[1]) is None, "the other school's is another log"


def test_a_log_that_was_cut_and_grew_on_is_found(
    log: tuple[int, int], root: Cursor, held: Vault
) -> None:
    """Longer than before, newly sealed: the head of the lost branch still accuses."""
    old = head_of(root, log[0])
    write(log[0], 5)
    seal_all()
    assert kept(held, log[0])
    lost = head_of(root, log[0])[0]
    cut(root, log[0], old)
    write(log[0], 9)
    seal_all()
    assert kept(held, log[0]), "the new end is sealed as well"
    found = compared(held, log[0])
    assert found is not None
    assert found.seq == lost
    assert compared(held, log[0], since=clock.now() + timedelta(minutes=1)) is None


def test_a_head_is_sealed_once_and_again_before_its_time_is_over(
    log: tuple[int, int], root: Cursor, held: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kept(held, log[0])
    assert not kept(held, log[0]), "the same end a second time is no news"
    later = clock.now() + timedelta(hours=13)
    monkeypatch.setattr(outside.clock, "now", lambda: later)
    assert kept(held, log[0])
    assert len(sealed_heads(held, log[0])) == 2


def test_what_is_not_truly_signed_proves_nothing(
    log: tuple[int, int], root: Cursor, held: Vault
) -> None:
    """A stranger who may write into the bucket accuses nobody; a forged head is not sealed."""
    for name in (
        f"audit/{log[0]}/{10**9:019d}-{'a' * 64}-{'b' * 64}",
        f"audit/{log[0]}/hello",
        f"audit/{log[0]}/{1:019d}-{'a' * 64}-{'b' * 64}/more",
    ):
        held.keep(name, b"{}", clock.now())
    assert sealed_heads(held, log[0]) == []
    assert compared(held, log[0]) is None
    root.execute("UPDATE audit_head SET mark = '\\x00' WHERE school_id = %s", (log[0],))
    with db.transaction(school_id=log[0], read_only=True):
        assert not keep_head(held, db.unit().driver, log[0], ())


def test_the_night_seals_every_school(log: tuple[int, int], held: Vault) -> None:
    jobs.perform(KEEP_ALL, {})
    for school_id in log:
        jobs.perform(keep, {"school_id": school_id})
        jobs.perform(keep, {"school_id": school_id})
        assert len(sealed_heads(held, school_id)) == 1


def test_without_object_lock_the_job_says_so(
    log: tuple[int, int], held: Vault, caplog: pytest.LogCaptureFixture
) -> None:
    settings: Config = storage.store().config
    storage.configure(replace(settings, s3_seal_bucket="campus"))
    jobs.perform(keep, {"school_id": log[0]})
    assert "not sealed outside" in caplog.text


def test_verify_from_a_shell(
    log: tuple[int, int],
    root: Cursor,
    held: Vault,
    seed: Seed,
    server: Postgres,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It compares, seals the end, finds the cut, and says plainly when there is nothing outside."""
    monkeypatch.setattr(cli, "connected", lambda: None)

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli.commands, ["verify", "--school", "jiaxiao", *words])
        return done.exit_code, done.output

    old = head_of(root, log[0])
    write(log[0], 5)
    seal_all()
    code, said = run()
    assert (code, "又封存了一个" in said) == (0, True), said
    cut(root, log[0], old)
    code, said = run()
    assert (code, "对不上" in said) == (1, True), said
    tomorrow = (clock.now() + timedelta(days=2)).strftime("%Y-%m-%d")
    assert run("--since", tomorrow)[0] == 0
    storage.configure(replace(storage.store().config, s3_seal_bucket="campus"))
    code, said = run()
    assert (code, "外面没有封存的末尾可比" in said) == (0, True), said
