"""Faults of empty and odd cells, of headers and of files; version 1.1."""

from __future__ import annotations

from tests.roster.oneroster.small_set import (
    Files,
    cell,
    cells,
    every,
    manifest,
    renamed,
    swapped,
    title,
    without,
)
from tests.roster.oneroster.variant import Variant


def unquoted(files: Files) -> None:
    """``g1,g2`` without quotes becomes two cells, and everything behind it moves."""
    line = files["users.csv"][1]
    at = line.index("g1,g2")
    files["users.csv"][1] = [*line[:at], "g1", "g2", *line[at + 1 :]]


def misspelt_manifest(files: Files) -> None:
    for line in files["manifest.csv"]:
        line[0] = line[0].replace("file.demographics", "fiel.demographics")


EMPTY = {
    f"{file}.{name} is empty": Variant(
        cell(f"{file}.csv", at, name, ""), ((f"{file}.csv", at, name),), **more
    )
    for file, at, name, more in (
        ("academicSessions", 3, "title", {}),
        ("academicSessions", 3, "type", {}),
        ("academicSessions", 3, "startDate", {}),
        ("academicSessions", 3, "schoolYear", {}),
        ("orgs", 2, "name", {}),
        ("orgs", 2, "type", {}),
        ("courses", 2, "title", {}),
        ("courses", 2, "orgSourcedId", {}),
        ("classes", 2, "title", {"pupils": 0}),
        ("classes", 2, "classType", {"pupils": 0}),
        ("classes", 2, "courseSourcedId", {}),
        ("classes", 2, "schoolSourcedId", {}),
        ("classes", 2, "termSourcedIds", {}),
        ("users", 3, "username", {}),
        ("users", 3, "givenName", {"pupils": 1}),
        ("users", 3, "familyName", {"pupils": 1}),
        ("users", 7, "sms", {"staff": 0}),
        ("roles", 3, "roleType", {}),
        ("roles", 3, "role", {"pupils": 1}),
        ("roles", 3, "orgSourcedId", {"pupils": 1}),
        ("roles", 3, "sourcedId", {"pupils": 1}),
        ("enrollments", 3, "schoolSourcedId", {}),
        ("enrollments", 3, "role", {"pupils": 1}),
        ("enrollments", 3, "sourcedId", {"pupils": 1}),
        ("demographics", 3, "sourcedId", {}),
    )
}
EMPTY["users.sms is empty"] = Variant(
    cell("users.csv", 7, "sms", ""), (("users.csv", 7, "phone"),), staff=0
)
EMPTY |= {
    "roleType and termSourcedIds are empty": Variant(
        every(cell("roles.csv", 2, "roleType", ""), cell("classes.csv", 2, "termSourcedIds", "")),
        (("classes.csv", 2, "termSourcedIds"), ("roles.csv", 2, "roleType")),
    ),
    "every roleType is empty": Variant(
        cells("roles.csv", "roleType", ""),
        (("roles.csv", 2, "roleType"),),
        words="同样的还有 5 行",
    ),
    "subjects and codes of unequal length": Variant(
        cell("classes.csv", 3, "subjects", "语文,书法"), (("classes.csv", 3, "subjectCodes"),)
    ),
    "a list without quotes": Variant(
        unquoted, (("users.csv", 2, "pronouns"),), pupils=1, words="引号"
    ),
    "a row that is too short": Variant(
        lambda files: files["users.csv"][2].pop(), (("users.csv", 3, "pronouns"),)
    ),
    "a seat that is none": Variant(
        every(
            lambda files: [
                line.append("metadata.cn.seatNo" if not at else "甲" if at == 2 else "")
                for at, line in enumerate(files["enrollments.csv"])
            ]
        ),
        (("enrollments.csv", 3, "metadata.cn.seatNo"),),
    ),
}
NONE = {"pupils": 0, "staff": 0}
SHAPES = {
    "two columns change places": Variant(
        swapped("users.csv", "username", "userIds"), (("users.csv", 1, "userIds"),)
    ),
    "a required heading in small letters": Variant(
        title("users.csv", "givenName", "givenname"), (("users.csv", 1, "givenname"),), **NONE
    ),
    "a required heading misspelt": Variant(
        title("users.csv", "familyName", "familyNam"), (("users.csv", 1, "familyNam"),), **NONE
    ),
    "an optional heading misspelt": Variant(
        title("users.csv", "agentSourcedIds", "agentSourceIds"),
        (("users.csv", 1, "agentSourceIds"),),
        parents=3,
    ),
    "a required heading that is another": Variant(
        title("enrollments.csv", "role", "x"),
        (("enrollments.csv", 1, "role"),),
        words="第 7 列",
        **NONE,
    ),
    "a required column that is not there": Variant(
        without("enrollments.csv", "userSourcedId"),
        (("enrollments.csv", 1, "userSourcedId"),),
        **NONE,
    ),
    "an optional column that is not there": Variant(
        without("users.csv", "middleName"), (("users.csv", 1, "middleName"),)
    ),
    "a heading twice": Variant(
        title("users.csv", "pronouns", "sms"), (("users.csv", 1, "sms"),), **NONE
    ),
    "a column nobody knows": Variant(
        lambda files: [line.append("x") for line in files["users.csv"]], (("users.csv", 1, "x"),)
    ),
    "an extension nobody knows": Variant(
        lambda files: [
            line.append("" if at else "metadata.jp.kana")
            for at, line in enumerate(files["users.csv"])
        ],
        (("users.csv", 1, "metadata.jp.kana"),),
    ),
    "a slip in the manifest": Variant(
        misspelt_manifest, (("manifest.csv", 10, "fiel.demographics"),)
    ),
    "an unknown property": Variant(
        lambda files: files["manifest.csv"].append(["colour", "green"]),
        (("manifest.csv", 27, "colour"),),
    ),
    "a property twice": Variant(
        lambda files: files["manifest.csv"].append(["file.users", "bulk"]),
        (("manifest.csv", 27, "file.users"),),
    ),
    "a file the manifest forgot": Variant(
        manifest("file.demographics", None), (("manifest.csv", 1, "file.demographics"),)
    ),
    "a kind in capitals": Variant(
        manifest("file.users", "Bulk"), (("manifest.csv", 24, "file.users"),)
    ),
    "a kind that is none": Variant(
        manifest("file.users", "full"), (("manifest.csv", 24, "file.users"),), **NONE
    ),
    "a needed file called absent": Variant(
        manifest("file.users", "absent"), (("manifest.csv", 24, "file.users"),), **NONE
    ),
    "a file called absent that is there": Variant(
        manifest("file.demographics", "absent"), (("manifest.csv", 10, "file.demographics"),)
    ),
    "a file that is not there": Variant(
        lambda files: files.pop("demographics.csv"),
        (("manifest.csv", 10, "file.demographics"),),
        **NONE,
    ),
    "roles that are not there": Variant(
        lambda files: files.pop("roles.csv"), (("manifest.csv", 20, "file.roles"),), **NONE
    ),
    "roles called absent": Variant(
        every(lambda files: files.pop("roles.csv"), manifest("file.roles", "absent")),
        (("manifest.csv", 20, "file.roles"),),
        words="谁是学生",
        **NONE,
    ),
    "an empty file": Variant(
        lambda files: files.update({"orgs.csv": []}), (("orgs.csv", 1, "sourcedId"),), **NONE
    ),
    "a file nobody knows": Variant(
        lambda files: files.update({"notes.csv": [["a", "b"], ["1", "2"]]}),
        (("notes.csv", 1, "notes.csv"),),
    ),
    "a text beside the files": Variant(
        lambda files: files.update({"README.txt": []}), (("README.txt", 1, "README.txt"),)
    ),
    "a file in capitals": Variant(
        renamed("users.csv", "Users.csv"), (("Users.csv", 1, "sourcedId"),)
    ),
    "an ending in capitals": Variant(
        renamed("users.csv", "users.CSV"), (("users.CSV", 1, "sourcedId"),)
    ),
    "a manifest in capitals": Variant(
        renamed("manifest.csv", "Manifest.csv"), (("Manifest.csv", 1, "propertyName"),)
    ),
    "a file misspelt": Variant(
        renamed("users.csv", "user.csv"), (("user.csv", 1, "user.csv"),), **NONE
    ),
    "files a roster has no use for": Variant(
        every(
            lambda files: files.update({"results.csv": [["sourcedId"]]}),
            lambda files: files.update({"resources.csv": [["sourcedId"]]}),
            manifest("file.results", "bulk"),
            manifest("file.resources", "bulk"),
        ),
        (("results.csv", 1, "sourcedId"),),
        words="results.csv、resources.csv",
    ),
    "a file of no use that is not there": Variant(manifest("file.results", "bulk"), ()),
}
OLD = {
    "version 1.1": Variant(lambda _: None, (), old=True),
    "1.1: a role in capitals": Variant(
        cell("users.csv", 2, "role", "Student"), (("users.csv", 2, "role"),), old=True
    ),
    "1.1: a role nobody knows": Variant(
        cell("users.csv", 2, "role", "pupil"), (("users.csv", 2, "role"),), pupils=1, old=True
    ),
    "1.1: an organisation nobody knows": Variant(
        cell("users.csv", 2, "orgSourcedIds", "zz"), (("users.csv", 2, "orgSourcedIds"),), old=True
    ),
    "1.1: columns in another order": Variant(
        swapped("users.csv", "role", "orgSourcedIds"), (("users.csv", 1, "role"),), old=True
    ),
    "1.1: roles of 1.2 beside it": Variant(
        lambda files: files.update({"roles.csv": [["sourcedId"]]}),
        (("roles.csv", 1, "roles.csv"),),
        old=True,
    ),
}
