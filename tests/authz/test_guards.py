"""The guards over the running application, with nothing broken: tests/faults breaks it."""

from __future__ import annotations

from flask import Flask

from campus.embedded.postgres import Postgres
from tests.authz import guards
from tests.factories import Seed


def test_forged_forms_are_refused(app: Flask, seed: Seed, fresh: str) -> None:
    assert guards.csrf_problems(app, seed) == []


def test_every_change_is_in_the_audit_log(app: Flask, seed: Seed, fresh: str) -> None:
    assert guards.audit_problems(app, seed) == []


def test_the_pool_forgets_the_school(server: Postgres, fresh: str, seed: Seed) -> None:
    assert guards.pool_problems(server, fresh, seed) == []


def test_links_are_made_for_own_keys_only(app: Flask, seed: Seed) -> None:
    assert guards.presign_problems(seed) == []
