"""`make quick` runs what a change touches."""

from __future__ import annotations

from tests.support.touched import ALWAYS, touched_by

TEXTS = {
    "tests/classes/test_praise.py": "from tenants.classes.models import Praise\n",
    "tests/growth/test_record.py": "from tenants.classes import actions, own\n",
    "tests/identity/test_login.py": "from campus.identity import throttle\n",
    "tests/campus/test_wire.py": "from campus import db, wire\n",
    "tests/e2e/test_class.py": "from tenants.classes.models import Praise\n",
    ALWAYS: "",
}


def test_a_capability_brings_its_own_tests_and_those_that_import_it() -> None:
    found = touched_by(["tenants/classes/own.py"], TEXTS)
    assert found == [ALWAYS, "tests/classes/test_praise.py", "tests/growth/test_record.py"]


def test_a_page_brings_its_capability_and_a_changed_test_comes_first() -> None:
    found = touched_by(["templates/growth/pupil.html", "tests/growth/test_record.py"], TEXTS)
    assert found == ["tests/growth/test_record.py", ALWAYS]


def test_the_platform_brings_who_imports_it() -> None:
    assert "tests/campus/test_wire.py" in touched_by(["platform/campus/wire.py"], TEXTS)
    assert "tests/identity/test_login.py" in touched_by(["platform/campus/identity/x.py"], TEXTS)
    assert touched_by(["docs/decisions.md"], TEXTS) == [ALWAYS]
