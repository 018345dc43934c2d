"""Custody is read in one place: a page that asked the columns itself could forget one of them."""

from __future__ import annotations

import ast
from pathlib import Path

TENANTS = Path(__file__).resolve().parents[2] / "tenants"
COLUMNS = {"limited", "may_see_health"}
# Where the columns stand, where staff set and see them, and where two ties of one person merge.
KNOWN = {
    "people/models.py",
    "people/custody.py",
    "families/guardians.py",
    "families/merge.py",
    "families/queries.py",
    "families/schemas.py",
}


def reads(path: Path) -> bool:
    return any(
        (isinstance(node, ast.Attribute) and node.attr in COLUMNS)
        or (isinstance(node, ast.Constant) and node.value in COLUMNS)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
    )


def test_nobody_else_reads_what_limits_a_guardian() -> None:
    found = {path.relative_to(TENANTS).as_posix() for path in TENANTS.rglob("*.py") if reads(path)}
    assert found <= KNOWN, "ask tenants/people/custody.py"
    assert "people/custody.py" in found
