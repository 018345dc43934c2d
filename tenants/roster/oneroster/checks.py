"""The structure of OneRoster files: each fault named by file, row and column.

A fault of structure (a header, a file, a circle) means the rest cannot be trusted: nothing is
imported then. A fault of one row refuses that row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches

from campus.tables.cells import text_of
from tenants.roster.oneroster.spec import (
    ABSENT,
    DELTA,
    HEADERS,
    KINDS,
    NEEDED,
    OLD,
    REFERENCES,
    REQUIRED,
)
from tenants.roster.report import Problem, Report, problem
from tenants.roster.table import Sheet, Table, UnreadableFile

MANIFEST = "manifest.csv"
VERSIONS = ("1.1", "1.2", "1.1.0", "1.2.0", "v1.1", "v1.2", "1.2.1")


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a file, by header."""

    file: str
    row: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def problem(self, column: str, code: str, reason: str) -> Problem:
        """A problem of this row."""
        return problem((f"{self.file}.csv", self.row), column, self[column][:60], code, reason)

    @property
    def id(self) -> str:
        """What other files call it."""
        return self["sourcedId"]


@dataclass(slots=True)
class Files:
    """The rows of each file that count; ``broken`` when the structure cannot be trusted."""

    records: dict[str, list[Record]] = field(default_factory=dict)
    broken: bool = False

    def __getitem__(self, name: str) -> list[Record]:
        return self.records.get(name, [])


def checked(table: Table, report: Report) -> Files:
    """Rows by file; faults of structure are noted in ``report``. Raises UnreadableFile."""
    sheets = {sheet.name.removesuffix(".csv"): sheet for sheet in table.sheets}
    manifest = _manifest(sheets.pop("manifest"))
    files = Files()
    for found in _against(manifest, sheets):
        _structural(files, report, found)
    for name, sheet in sheets.items():
        if name in HEADERS and manifest.get(f"file.{name}", "bulk") != ABSENT:
            for found in _headers(name, sheet):
                _structural(files, report, found)
            files.records[name] = list(_records(name, sheet, manifest.get(f"file.{name}", "")))
    if not files.broken:
        _references(files, report)
        for found in (*_circles(files["orgs"]), *_circles(files["academicSessions"])):
            _structural(files, report, found)
    return files


def _structural(files: Files, report: Report, found: Problem) -> None:
    if found.code in {"header-unknown", "file-unexpected"}:
        report.problems.append(found)
        return
    files.broken = True
    report.refuse([found])


def _manifest(sheet: Sheet) -> dict[str, str]:
    rows = [[text_of(cell) for cell in row] for row in sheet.rows]
    if not rows or rows[0][:2] != ["propertyName", "value"]:
        raise UnreadableFile("manifest.csv 第 1 行应是 propertyName,value。")
    found = {row[0]: row[1] if len(row) > 1 else "" for row in rows[1:] if row}
    version = found.get("oneroster.version", "")
    if version not in VERSIONS:
        raise UnreadableFile(f"manifest.csv 说版本是“{version[:20]}”，这里能读 1.1 和 1.2。")
    return found


def _against(manifest: dict[str, str], sheets: dict[str, Sheet]) -> Iterator[Problem]:
    """The files there are and the files the manifest speaks of."""
    for number, (name, value) in enumerate(manifest.items(), 2):
        file = name.removeprefix("file.")
        if file == name:
            continue
        place = (MANIFEST, number)
        if value not in KINDS:
            reason = f"应是 bulk、delta 或 absent，不是“{value[:20]}”。"
            yield problem(place, name, value, "manifest-wrong", reason)
        elif value == ABSENT and file in sheets:
            reason = f"清单说没有 {file}.csv，压缩包里却有：没有读它。"
            yield problem(place, name, value, "file-unexpected", reason)
        elif value != ABSENT and file not in sheets:
            reason = f"清单说有 {file}.csv，压缩包里没有。"
            yield problem(place, name, value, "file-missing", reason)
    for file in NEEDED:
        if manifest.get(f"file.{file}", ABSENT) == ABSENT:
            reason = f"没有 {file}.csv 就不知道谁在哪个班。"
            yield problem((MANIFEST, 1), f"file.{file}", ABSENT, "file-needed", reason)


def _headers(name: str, sheet: Sheet) -> Iterator[Problem]:
    """Names are case-sensitive; a likely misspelling is told with the right spelling."""
    titles = [text_of(cell) for cell in sheet.rows[0]] if sheet.rows else []
    known = {*HEADERS[name], *(OLD if name == "users" else ())}
    required = REQUIRED[name].split()
    lower = {one.lower(): one for one in known}
    for at, title in enumerate(titles):
        if not title or title in known or title.startswith("metadata."):
            continue
        near = lower.get(title.lower()) or next(iter(get_close_matches(title, known, 1, 0.75)), "")
        place = (f"{name}.csv", 1)
        if near and near not in titles:
            code = "header-misspelt" if near in required else "header-unknown"
            yield problem(place, title, "", code, f"第 {at + 1} 列的列名应写作 {near}。")
            required = [one for one in required if one != near]
        else:
            yield problem(place, title, "", "header-unknown", "不认识这一列，没有读它。")
    for one in required:
        if one not in titles:
            yield problem((f"{name}.csv", 1), one, "", "header-missing", "缺少这一列。")


def _records(name: str, sheet: Sheet, mode: str) -> Iterator[Record]:
    titles = [text_of(cell) for cell in sheet.rows[0]] if sheet.rows else []
    for number, row in enumerate(sheet.rows[1:], 2):
        texts = [cell if isinstance(cell, str) else text_of(cell) for cell in row]
        cells = dict(zip(titles, texts, strict=False))
        if any(texts) and not (mode == DELTA and cells.get("status") == "tobedeleted"):
            yield Record(name, number, cells)


def _references(files: Files, report: Report) -> None:
    """Every row's own required cells and the rows it speaks of."""
    ids = {name: {one.id for one in records} for name, records in files.records.items()}
    for name, records in files.records.items():
        aims = [(column, to) for of, column, to in REFERENCES if of == name and to in files.records]
        required, seen, kept = REQUIRED[name].split(), set[str](), []
        for one in records:
            found = [
                one.problem(column, "cell-missing", "这一格必须填写。")
                for column in required
                if not one[column]
            ]
            if one.id in seen:
                found.append(one.problem("sourcedId", "id-twice", "这个编号前面已经用过。"))
            seen.add(one.id)
            for column, to in aims:
                found += [
                    one.problem(column, "reference-missing", f"{to}.csv 里没有“{aim[:40]}”。")
                    for aim in listed(one[column])
                    if aim not in ids[to]
                ]
            if found:
                report.refuse(found)
            else:
                kept.append(one)
        files.records[name] = kept


def listed(cell: str) -> list[str]:
    """``a,b`` as its parts."""
    return [part.strip() for part in cell.split(",") if part.strip()]


def _circles(records: list[Record]) -> Iterator[Problem]:
    """Rows that are, over their parents, their own parents."""
    parents = {one.id: one["parentSourcedId"] for one in records}
    for one in records:
        seen, at = set[str](), one.id
        while at and at not in seen:
            seen.add(at)
            at = parents.get(at, "")
        if at and at == one.id:
            yield one.problem("parentSourcedId", "circle", "上级关系成了一个圈，请核对。")
