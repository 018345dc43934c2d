"""OneRoster 1.2 CSV: headers exactly in the standard's order, and which of them must be there.

Source: 1EdTech OneRoster 1.2 CSV binding, by the column lists of hanachin/meibo; version 1.1 keeps
the role in users.csv. Extensions are columns ``metadata.*`` behind the standard's.
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
REQUIRED = {
    "academicSessions": "sourcedId title type startDate endDate schoolYear",
    "orgs": "sourcedId name type",
    "courses": "sourcedId title orgSourcedId",
    "classes": "sourcedId title courseSourcedId classType schoolSourcedId",
    "users": "sourcedId enabledUser givenName familyName",
    "roles": "sourcedId userSourcedId role orgSourcedId",
    "enrollments": "sourcedId classSourcedId userSourcedId role",
    "demographics": "sourcedId",
}
NEEDED = ("orgs", "classes", "users", "enrollments")
OTHERS = (
    *("categories", "classResources", "courseResources", "lineItemLearningObjectiveIds"),
    *("lineItems", "lineItemScoreScales", "resources", "resultLearningObjectiveIds", "results"),
    *("resultScoreScales", "scoreScales", "userProfiles", "userResources"),
)
BULK, DELTA, ABSENT = "bulk", "delta", "absent"
KINDS = frozenset({BULK, DELTA, ABSENT})
OLD = frozenset({"role", "orgSourcedIds"})  # columns of users.csv in 1.1
NAME, TITLE = "metadata.cn.name", "metadata.cn.title"
RELATIONS, SEAT = "metadata.cn.relations", "metadata.cn.seatNo"
REGISTER = "metadata.cn.studentRegNo"
EXTENSIONS = {"users": [NAME, TITLE, RELATIONS, REGISTER], "enrollments": [SEAT]}
REFERENCES = (
    ("orgs", "parentSourcedId", "orgs"),
    ("academicSessions", "parentSourcedId", "academicSessions"),
    ("courses", "orgSourcedId", "orgs"),
    ("classes", "courseSourcedId", "courses"),
    ("classes", "schoolSourcedId", "orgs"),
    ("users", "agentSourcedIds", "users"),
    ("roles", "userSourcedId", "users"),
    ("enrollments", "classSourcedId", "classes"),
    ("enrollments", "userSourcedId", "users"),
    ("demographics", "sourcedId", "users"),
)
