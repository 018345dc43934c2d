"""Flask-SQLAlchemy, with sessions that live as long as a transaction of ours.

Its session belongs to the application context, ours to the transaction that entered a school, in a
request, a job, a socket event or a command alike. So the scope is the open unit of work (units.py)
and every statement runs on that unit's connection: no school is ever left by asking elsewhere.
Engines are the process's own (engines.py), because a job or a command has no application context.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import BigInteger, Connection, Engine, MetaData
from sqlalchemy.orm import DeclarativeBase, registry

from campus import engines
from campus.config import Config
from campus.holding import current
from campus.moments import Day, Moment

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class OpenUnit(Protocol):
    """What is asked of the open unit of work here."""

    @property
    def connection(self) -> Connection:
        """The connection of the open transaction."""


class UnitSession(Session):
    """A session on the open transaction's connection; it never takes one from the pool."""

    def get_bind(self, *_: Any, **__: Any) -> Connection:
        """The connection. Raises LookupError when no transaction is open."""
        unit: OpenUnit | None = current.get()
        if unit is None:
            raise LookupError("no transaction is open: use db.transaction() or a request")
        return unit.connection


class _Base(DeclarativeBase):
    """Every table. Times carry a zone; a birthday is a DATE (Shanghai had summer time)."""

    # Said to the registry: Flask-SQLAlchemy copies this class, and a copied map would be refused.
    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={int: BigInteger, datetime: Moment(), date: Day()},
    )


class Database(SQLAlchemy):
    """The extension over the engines of this process."""

    def connect(self, app: Flask, settings: Config) -> None:
        """Register with an application; its engine becomes the one of the role ``web``."""
        app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engines.options("web", settings.pool_size)
        self.init_app(app)
        engines.use("web", self._app_engines[app][None])

    @property
    def engines(self) -> Mapping[str | None, Engine]:
        """The engines by role; None is the web's, as the extension calls its default."""
        found: dict[str | None, Engine] = dict(engines.known().items())
        if "web" in found:
            found[None] = found["web"]
        return found


database = Database(
    model_class=_Base,
    session_options={"class_": UnitSession, "scopefunc": current.get, "expire_on_commit": False},
    disable_autonaming=True,
    add_models_to_shell=False,
)
if TYPE_CHECKING:
    Base = _Base
else:
    Base = database.Model
