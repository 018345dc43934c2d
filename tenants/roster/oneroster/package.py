"""The files there are beside the files the manifest speaks of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from campus.tables.cells import text_of
from tenants.roster.oneroster.faults import Faults
from tenants.roster.oneroster.records import near
from tenants.roster.oneroster.spec import (
    ABSENT,
    BULK,
    DELTA,
    HEADERS,
    KINDS,
    NEEDED,
    OTHERS,
    PROPERTIES,
)
from tenants.roster.report import Problem, problem
from tenants.roster.table import Sheet, Table, UnreadableFile

MANIFEST = "manifest.csv"
VERSIONS = ("1.1", "1.2", "1.1.0", "1.2.0", "v1.1", "v1.2", "1.2.1")
NEW_FILES = ("roles", "userProfiles")


@dataclass(slots=True)
class Package:
    """What is to be read: sheets by the standard's name, and how the manifest announces each."""

    old: bool
    manifest: str
    sheets: dict[str, Sheet] = field(default_factory=dict)
    modes: dict[str, str] = field(default_factory=dict)
    misspelt: set[str] = field(default_factory=set)

    def mode(self, name: str) -> str:
        """bulk, delta or absent; a file nobody announces is whole."""
        return self.modes.get(name, BULK)


@dataclass(frozen=True, slots=True)
class Line:
    """One property of the manifest."""

    sheet: str
    row: int
    name: str
    value: str

    def problem(self, code: str, reason: str) -> Problem:
        """A problem of this line."""
        return problem((self.sheet, self.row), self.name, self.value[:60], code, reason)


def opened(table: Table, faults: Faults) -> Package:
    """The files of a set. Raises UnreadableFile when it is no OneRoster we can read."""
    sheets = {sheet.name: sheet for sheet in table.sheets}
    manifest = next(sheet for name, sheet in sheets.items() if name.lower() == MANIFEST)
    lines = _lines(manifest, faults)
    version = next((one.value for one in lines if one.name == "oneroster.version"), "")
    if version not in VERSIONS:
        raise UnreadableFile(f"manifest.csv 说版本是“{version[:20]}”，这里能读 1.1 和 1.2。")
    package = Package("1.1" in version, manifest.name)
    announced = {one.name.removeprefix("file."): one for one in lines if "file." in one.name}
    announced = {name: _kind(one, faults) for name, one in announced.items()}
    package.modes = {name: one.value for name, one in announced.items()}
    _take(package, sheets, announced, faults)
    _miss(package, announced, faults)
    return package


def _lines(sheet: Sheet, faults: Faults) -> list[Line]:
    rows = [[text_of(cell) for cell in row] for row in sheet.rows]
    if not rows or rows[0][:2] != ["propertyName", "value"]:
        raise UnreadableFile("manifest.csv 第 1 行应是 propertyName,value。")
    if sheet.name != MANIFEST:
        reason = f"文件名应写作 {MANIFEST}，大小写要一样。这里照样读了。"
        faults.note(problem((sheet.name, 1), "propertyName", "", "file-case", reason))
    found: dict[str, Line] = {}
    for number, row in enumerate(rows[1:], 2):
        if not any(row):
            continue
        one = Line(sheet.name, number, row[0], row[1] if len(row) > 1 else "")
        one = _property(one, rows, faults)
        if one.name in found:
            faults.note(one.problem("manifest-twice", "这一项前面已经写过，以前面的为准。"))
        found.setdefault(one.name, one)
    return list(found.values())


def _property(one: Line, rows: list[list[str]], faults: Faults) -> Line:
    """A property by the name it should have; a likely slip is read as what was meant."""
    if one.name in PROPERTIES:
        return one
    there = {row[0] for row in rows if row}
    meant = near(one.name, [name for name in PROPERTIES if name not in there])
    if not meant:
        faults.note(one.problem("manifest-unknown", "不认识这一项，没有读它。"))
        return one
    faults.note(one.problem("manifest-misspelt", f"应写作 {meant}。这里按它读了。"))
    return Line(one.sheet, one.row, meant, one.value)


def _kind(one: Line, faults: Faults) -> Line:
    if one.value in KINDS:
        return one
    if one.value.lower() in KINDS:
        reason = f"应写作 {one.value.lower()}，大小写要一样。这里按它读了。"
        faults.note(one.problem("enum-case", reason))
        return Line(one.sheet, one.row, one.name, one.value.lower())
    reason = f"应是 bulk、delta 或 absent，不是“{one.value[:20]}”。"
    faults.breaks(one.problem("manifest-wrong", reason))
    return one


