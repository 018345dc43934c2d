"""The structure of OneRoster files: each fault named by file, row and column, and told once.

A fault of structure (a header, a file, a circle) means the rest cannot be trusted: nothing is
imported then. A fault of one row costs that row where we cannot read it otherwise, and only a
sentence where we can.
"""

from __future__ import annotations

from tenants.roster.oneroster.faults import Faults
from tenants.roster.oneroster.package import Package, opened
from tenants.roster.oneroster.records import records
from tenants.roster.oneroster.spec import HEADERS
from tenants.roster.oneroster.values import Files, check_references, check_values, circles
from tenants.roster.table import Table


def checked(table: Table, faults: Faults) -> tuple[Package, Files]:
    """Every row by file, with the reason where it does not count. Raises UnreadableFile.

    Look at ``faults.broken`` before believing any of it.
    """
    package = opened(table, faults)
    files: Files = {name: [] for name in HEADERS}
    for name, sheet in package.sheets.items():
        files[name] = records(name, sheet, faults, old=package.old)
    if faults.broken:
        return package, files
    for name in package.sheets:
        check_values(name, files[name], package, faults)
    check_references({name: files[name] for name in package.sheets}, faults)
    circles(files["orgs"], faults)
    circles(files["academicSessions"], faults)
    return package, files
