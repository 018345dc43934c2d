"""Faults of references, agents and words."""

from __future__ import annotations

from tests.roster.oneroster.small_set import (
    cell,
    every,
    row,
)
from tests.roster.oneroster.variant import Variant

REFERENCES = {
    f"{file}.{name} leads nowhere": Variant(
        cell(f"{file}.csv", at, name, "zz"), ((f"{file}.csv", at, name),), **more
    )
    for file, at, name, more in (
        ("orgs", 2, "parentSourcedId", {}),
        ("academicSessions", 3, "parentSourcedId", {}),
        ("courses", 2, "schoolYearSourcedId", {}),
        ("courses", 2, "orgSourcedId", {}),
        ("classes", 2, "courseSourcedId", {}),
        ("classes", 2, "schoolSourcedId", {"pupils": 0}),
        ("classes", 2, "termSourcedIds", {}),
        ("users", 3, "agentSourcedIds", {"parents": 2}),
        ("users", 3, "primaryOrgSourcedId", {}),
        ("roles", 3, "userSourcedId", {"pupils": 1}),
        ("roles", 3, "orgSourcedId", {"pupils": 1}),
        ("roles", 6, "orgSourcedId", {"parents": 2}),
        ("enrollments", 3, "classSourcedId", {"pupils": 1}),
        ("enrollments", 3, "schoolSourcedId", {"pupils": 1}),
        ("enrollments", 3, "userSourcedId", {"pupils": 1}),
        ("demographics", 3, "sourcedId", {}),
    )
}
# A row whose own reference is wrong leaves its person without a role or a class: told there too.
REFERENCES["roles.userSourcedId leads nowhere"] = Variant(
    cell("roles.csv", 3, "userSourcedId", "zz"),
    (("roles.csv", 3, "userSourcedId"), ("users.csv", 3, "role")),
    pupils=1,
)
REFERENCES["enrollments.userSourcedId leads nowhere"] = Variant(
    cell("enrollments.csv", 3, "userSourcedId", "zz"),
    (("enrollments.csv", 3, "userSourcedId"), ("users.csv", 3, "sourcedId")),
    pupils=1,
)
REFERENCES["users.agentSourcedIds leads nowhere"] = Variant(
    cell("users.csv", 3, "agentSourcedIds", "zz"),
    (("users.csv", 3, "agentSourcedIds"), ("users.csv", 6, "sourcedId")),
    parents=2,
)
REFERENCES["two places of one child at an unknown school"] = Variant(
    every(
        cell("roles.csv", 2, "orgSourcedId", "zz"),
        cell("enrollments.csv", 2, "schoolSourcedId", "zz"),
    ),
    (("roles.csv", 2, "orgSourcedId"), ("enrollments.csv", 2, "schoolSourcedId")),
    pupils=1,
)
REFERENCES |= {
    "a school that is its own parent": Variant(
        cell("orgs.csv", 2, "parentSourcedId", "o1"),
        (("orgs.csv", 2, "parentSourcedId"),),
        pupils=0,
        staff=0,
    ),
    "terms in a circle": Variant(
        cell("academicSessions.csv", 2, "parentSourcedId", "t1"),
        (("academicSessions.csv", 2, "parentSourcedId"),),
        pupils=0,
        staff=0,
    ),
}
REFERENCES["an id twice"] = Variant(
    every(
        cell("users.csv", 6, "sourcedId", "g2"),
        cell("users.csv", 3, "agentSourcedIds", ""),
        cell("roles.csv", 6, "userSourcedId", "g2"),
    ),
    (("users.csv", 6, "sourcedId"),),
    parents=2,
)
AGENTS = {
    "a parent who lists the child": Variant(
        every(
            cell("users.csv", 2, "agentSourcedIds", "g2"),
            cell("users.csv", 4, "agentSourcedIds", "s1"),
        ),
        (("users.csv", 4, "agentSourcedIds"),),
        parents=3,
        words="林海记作林一的监护人",
    ),
    "a child as a guardian": Variant(
        cell("users.csv", 3, "agentSourcedIds", "g3,s1"),
        (("users.csv", 3, "agentSourcedIds"),),
        parents=3,
        words="林一",
    ),
    "a child as its own guardian": Variant(
        cell("users.csv", 3, "agentSourcedIds", "s2,g3"),
        (("users.csv", 3, "agentSourcedIds"),),
        parents=3,
    ),
    "a guardian without a phone": Variant(
        cell("users.csv", 6, "sms", ""), (("users.csv", 6, "phone"),), parents=2
    ),
    "a guardian with a wrong phone": Variant(
        cell("users.csv", 6, "sms", "0731-8888"), (("users.csv", 6, "sms"),), parents=2
    ),
    "two guardians with one phone": Variant(
        cell("users.csv", 5, "sms", "12000000401"),
        (("users.csv", 2, "agentSourcedIds"),),
        parents=2,
    ),
    "four guardians": Variant(
        every(
            *(
                every(
                    row(
                        "users.csv",
                        sourcedId=f"g{at}",
                        enabledUser="true",
                        username=f"g{at}",
                        givenName="远",
                        familyName="林",
                        sms=f"1200000041{at}",
                    ),
                    row(
                        "roles.csv",
                        sourcedId=f"g{at}r",
                        userSourcedId=f"g{at}",
                        roleType="primary",
                        role="relative",
                        orgSourcedId="o1",
                    ),
                )
                for at in (5, 6)
            ),
            cell("users.csv", 2, "agentSourcedIds", "g1,g2,g5,g6"),
        ),
        (("users.csv", 2, "agentSourcedIds"),),
        parents=4,
    ),
    "a parent of nobody": Variant(
        cell("users.csv", 3, "agentSourcedIds", ""), (("users.csv", 6, "sourcedId"),), parents=2
    ),
    "a parent without a role": Variant(
        lambda files: files["roles.csv"].pop(5), (("users.csv", 6, "role"),), parents=3
    ),
    "somebody without a role": Variant(
        lambda files: files["roles.csv"].pop(6), (("users.csv", 7, "role"),), staff=0
    ),
}
WORDS = {
    f"{file}.{name} is “{value}”": Variant(
        cell(f"{file}.csv", at, name, value), ((f"{file}.csv", at, name),), **more
    )
    for file, at, name, value, more in (
        ("classes", 2, "classType", "Homeroom", {}),
        ("classes", 3, "classType", "Scheduled", {}),
        ("classes", 2, "classType", "行政班", {"pupils": 0, "words": "林一、江二"}),
        ("classes", 3, "classType", "lesson", {}),
        ("classes", 2, "classType", "ext:studyGroup", {"pupils": 0}),
        ("classes", 2, "title", "向阳班", {"pupils": 0, "words": "林一、江二"}),
        ("classes", 2, "title", "九年级1班", {"pupils": 0}),
        ("classes", 3, "title", "语文", {}),
        ("roles", 2, "role", "Student", {}),
        ("roles", 2, "role", "pupil", {"pupils": 1, "words": "林一"}),
        ("roles", 2, "role", "ext:monitor", {"pupils": 1}),
        ("roles", 2, "role", "proctor", {"pupils": 1}),
        ("roles", 7, "role", "proctor", {"staff": 0, "words": "周敏"}),
        ("roles", 7, "role", "districtAdministrator", {"staff": 0}),
        ("roles", 2, "roleType", "Primary", {}),
        ("roles", 2, "roleType", "main", {}),
        ("enrollments", 3, "role", "Student", {}),
        ("enrollments", 3, "role", "pupil", {"pupils": 1, "words": "江二"}),
        ("enrollments", 3, "primary", "是", {}),
        ("orgs", 2, "type", "School", {}),
        ("orgs", 2, "type", "kindergarten", {}),
        ("academicSessions", 3, "type", "Term", {}),
        ("academicSessions", 3, "type", "quarter", {}),
        ("demographics", 3, "sex", "Female", {}),
        ("demographics", 3, "sex", "女", {}),
        ("demographics", 3, "asian", "yes", {}),
    )
}
WORDS["a teacher's place that is a child's"] = Variant(
    cell("enrollments.csv", 5, "role", "student"), (("enrollments.csv", 5, "role"),)
)
WORDS["a supervisor in a class"] = Variant(
    cell("enrollments.csv", 5, "role", "administrator"), (("enrollments.csv", 5, "role"),)
)