def _take(
    package: Package, sheets: dict[str, Sheet], announced: dict[str, Line], faults: Faults
) -> None:
    """Sort the files into those that are read and those that are told."""
    unread = []
    for name, sheet in sheets.items():
        if name.lower() == MANIFEST:
            continue
        known = _known(name, sheets, package, faults)
        line = announced.get(known)
        if not known:
            _unknown(package, name, sheets, announced, faults)
        elif line is not None and line.value == ABSENT:
            if known not in NEEDED:
                reason = f"清单说没有 {known}.csv，压缩包里却有：没有读它。"
                faults.note(line.problem("file-unexpected", reason))
        elif known in OTHERS:
            unread.append(name)
        else:
            package.sheets[known] = sheet
            if line is None:
                reason = f"清单没有写 file.{known}，压缩包里有：按整份（bulk）读了。"
                missing = Line(package.manifest, 1, f"file.{known}", "")
                faults.note(missing.problem("manifest-missing", reason))
    if unread:
        reason = f"没有读这些文件，名册用不到：{'、'.join(unread)}。"
        faults.note(problem((unread[0], 1), "sourcedId", "", "file-unused", reason))


def _unknown(
    package: Package,
    name: str,
    sheets: dict[str, Sheet],
    announced: dict[str, Line],
    faults: Faults,
) -> None:
    """A file the standard does not know; a slip in the name of one that is missing is not read."""
    missing = [
        one
        for one, line in announced.items()
        if line.value != ABSENT and f"{one}.csv" not in sheets and one in HEADERS
    ]
    meant = near(name, [f"{one}.csv" for one in missing])
    if meant:
        reason = f"文件名应写作 {meant}。"
        faults.breaks(problem((name, 1), name, "", "file-misspelt", reason))
        package.misspelt.add(meant.removesuffix(".csv"))
    else:
        reason = "标准里没有这个文件，没有读它。"
        faults.note(problem((name, 1), name, "", "file-unknown", reason))


def _known(name: str, sheets: dict[str, Sheet], package: Package, faults: Faults) -> str:
    """The standard's name of a file, or nothing."""
    base = name[: -len(".csv")] if name.lower().endswith(".csv") else ""
    names = [one for one in (*HEADERS, *OTHERS) if not (package.old and one in NEW_FILES)]
    if name.endswith(".csv") and base in names:
        return base
    meant = next((one for one in names if one.lower() == base.lower()), "")
    if meant and f"{meant}.csv" not in sheets:
        reason = f"文件名应写作 {meant}.csv，大小写要一样。这里照样读了。"
        faults.note(problem((name, 1), "sourcedId", "", "file-case", reason))
        return meant
    return ""


def _miss(package: Package, announced: dict[str, Line], faults: Faults) -> None:
    """Files that are announced and not there, and those without which nobody has a class."""
    deltas = [one for one in announced.values() if one.value == DELTA]
    if deltas and not package.sheets.keys() >= set(NEEDED):
        there = {name for name, one in announced.items() if one.value == DELTA}
        missing = "、".join(f"{name}.csv" for name in NEEDED if name not in package.sheets)
        reason = (
            f"这是一份增量（delta），没有 {missing}：只有改动、没有整份文件的增量不能导入。"
            "请导出整份（bulk）再试。"
        )
        faults.breaks(next(iter(_first(announced, there))).problem("delta-alone", reason))
        return
    for name, one in announced.items():
        if one.value == ABSENT or name in package.sheets or name not in HEADERS:
            continue
        if one.value in KINDS and name not in package.misspelt:
            reason = f"清单说有 {name}.csv，压缩包里没有。"
            faults.breaks(one.problem("file-missing", reason))
    for name in (*NEEDED, *(() if package.old else ("roles",))):
        if name not in package.sheets:
            _needed(name, package, announced, faults)


def _first(announced: dict[str, Line], names: set[str]) -> Iterator[Line]:
    return iter(sorted((announced[name] for name in names), key=lambda one: one.row))


def _needed(name: str, package: Package, announced: dict[str, Line], faults: Faults) -> None:
    line = announced.get(name)
    if name in package.misspelt or (line is not None and line.value != ABSENT):
        return  # told already: missing, or announced as something unknown
    users = package.sheets.get("users")
    if name == "roles" and users and users.rows and "role" in map(text_of, users.rows[0]):
        return  # a 1.2 that keeps the role with the user, as 1.1 does
    what = "谁是学生、谁是老师" if name == "roles" else "谁在哪个班"
    reason = f"没有 {name}.csv 就不知道{what}。"
    place = line or Line(package.manifest, 1, f"file.{name}", ABSENT)
    faults.breaks(place.problem("file-needed", reason))
