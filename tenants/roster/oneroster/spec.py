"""OneRoster CSV 1.1 and 1.2 as tables: columns in the standard's order, and what each may hold.

Source: 1EdTech OneRoster 1.2 CSV binding, by the column lists of hanachin/meibo. Version 1.1 has no
roles.csv: there the role stands with the user. Extensions are columns ``metadata.*`` behind the
standard's, and values ``ext:…``.

Required is told apart twice. What the standard requires is always told when it is missing
(``REQUIRED``); the row is left out only where we cannot read it without (``VITAL``).
"""

from __future__ import annotations

META = "sourcedId status dateLastModified"
HEADERS = {
    name: f"{META} {columns}".split()
    for name, columns in {
        "academicSessions": "title type startDate endDate parentSourcedId schoolYear",
        "orgs": "name type identifier parentSourcedId",
        "courses": "schoolYearSourcedId title courseCode grades orgSourcedId subjects subjectCodes",
        "classes": "title grades courseSourcedId classCode classType location schoolSourcedId "
        "termSourcedIds subjects subjectCodes periods",
        "users": "enabledUser username userIds givenName familyName middleName identifier email "
        "sms phone agentSourcedIds grades password userMasterIdentifier preferredGivenName "
        "preferredMiddleName preferredFamilyName primaryOrgSourcedId pronouns",
        "roles": "userSourcedId roleType role beginDate endDate orgSourcedId userProfileSourcedId",
        "enrollments": "classSourcedId schoolSourcedId userSourcedId role primary beginDate "
        "endDate",
        "demographics": "birthDate sex americanIndianOrAlaskaNative asian "
        "blackOrAfricanAmerican nativeHawaiianOrOtherPacificIslander white "
        "demographicRaceTwoOrMoreRaces hispanicOrLatinoEthnicity countryOfBirthCode "
        "stateOfBirthAbbreviation cityOfBirth publicSchoolResidenceStatus",
    }.items()
}
OLD_USERS = (
    f"{META} enabledUser orgSourcedIds role username userIds givenName familyName middleName "
    "identifier email sms phone agentSourcedIds grades password"
).split()
REQUIRED = {
    "academicSessions": ["sourcedId", "title", "type", "startDate", "endDate", "schoolYear"],
    "orgs": ["sourcedId", "name", "type"],
    "courses": ["sourcedId", "title", "orgSourcedId"],
    "classes": [
        *("sourcedId", "title", "courseSourcedId", "classType", "schoolSourcedId"),
        "termSourcedIds",
    ],
    "users": ["sourcedId", "enabledUser", "username", "givenName", "familyName"],
    "roles": ["sourcedId", "userSourcedId", "roleType", "role", "orgSourcedId"],
    "enrollments": ["sourcedId", "classSourcedId", "schoolSourcedId", "userSourcedId", "role"],
    "demographics": ["sourcedId"],
}
OLD_REQUIRED = [*REQUIRED["users"], "orgSourcedIds", "role"]
VITAL = {
    "academicSessions": {"sourcedId"},
    "orgs": {"sourcedId"},
    "courses": {"sourcedId"},
    "classes": {"sourcedId", "title", "classType"},
    "users": {"sourcedId", "givenName", "familyName"},
    "roles": {"sourcedId", "userSourcedId", "role", "orgSourcedId"},
    "enrollments": {"sourcedId", "classSourcedId", "userSourcedId", "role"},
    "demographics": {"sourcedId"},
}
NEEDED = ("orgs", "classes", "users", "enrollments")
OTHERS = (
    *("categories", "classResources", "courseResources", "lineItemLearningObjectiveIds"),
    *("lineItems", "lineItemScoreScales", "resources", "resultLearningObjectiveIds", "results"),
    *("resultScoreScales", "scoreScales", "userProfiles", "userResources"),
)
PROPERTIES = (
    *("manifest.version", "oneroster.version", "source.systemName", "source.systemCode"),
    *(f"file.{name}" for name in (*HEADERS, *OTHERS)),
)
BULK, DELTA, ABSENT = "bulk", "delta", "absent"
KINDS = (BULK, DELTA, ABSENT)
ACTIVE, DELETED = "active", "tobedeleted"
TRUE, FALSE = "true", "false"

