"""The parts around us: version, migrations, clock, store, disk, Redis, secrets."""

from __future__ import annotations

import os
import shutil
import time
from datetime import UTC, datetime

import psycopg
import redis
import urllib3

from campus import migrations
from campus.config import SECRET_MIN_BYTES, Config
from campus.doctor.finding import Finding
from campus.doctor.rights import Connection
from campus.storage import Storage, StorageUnavailable
from campus.vault import NoVault, Vault

OLDEST_SERVER = 180_000
PATCHED_SERVER = 180_006
SKEW_SECONDS = 2.0
FREE_SHARE = 0.10
ANSWER_SECONDS = 3.0


def check_server(connection: Connection, config: Config) -> Finding:
    """PostgreSQL 18 or later; below 18.6 production is warned of known faults."""
    version = connection.info.server_version
    words = f"PostgreSQL {version // 10_000}.{version % 10_000}"
    if version < OLDEST_SERVER:
        return Finding("server version", False, f"{words}: at least 18 is needed")
    if config.production and version < PATCHED_SERVER:
        return Finding("server version", False, f"{words}: update to 18.6 or later", fatal=False)
    return Finding("server version", True, words)


def check_migrations(connection: Connection) -> Finding:
    """The database stands at this checkout's newest step."""
    wanted = migrations.head()
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except psycopg.errors.UndefinedTable:
        row = None
    found = row[0] if row else "nothing"
    sentence = f"at {found}" if found == wanted else f"at {found}, not {wanted}: migrate first"
    return Finding("migrations", found == wanted, sentence)


def check_clock(connection: Connection) -> Finding:
    """Our clock and the server's agree within two seconds, the trip of the question aside."""
    before = time.monotonic()
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    trip = time.monotonic() - before
    theirs = row[0] if row else None
    if not isinstance(theirs, datetime):
        raise TypeError("the server told no time")
    skew = max(0.0, abs((datetime.now(UTC) - theirs).total_seconds()) - trip)
    return Finding(
        "clock", skew <= SKEW_SECONDS, f"{skew:.1f} s apart from the database's", fatal=False
    )


def check_secret(config: Config) -> Finding:
    """The key that signs cookies is long, and no word repeated."""
    size, variety = len(config.secret_key.encode()), len(set(config.secret_key))
    ok = size >= SECRET_MIN_BYTES and variety >= 8
    sentence = f"{size} bytes" if ok else "CAMPUS_SECRET_KEY needs 32 bytes of randomness"
    return Finding("secret key", ok, sentence)


def check_store(config: Config) -> list[Finding]:
    """We can read a known object (a warning: all but photos works without); nobody else can."""
    if not config.s3_endpoint:
        return [Finding("object store", False, "S3_ENDPOINT is not set", fatal=False)]
    if not Storage(config).healthy():
        sentence = (
            f"{config.s3_endpoint} does not answer, refuses our keys, or has lost what it stored"
        )
        return [Finding("object store", False, sentence, fatal=False)]
    return [Finding("object store", True, config.s3_endpoint), _strangers(config), _seals(config)]


def _seals(config: Config) -> Finding:
    """The bucket for the audit log's ends locks; without it a cut tail can go unseen."""
    name = "audit seals"
    try:
        Vault(config).check()
    except (NoVault, StorageUnavailable) as error:
        words = f"{error.message}: audit heads are not sealed outside, a cut tail can go unseen"
        return Finding(name, False, words, fatal=False)
    return Finding(name, True, f"{config.s3_seal_bucket} locks for {config.seal_days} days")


def _strangers(config: Config) -> Finding:
    """Without a key the bucket must neither list nor tell whether an object exists."""
    url = f"{config.s3_endpoint.rstrip('/')}/{config.s3_bucket}"
    pool = urllib3.PoolManager(timeout=ANSWER_SECONDS, retries=False)
    open_to_all = []
    for address in (url, f"{url}/", f"{url}/s/1/{'0' * 32}"):
        try:
            status = pool.request("GET", address, redirect=False).status
        except urllib3.exceptions.HTTPError:
            continue
        if status not in {401, 403}:
            open_to_all.append(f"{address} answers {status}")
    name = "object store, strangers"
    if open_to_all:
        return Finding(name, False, f"{open_to_all[0]} without a key: it must be refused")
    return Finding(name, True, "refused without a key")


def check_disk(config: Config) -> Finding:
    """A tenth of the disk of CAMPUS_HOME is free: PostgreSQL stops altogether when it is full."""
    place = next(path for path in (config.home_dir, *config.home_dir.parents) if path.exists())
    usage = shutil.disk_usage(place)
    share = usage.free / usage.total
    return Finding("disk", share >= FREE_SHARE, f"{share:.0%} of {place} is free", fatal=False)


def check_redis(config: Config) -> Finding:
    """Redis answers where it is configured; without it hints stay in one process."""
    if not config.redis_url:
        several = int(os.environ.get("WEB_CONCURRENCY") or "1") > 1
        words = "not configured: hints reach one web process only, so run one"
        return Finding("redis", not several, words)
    try:
        client = redis.Redis.from_url(
            config.redis_url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
        )
        client.ping()
        client.close()
    except (redis.RedisError, ValueError) as error:
        return Finding("redis", False, f"does not answer: {type(error).__name__}", fatal=False)
    return Finding("redis", True, "answers")
