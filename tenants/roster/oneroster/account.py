"""What became of every file and line: read, skipped or refused, so that the numbers add up."""

from __future__ import annotations

from tenants.roster.oneroster.faults import Faults
from tenants.roster.oneroster.package import MANIFEST, Package
from tenants.roster.oneroster.values import Files
from tenants.roster.report import SKIPPED, SheetAccount
from tenants.roster.table import Sheet, Table

NOT_READ = "整份没有读：先改好上面说的地方。"
NOT_WANTED = "名册用不到这个文件，没有读。"
HEADING = 1


def tell_account(table: Table, package: Package, files: Files, faults: Faults) -> None:
    """Note each file of the set in the report, in the order of the archive."""
    known = {sheet.name: name for name, sheet in package.sheets.items()}
    for sheet in table.sheets:
        one = _lines_of(sheet, faults)
        if sheet.name in known and not faults.broken:
            _skip_gone(one, files, known[sheet.name], faults)
        elif sheet.name.lower() != MANIFEST:
            one.state, one.reason = SKIPPED, NOT_READ if sheet.name in known else NOT_WANTED
            for row, _ in _rows(sheet):
                if (sheet.name, row) not in faults.report.outcomes:
                    one.skip(row, "file-skipped", one.reason)
        faults.report.sheets.append(one)


def _lines_of(sheet: Sheet, faults: Faults) -> SheetAccount:
    """The lines below the heading; a heading that is refused is a line itself."""
    heading = (sheet.name, HEADING) in faults.report.outcomes
    return SheetAccount(sheet.name, "OneRoster", lines=len(_rows(sheet)) + heading)


def _rows(sheet: Sheet) -> list[tuple[int, object]]:
    return [(number, row) for number, row in enumerate(sheet.rows[1:], 2) if any(row)]


def _skip_gone(one: SheetAccount, files: Files, name: str, faults: Faults) -> None:
    for record in files[name]:
        if record.gone is not None and record.place not in faults.report.outcomes:
            found = record.gone.problem
            one.skip(record.row, found.code, found.message)
