"""House rules that a reader could forget and a machine does not."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from campus.config import Config, env_name
from tests.rules import source

GUARDS = [
    source.sql_problems,
    source.clock_problems,
    source.day_problems,
    source.emit_problems,
    source.model_query_problems,
    source.markup_problems,
    source.refusal_problems,
    source.length_problems,
    source.import_problems,
    source.input_problems,
    source.digit_problems,
]


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.__name__)
def test_source(guard: Any) -> None:
    assert list(guard()) == []


@pytest.mark.parametrize(
    ("code", "caught"),
    [
        ('session.execute(text(f"SELECT {x}"))', True),
        ('session.execute("SELECT " + x)', True),
        ('session.execute("SELECT %s" % x)', True),
        ('session.execute("SELECT {}".format(x))', True),
        ('session.execute(text("SELECT 1"))', True),
        ("session.execute(select(Pupil))", False),
    ],
)
def test_the_sql_rule_catches(code: str, caught: bool) -> None:
    """A rule that never cries is no rule."""
    tree = ("tenants/x/queries.py", ast.parse(code))
    assert bool(list(source.sql_problems(iter([tree])))) is caught


@pytest.mark.parametrize(
    ("words", "caught"), [("error.fields", True), ("pages.refused(error)", False)]
)
def test_the_refusal_rule_catches(words: str, caught: bool) -> None:
    code = f"""
blueprint = Blueprint("x", __name__)
def act():
    try:
        change()
    except InvalidInput as error:
        return page({words})
"""
    tree = ("tenants/x/routes.py", ast.parse(code))
    assert bool(list(source.refusal_problems(iter([tree])))) is caught


@pytest.mark.parametrize(
    ("code", "caught"),
    [
        ("row.taken_at.date()", True),
        ("func.date(Praise.created_at) == today", True),
        ("func.date_trunc('day', Praise.created_at)", True),
        ("func.timezone('Asia/Shanghai', Praise.created_at)", True),
        ("""run("SELECT 1 FROM praise WHERE created_at::date = CURRENT_DATE")""", True),
        ('bindparam("day", type_=Date)', True),
        ("clock.day_of(row.taken_at)", False),
        ("datetime.combine(day, time())", False),
    ],
)
def test_the_day_rule_catches(code: str, caught: bool) -> None:
    tree = ("tenants/x/queries.py", ast.parse(code))
    assert bool(list(source.day_problems(iter([tree])))) is caught


@pytest.mark.parametrize(
    ("code", "caught"),
    [
        ("urlsplit(request.args['next'])", True),
        ("date.fromisoformat(text)", True),
        ("json.loads(text)", True),
        ("from marshmallow import fields", True),
        ("request.remote_addr", True),
        ("clock.day_in(text)", False),
    ],
)
def test_the_rule_of_entrances_catches(code: str, caught: bool) -> None:
    """The same for what strangers send."""
    tree = ("tenants/x/routes.py", ast.parse(code))
    assert bool(list(source.input_problems(iter([tree])))) is caught


@pytest.mark.parametrize(
    ("line", "caught"),
    [
        (r'PHONE = re.compile(r"1\d{10}")', True),
        ("if text.isdigit():", True),
        ("if text.isdecimal() and int(text) > 3:", True),
        ("if text.isascii() and text.isdigit():", False),
        ('PHONE = re.compile(r"1[0-9]{10}")', False),
    ],
)
def test_the_digit_rule_catches(line: str, caught: bool) -> None:
    assert bool(list(source.digit_problems([("tenants/x/y.py:1", line)]))) is caught


def test_platform_is_no_package() -> None:
    """A platform/__init__.py would shadow Python's own `platform` and break gunicorn."""
    assert not (source.ROOT / "platform" / "__init__.py").exists()
    ignored = (source.ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert "platform/__init__.py" in ignored


def test_import_contracts() -> None:
    """Direction and layers, as setup.cfg says them."""
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [tool, "--no-cache"], cwd=source.ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-500:]
    assert "5 kept, 0 broken" in done.stdout


def test_every_setting_is_documented() -> None:
    """docs/settings.md names each variable, and none that is gone."""
    text = (source.ROOT / "docs" / "settings.md").read_text("utf-8")
    named = set(re.findall(r"^\| `([A-Z0-9_]+)`", text, re.M))
    known = {env_name(name) for name in Config.__dataclass_fields__}
    assert known - named == set(), "add them to docs/settings.md"
    read = "".join(path.read_text("utf-8") for path in (source.ROOT / "platform").rglob("*.py"))
    parts = {name: name.replace("MIGRATOR", "{role.upper()}") for name in named - known}
    assert [name for name, part in parts.items() if part not in read] == [], "nobody reads them"


def test_migrations_import_no_application() -> None:
    """They must still run when the code has moved on."""
    for name, tree in source.files():
        if "migrations/versions/" not in name:
            continue
        for node in ast.walk(tree):
            module = getattr(node, "module", None) or ""
            if isinstance(node, ast.ImportFrom) and module.split(".")[0] in ("campus", "tenants"):
                assert module == "campus.migrations.guard", f"{name}:{node.lineno}: {module}"
