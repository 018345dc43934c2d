"""Every setting, read once from the environment and checked before anything starts.

A secret may be given as ``NAME`` or as ``NAME_FILE`` (the path of a file that holds it), never in
git. ``docs/settings.md`` lists each one; a test keeps that list complete.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ENVIRONMENTS = ("dev", "test", "production")
SECRET_MIN_BYTES = 32


class ConfigError(Exception):
    """A setting is missing or cannot be right; the message names it and says what to do."""


def _setting(name: str, default: str | None = None) -> str:
    return field(default=default, metadata={"env": name})  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one process. Field metadata ``env`` is the variable's name."""

    environment: str = _setting("CAMPUS_ENV", "dev")
    home: str = _setting("CAMPUS_HOME", "./var")
    host: str = _setting("HOST", "127.0.0.1")
    port: int = field(default=8000, metadata={"env": "PORT"})
    public_url: str = _setting("CAMPUS_PUBLIC_URL", "")
    secret_key: str = _setting("CAMPUS_SECRET_KEY", "")
    secret_key_fallback: str = _setting("CAMPUS_SECRET_KEY_FALLBACK", "")
    database_url: str = _setting("DATABASE_URL", "")
    worker_database_url: str = _setting("WORKER_DATABASE_URL", "")
    migrator_database_url: str = _setting("MIGRATOR_DATABASE_URL", "")
    pool_size: int = field(default=10, metadata={"env": "DATABASE_POOL_SIZE"})
    s3_endpoint: str = _setting("S3_ENDPOINT", "")
    s3_public_url: str = _setting("S3_PUBLIC_URL", "")
    s3_access_key: str = _setting("S3_ACCESS_KEY", "")
    s3_secret_key: str = _setting("S3_SECRET_KEY", "")
    s3_bucket: str = _setting("S3_BUCKET", "campus")
    s3_seal_bucket: str = _setting("S3_SEAL_BUCKET", "campus-seals")
    s3_region: str = _setting("S3_REGION", "us-east-1")
    seal_days: int = field(default=400, metadata={"env": "CAMPUS_SEAL_DAYS"})
    redis_url: str = _setting("REDIS_URL", "")
    two_step: str = _setting("CAMPUS_TWO_STEP", "")
    trusted_proxies: int = field(default=0, metadata={"env": "CAMPUS_TRUSTED_PROXIES"})
    demo_password: str = _setting("CAMPUS_DEMO_PASSWORD", "hejiatu-demo")
    max_upload_bytes: int = field(
        default=15 * 1024 * 1024, metadata={"env": "CAMPUS_MAX_UPLOAD_BYTES"}
    )

    @property
    def home_dir(self) -> Path:
        """Where the embedded parts keep their files, absolute."""
        return Path(self.home).expanduser().resolve()

    @property
    def secure(self) -> bool:
        """Whether people reach us by https, so cookies carry Secure and the ``__Host-`` prefix."""
        return self.public_url.startswith("https://")

    @property
    def production(self) -> bool:
        """Whether this process serves real schools."""
        return self.environment == "production"

    @property
    def two_step_required(self) -> bool:
        """Whether administrators and operators must use a second step; so in production."""
        return self.two_step == "require" or (self.production and self.two_step != "offer")

    @property
    def files_origin(self) -> str:
        """The origin browsers fetch photos from, for the Content-Security-Policy."""
        return (self.s3_public_url or self.s3_endpoint).rstrip("/")

    def checked(self) -> Config:
        """Return self, or raise ConfigError naming the first setting that cannot be right."""
        if self.environment not in ENVIRONMENTS:
            raise ConfigError(f"CAMPUS_ENV must be one of {', '.join(ENVIRONMENTS)}")
        if self.two_step not in ("", "offer", "require"):
            raise ConfigError("CAMPUS_TWO_STEP must be offer or require, or not set")
        for name in ("database_url", "secret_key", "s3_endpoint", "s3_access_key", "s3_secret_key"):
            if not getattr(self, name):
                raise ConfigError(f"{env_name(name)} is not set; `make run` sets it by itself")
        if self.seal_days < 1:
            raise ConfigError("CAMPUS_SEAL_DAYS must be 1 or more")
        if len(self.secret_key.encode()) < SECRET_MIN_BYTES:
            raise ConfigError("CAMPUS_SECRET_KEY must hold at least 32 bytes of randomness")
        if self.production and not self.secure:
            raise ConfigError("CAMPUS_PUBLIC_URL must begin with https:// in production")
        return self


def env_name(field_name: str) -> str:
    """The environment variable that fills one field of Config."""
    return str(Config.__dataclass_fields__[field_name].metadata["env"])


def load(environ: Mapping[str, str] | None = None) -> Config:
    """Read Config from ``environ`` (default: this process). Raises ConfigError."""
    source = os.environ if environ is None else environ
    values: dict[str, str | int] = {}
    for name, item in Config.__dataclass_fields__.items():
        raw = read(source, str(item.metadata["env"]))
        if raw is None:
            continue
        values[name] = _whole(str(item.metadata["env"]), raw) if item.type == "int" else raw
    return Config(**values)  # type: ignore[arg-type]


def read(source: Mapping[str, str], name: str) -> str | None:
    """One setting, from ``NAME_FILE`` if that is given. Raises ConfigError if it cannot be read."""
    path = source.get(f"{name}_FILE")
    if not path:
        return source.get(name) or None
    try:
        return Path(path).read_text("utf-8").strip()
    except OSError as error:
        raise ConfigError(f"{name}_FILE cannot be read: {error.strerror}") from error


def _whole(name: str, raw: str) -> int:
    try:
        return int(raw)
    except ValueError as error:
        raise ConfigError(f"{name} must be a whole number, not {raw!r}") from error
