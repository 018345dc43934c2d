"""Faults of status, dates, schools and classes."""

from __future__ import annotations

from tests.roster.oneroster.small_set import (
    Change,
    Files,
    cell,
    cells,
    every,
    manifest,
    row,
)
from tests.roster.oneroster.variant import CORE, Variant


def delta(files: Files) -> None:
    for name in CORE:
        manifest(f"file.{name}", "delta")(files)
        cells(f"{name}.csv", "status", "active")(files)
        cells(f"{name}.csv", "dateLastModified", "2026-09-01T00:00:00.000Z")(files)


def only_users(files: Files) -> None:
    manifest("file.users", "delta")(files)
    for name in CORE[:-1]:
        manifest(f"file.{name}", "absent")(files)
        del files[f"{name}.csv"]


def other_school(name: str = "别的小学", pupil: str = "s2") -> Change:
    org = {"sourcedId": "o2", "name": name, "type": "school"}
    klass = {
        "sourcedId": "k9",
        "title": "三年级2班",
        "courseSourcedId": "c0",
        "classType": "homeroom",
        "schoolSourcedId": "o2",
        "termSourcedIds": "t1",
    }
    at = {"s1": 2, "s2": 3}[pupil]
    return every(
        row("orgs.csv", **org),
        row("classes.csv", **klass),
        cell("roles.csv", at, "orgSourcedId", "o2"),
        cell("enrollments.csv", at, "classSourcedId", "k9"),
        cell("enrollments.csv", at, "schoolSourcedId", "o2"),
    )


def second_class(**more: str) -> Change:
    klass = {
        "sourcedId": "k3",
        "title": "三年级2班",
        "courseSourcedId": "c0",
        "classType": "homeroom",
        "schoolSourcedId": "o1",
        "termSourcedIds": "t1",
    }
    place = {
        "sourcedId": "es2k3",
        "classSourcedId": "k3",
        "schoolSourcedId": "o1",
        "userSourcedId": "s2",
        "role": "student",
    }
    return every(row("classes.csv", **klass), row("enrollments.csv", **place, **more))


def last_year(files: Files) -> None:
    for at in (2, 3):
        cell("academicSessions.csv", at, "startDate", "2025-09-01")(files)
        cell("academicSessions.csv", at, "endDate", "2026-07-10")(files)
        cell("academicSessions.csv", at, "schoolYear", "2026")(files)


def second_teacher(*primary: str) -> Change:
    return every(
        row(
            "users.csv",
            sourcedId="t2u",
            enabledUser="true",
            username="t2u",
            givenName="红",
            familyName="夏",
            sms="12000000405",
        ),
        row(
            "roles.csv",
            sourcedId="t2ur",
            userSourcedId="t2u",
            roleType="primary",
            role="teacher",
            orgSourcedId="o1",
        ),
        row(
            "enrollments.csv",
            sourcedId="et2uk1",
            classSourcedId="k1",
            schoolSourcedId="o1",
            userSourcedId="t2u",
            role="teacher",
            primary=primary[1],
        ),
        cell("enrollments.csv", 4, "primary", primary[0]),
    )


