"""A small sound OneRoster set of one invented school, and ways to spoil it in one place.

Two children of 三年级1班 (林一 with two parents, 江二 with one) and their class teacher 周敏.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable

from tenants.roster.oneroster.spec import HEADERS, OLD_USERS, OTHERS
from tenants.roster.table import Sheet, Table

Lines = list[list[str]]
Files = dict[str, Lines]
Change = Callable[[Files], object]

ROWS: dict[str, list[dict[str, str]]] = {
    "academicSessions": [
        {
            "sourcedId": "y1",
            "title": "2026",
            "type": "schoolYear",
            "startDate": "2026-09-01",
            "endDate": "2027-08-31",
            "schoolYear": "2027",
        },
        {
            "sourcedId": "t1",
            "title": "上",
            "type": "term",
            "startDate": "2026-09-01",
            "endDate": "2027-01-20",
            "parentSourcedId": "y1",
            "schoolYear": "2027",
        },
    ],
    "orgs": [{"sourcedId": "o1", "name": "测试小学", "type": "school"}],
    "courses": [
        {"sourcedId": "c0", "schoolYearSourcedId": "y1", "title": "行政班", "orgSourcedId": "o1"},
        {
            "sourcedId": "c1",
            "schoolYearSourcedId": "y1",
            "title": "语文",
            "orgSourcedId": "o1",
            "subjects": "语文",
            "subjectCodes": "01",
        },
    ],
    "classes": [
        {
            "sourcedId": "k1",
            "title": "三年级1班",
            "grades": "03",
            "courseSourcedId": "c0",
            "classType": "homeroom",
            "schoolSourcedId": "o1",
            "termSourcedIds": "t1",
        },
        {
            "sourcedId": "k2",
            "title": "三年级1班 语文",
            "grades": "03",
            "courseSourcedId": "c1",
            "classType": "scheduled",
            "schoolSourcedId": "o1",
            "termSourcedIds": "t1",
            "subjects": "语文",
            "subjectCodes": "01",
        },
    ],
    "users": [
        {
            "sourcedId": number,
            "enabledUser": "true",
            "username": number,
            "givenName": given,
            "familyName": family,
            "sms": sms,
            "agentSourcedIds": agents,
            "primaryOrgSourcedId": "o1",
        }
        for number, given, family, sms, agents in (
            ("s1", "一", "林", "", "g1,g2"),
            ("s2", "二", "江", "", "g3"),
            ("g1", "海", "林", "12000000401", ""),
            ("g2", "云", "何", "12000000402", ""),
            ("g3", "山", "江", "12000000403", ""),
            ("t1u", "敏", "周", "12000000404", ""),
        )
    ],
    "roles": [
        {
            "sourcedId": f"{number}r",
            "userSourcedId": number,
            "roleType": "primary",
            "role": role,
            "orgSourcedId": "o1",
        }
        for number, role in (
            ("s1", "student"),
            ("s2", "student"),
            ("g1", "parent"),
            ("g2", "parent"),
            ("g3", "parent"),
            ("t1u", "teacher"),
        )
    ],
    "enrollments": [
        {
            "sourcedId": f"e{number}{klass}",
            "classSourcedId": klass,
            "schoolSourcedId": "o1",
            "userSourcedId": number,
            "role": role,
        }
        for number, klass, role in (
            ("s1", "k1", "student"),
            ("s2", "k1", "student"),
            ("t1u", "k1", "teacher"),
            ("t1u", "k2", "teacher"),
        )
    ],
    "demographics": [
        {"sourcedId": "s1", "birthDate": "2018-05-01", "sex": "male"},
        {"sourcedId": "s2", "birthDate": "2018-05-02", "sex": "female"},
    ],
}


def sound(*, old: bool = False) -> Files:
    """The set without a fault, in version 1.2 or 1.1 (``old``)."""
    files = {}
    for name, rows in ROWS.items():
        if old and name == "roles":
            continue
        titles = OLD_USERS if old and name == "users" else HEADERS[name]
        files[f"{name}.csv"] = [titles, *([row.get(one, "") for one in titles] for row in rows)]
    if old:
        roles = {row["userSourcedId"]: row["role"] for row in ROWS["roles"]}
        for row in files["users.csv"][1:]:
            row[OLD_USERS.index("orgSourcedIds")] = "o1"
            row[OLD_USERS.index("role")] = roles[row[0]]
    absent = [one for one in OTHERS if not old or one != "userProfiles"]
    kinds = dict.fromkeys((name.removesuffix(".csv") for name in files), "bulk")
    kinds |= dict.fromkeys(absent, "absent")
    return {
        "manifest.csv": [
            ["propertyName", "value"],
            ["manifest.version", "1.0"],
            ["oneroster.version", "1.1" if old else "1.2"],
            *([f"file.{name}", kinds[name]] for name in sorted(kinds)),
            ["source.systemName", "x"],
            ["source.systemCode", "x"],
        ],
        **files,
    }


def column(files: Files, file: str, title: str) -> int:
    """Where a column stands."""
    return files[file][0].index(title)


def cell(file: str, row: int, title: str, value: str) -> Change:
    """One cell gets another value; ``row`` counts as in a text editor."""

    def change(files: Files) -> None:
        files[file][row - 1][column(files, file, title)] = value

    return change


def cells(file: str, title: str, value: str) -> Change:
    """Every cell of a column gets the same value."""

    def change(files: Files) -> None:
        at = column(files, file, title)
        for row in files[file][1:]:
            row[at] = value

    return change


def manifest(name: str, value: str | None) -> Change:
    """A property of the manifest gets another value, or goes."""

    def change(files: Files) -> None:
        lines = files["manifest.csv"]
        at = next(number for number, line in enumerate(lines) if line[0] == name)
        if value is None:
            del lines[at]
        else:
            lines[at][1] = value

    return change


def line_of(files: Files, name: str) -> int:
    """The line of the manifest that speaks of something."""
    return 1 + next(at for at, line in enumerate(files["manifest.csv"]) if line[0] == name)


def row(file: str, **values: str) -> Change:
    """A further row."""

    def change(files: Files) -> None:
        files[file].append([values.get(one, "") for one in files[file][0]])

    return change


def title(file: str, before: str, after: str) -> Change:
    """A heading is written another way."""

    def change(files: Files) -> None:
        files[file][0] = [after if one == before else one for one in files[file][0]]

    return change


def without(file: str, name: str) -> Change:
    """A column goes, with all its cells."""

    def change(files: Files) -> None:
        at = column(files, file, name)
        files[file] = [[*line[:at], *line[at + 1 :]] for line in files[file]]

    return change


def renamed(before: str, after: str) -> Change:
    """A file gets another name."""
    return lambda files: files.update({after: files.pop(before)})


def swapped(file: str, one: str, other: str) -> Change:
    """Two columns change places, heading and cells."""

    def change(files: Files) -> None:
        first, second = column(files, file, one), column(files, file, other)
        for line in files[file]:
            line[first], line[second] = line[second], line[first]

    return change


def every(*changes: Change) -> Change:
    """Several changes that are one fault."""

    def change(files: Files) -> None:
        for one in changes:
            one(files)

    return change


def spoilt(change: Change, *, old: bool = False) -> Files:
    """The set with one change."""
    files = {name: [list(line) for line in lines] for name, lines in sound(old=old).items()}
    change(files)
    return files


def table(files: Files) -> Table:
    """As the reading child hands it over."""
    return Table(tuple(Sheet(name, list(lines)) for name, lines in files.items()), "oneroster")


def packed(files: Files) -> bytes:
    """As a zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, lines in files.items():
            text = io.StringIO()
            csv.writer(text, lineterminator="\r\n").writerows(lines)
            archive.writestr(name, text.getvalue())
    return out.getvalue()