# Who is who. An aide says no more than that somebody works here; see plan_staff.
STUDENT = "student"
PARENTS = frozenset({"parent", "guardian", "relative"})
WORKERS = (
    *("teacher", "aide", "counselor", "principal"),
    *("administrator", "siteAdministrator", "systemAdministrator"),
)
LEFT_OUT = {"proctor": "监考人员", "districtAdministrator": "上级管理人员"}

_ROLES = (
    *("aide", "counselor", "districtAdministrator", "guardian", "parent", "principal"),
    *("proctor", "relative", "siteAdministrator", STUDENT, "systemAdministrator", "teacher"),
)
ENUMS = {
    ("academicSessions", "type"): ("gradingPeriod", "semester", "schoolYear", "term"),
    ("orgs", "type"): ("department", "school", "district", "local", "state", "national"),
    ("classes", "classType"): ("homeroom", "scheduled"),
    ("users", "role"): ("administrator", *_ROLES),  # of 1.1; systems write those of 1.2 as well
    ("roles", "roleType"): ("primary", "secondary"),
    ("roles", "role"): _ROLES,
    ("enrollments", "role"): ("administrator", "proctor", STUDENT, "teacher"),
    ("demographics", "sex"): ("male", "female", "unspecified", "other"),
    ("users", "enabledUser"): (TRUE, FALSE),
    ("enrollments", "primary"): (TRUE, FALSE),
    **{("demographics", column): (TRUE, FALSE) for column in HEADERS["demographics"][5:12]},
}
DATES = {
    "academicSessions": ("startDate", "endDate"),
    "roles": ("beginDate", "endDate"),
    "enrollments": ("beginDate", "endDate"),
    "demographics": ("birthDate",),
}
# (file, column, the file it speaks of). A list speaks of several rows, comma between them.
REFERENCES = (
    ("orgs", "parentSourcedId", "orgs"),
    ("academicSessions", "parentSourcedId", "academicSessions"),
    ("courses", "schoolYearSourcedId", "academicSessions"),
    ("courses", "orgSourcedId", "orgs"),
    ("classes", "courseSourcedId", "courses"),
    ("classes", "schoolSourcedId", "orgs"),
    ("classes", "termSourcedIds", "academicSessions"),
    ("users", "agentSourcedIds", "users"),
    ("users", "orgSourcedIds", "orgs"),
    ("users", "primaryOrgSourcedId", "orgs"),
    ("roles", "userSourcedId", "users"),
    ("roles", "orgSourcedId", "orgs"),
    ("enrollments", "classSourcedId", "classes"),
    ("enrollments", "schoolSourcedId", "orgs"),
    ("enrollments", "userSourcedId", "users"),
    ("demographics", "sourcedId", "users"),
)
# A row that speaks of a row which is not there says nothing: these cost the row.
HOLDING = frozenset(
    {
        ("classes", "schoolSourcedId"),
        ("roles", "userSourcedId"),
        ("roles", "orgSourcedId"),
        ("enrollments", "classSourcedId"),
        ("enrollments", "schoolSourcedId"),
        ("enrollments", "userSourcedId"),
        ("demographics", "sourcedId"),
    }
)
NAME, TITLE = "metadata.cn.name", "metadata.cn.title"
RELATIONS, SEAT = "metadata.cn.relations", "metadata.cn.seatNo"
REGISTER = "metadata.cn.studentRegNo"
EXTENSIONS = {"users": [NAME, TITLE, RELATIONS, REGISTER], "enrollments": [SEAT]}


def headers(name: str, *, old: bool) -> list[str]:
    """The columns of a file in the order of version 1.1 (``old``) or 1.2."""
    return OLD_USERS if old and name == "users" else HEADERS[name]


def required(name: str, *, old: bool) -> list[str]:
    """The columns of a file that may not be empty."""
    return OLD_REQUIRED if old and name == "users" else REQUIRED[name]


def listed(cell: str) -> list[str]:
    """``a,b`` as its parts."""
    return [part.strip() for part in cell.split(",") if part.strip()]