STATUS = {
    "a child marked tobedeleted in a whole file": Variant(
        every(
            cell("users.csv", 3, "status", "tobedeleted"),
            cell("users.csv", 3, "dateLastModified", "2026-09-01T00:00:00.000Z"),
        ),
        (("users.csv", 3, "status"),),
        pupils=1,
        words="tobedeleted",
    ),
    "a place in a class marked tobedeleted": Variant(
        cell("enrollments.csv", 3, "status", "tobedeleted"),
        (("enrollments.csv", 3, "status"),),
        pupils=1,
        words="因此没有导入：江二",
    ),
    "a role marked tobedeleted": Variant(
        cell("roles.csv", 3, "status", "tobedeleted"), (("roles.csv", 3, "status"),), pupils=1
    ),
    "a guardian marked tobedeleted": Variant(
        cell("users.csv", 5, "status", "tobedeleted"), (("users.csv", 5, "status"),), parents=2
    ),
    "a class marked tobedeleted": Variant(
        cell("classes.csv", 2, "status", "tobedeleted"),
        (("classes.csv", 2, "status"),),
        pupils=0,
        words="林一、江二",
    ),
    "inactive is no status": Variant(
        cell("users.csv", 3, "status", "inactive"), (("users.csv", 3, "status"),), pupils=1
    ),
    "a status in capitals": Variant(
        cell("users.csv", 3, "status", "ToBeDeleted"),
        (("users.csv", 3, "status"), ("users.csv", 3, "status")),
        pupils=1,
    ),
    "active in a whole file": Variant(
        every(*(cells(f"{name}.csv", "status", "active") for name in CORE)),
        (("academicSessions.csv", 2, "status"),),
        words="同样的还有 24 行",
    ),
    "a moment that is none": Variant(
        cell("users.csv", 3, "dateLastModified", "昨天"), (("users.csv", 3, "dateLastModified"),)
    ),
    "changes with a child that goes": Variant(
        every(delta, cell("users.csv", 3, "status", "tobedeleted")),
        (("users.csv", 3, "status"),),
        pupils=1,
        words="也不会因此删除",
    ),
    "changes without a status": Variant(
        every(delta, cells("users.csv", "status", "")),
        (("users.csv", 2, "status"),),
        words="同样的还有 5 行",
    ),
    "changes alone": Variant(
        only_users, (("manifest.csv", 24, "file.users"),), pupils=0, staff=0, words="增量"
    ),
    "a disabled child": Variant(
        cell("users.csv", 3, "enabledUser", "false"),
        (("users.csv", 3, "enabledUser"),),
        pupils=1,
    ),
    "a disabled guardian": Variant(
        cell("users.csv", 5, "enabledUser", "false"),
        (("users.csv", 5, "enabledUser"),),
        parents=2,
    ),
    "a disabled teacher": Variant(
        cell("users.csv", 7, "enabledUser", "false"),
        (("users.csv", 7, "enabledUser"),),
        staff=0,
    ),
    "nobody says whether a child is enabled": Variant(
        cell("users.csv", 3, "enabledUser", ""), (("users.csv", 3, "enabledUser"),)
    ),
    "enabled by a word that is none": Variant(
        cell("users.csv", 3, "enabledUser", "yes"), (("users.csv", 3, "enabledUser"),)
    ),
    "enabled in capitals, everybody": Variant(
        cells("users.csv", "enabledUser", "TRUE"),
        (("users.csv", 2, "enabledUser"),),
        words="同样的还有 5 行",
    ),
    "disabled in capitals": Variant(
        cell("users.csv", 3, "enabledUser", "FALSE"),
        (("users.csv", 3, "enabledUser"), ("users.csv", 3, "enabledUser")),
        pupils=1,
    ),
}
DATES = {
    "a birthday with slashes": Variant(
        cell("demographics.csv", 3, "birthDate", "2018/5/2"),
        (("demographics.csv", 3, "birthDate"),),
    ),
    "a birthday the American way": Variant(
        cell("demographics.csv", 3, "birthDate", "05/02/2018"),
        (("demographics.csv", 3, "birthDate"),),
    ),
    "a birthday that never was": Variant(
        cell("demographics.csv", 3, "birthDate", "2018-02-30"),
        (("demographics.csv", 3, "birthDate"),),
    ),
    "a birthday of somebody grown": Variant(
        cell("demographics.csv", 3, "birthDate", "1980-05-02"),
        (("demographics.csv", 3, "birthDate"),),
    ),
    "a place in a class that is over": Variant(
        cell("enrollments.csv", 3, "endDate", "2026-10-01"),
        (("enrollments.csv", 3, "endDate"),),
        pupils=1,
        words="江二",
    ),
    "a place that has not begun": Variant(
        cell("enrollments.csv", 3, "beginDate", "2027-02-20"),
        (("enrollments.csv", 3, "beginDate"),),
    ),
    "a place that ends before it begins": Variant(
        every(
            cell("enrollments.csv", 3, "beginDate", "2026-09-01"),
            cell("enrollments.csv", 3, "endDate", "2026-08-01"),
        ),
        (("enrollments.csv", 3, "endDate"),),
        pupils=1,
    ),
    "a role that is over": Variant(
        cell("roles.csv", 3, "endDate", "2026-06-30"), (("roles.csv", 3, "endDate"),), pupils=1
    ),
    "a parent no longer": Variant(
        cell("roles.csv", 5, "endDate", "2026-06-30"),
        (("roles.csv", 5, "endDate"),),
        parents=2,
        words="何云",
    ),
    "a begin that is no date": Variant(
        cell("enrollments.csv", 3, "beginDate", "九月"), (("enrollments.csv", 3, "beginDate"),)
    ),
    "a begin before all calendars": Variant(
        cell("enrollments.csv", 3, "beginDate", "0001-01-01"),
        (("enrollments.csv", 3, "beginDate"),),
    ),
    "a term that ends when all calendars do": Variant(
        cell("academicSessions.csv", 3, "endDate", "9999-12-31"),
        (("academicSessions.csv", 3, "endDate"),),
    ),
    "a term that ends before it begins": Variant(
        cell("academicSessions.csv", 3, "endDate", "2026-01-20"),
        (("academicSessions.csv", 3, "endDate"),),
    ),
    "a term with a date of its own": Variant(
        cell("academicSessions.csv", 3, "startDate", "2026年9月1日"),
        (("academicSessions.csv", 3, "startDate"),),
    ),
    "a school year in words": Variant(
        cell("academicSessions.csv", 3, "schoolYear", "2026-2027"),
        (("academicSessions.csv", 3, "schoolYear"),),
    ),
    "a school year beyond all calendars": Variant(
        cell("academicSessions.csv", 3, "schoolYear", "9999"),
        (("academicSessions.csv", 3, "schoolYear"),),
    ),
    "classes of last year": Variant(
        last_year,
        (("classes.csv", 2, "termSourcedIds"), ("classes.csv", 3, "termSourcedIds")),
        pupils=0,
        words="林一、江二",
    ),
}
SCHOOLS = {
    "a child of another school": Variant(
        other_school(), (("roles.csv", 3, "orgSourcedId"),), pupils=1, words="江二"
    ),
    "our school by its name": Variant(
        other_school("枫林小学"),
        (("roles.csv", 2, "orgSourcedId"),),
        pupils=1,
        staff=0,
        words="林一",
    ),
    "a child in two classes": Variant(
        second_class(), (("enrollments.csv", 6, "classSourcedId"),), pupils=1, words="三年级2班"
    ),
    "a child that changed class": Variant(
        every(second_class(), cell("enrollments.csv", 3, "endDate", "2026-10-01")),
        (("enrollments.csv", 3, "endDate"),),
    ),
    "a child in no class": Variant(
        lambda files: files["enrollments.csv"].pop(2), (("users.csv", 3, "sourcedId"),), pupils=1
    ),
    "two class teachers": Variant(
        second_teacher("true", "true"), (("enrollments.csv", 6, "primary"),), staff=2
    ),
    "two teachers and none primary": Variant(
        second_teacher("", ""), (("enrollments.csv", 6, "primary"),), staff=2
    ),
    "two teachers of whom one is primary": Variant(second_teacher("false", "true"), (), staff=2),
}
