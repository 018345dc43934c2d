"""Nothing the application answers to is missing in authz.yaml, and nothing there is made up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from campus import jobs
from campus.commands import build, main
from tests.authz import table, walk
from tests.support.canary import new_canary


@pytest.fixture
def command_line() -> Iterator[object]:
    """`python -m campus` with every capability."""
    before = dict(main.commands)
    yield build()
    main.commands.clear()
    main.commands.update(before)


def test_every_route_has_a_row(app: Flask) -> None:
    assert walk.route_problems(app) == []


def test_a_row_stands_with_its_capability(app: Flask) -> None:
    assert walk.place_problems(app) == []


def test_every_grave_act_asks_again(app: Flask) -> None:
    assert walk.step_up_problems(app) == []


def test_every_socket_event_has_a_row() -> None:
    assert walk.event_problems() == []


def test_every_job_has_a_row(app: Flask) -> None:
    """A job that needs no school says why; any other is refused without one."""
    assert walk.job_problems() == []


def test_every_command_has_a_row(command_line: object) -> None:
    assert walk.command_problems(command_line) == []


def test_exceptions_only_shrink(app: Flask) -> None:
    """A new public page is a decision: raise the number in authz.yaml and say why in review."""
    assert walk.exception_problems(app) == []


def test_every_cell_is_explicit() -> None:
    """After expansion nobody is forgotten and nobody named twice."""
    actors = set(table.raw()["actors"])
    assert len(actors) >= 12
    for row in (*table.routes(), *table.events()):
        assert set(row.expect) == actors, row.name


@pytest.mark.parametrize("one", table.raw()["jobs"], ids=lambda one: one["job"])
def test_a_school_s_job_is_refused_without_a_school(one: dict[str, object], app: Flask) -> None:
    job = jobs.JOBS[str(one["job"])]
    if one["school"]:
        for wrong in ({}, {"school_id": None}, {"school_id": "1"}, {"school_id": True}):
            with pytest.raises(jobs.JobRefused):
                jobs.perform(job, wrong)
    else:
        assert job.platform, "a platform job says why it has no school"


def test_canaries_are_long_enough() -> None:
    """Sixteen base32 characters: no page holds one by chance."""
    assert len(new_canary()) == 16
    assert new_canary() != new_canary()
