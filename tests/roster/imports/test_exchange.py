"""Out and in again changes nothing; OneRoster's faults are named by file, row and column."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from campus import clock, crypto, db
from campus.actor import Actor
from campus.config import Config
from campus.errors import Forbidden
from campus.identity.models import Account
from campus.permissions import Role
from campus.schools.models import Membership, School
from tenants.people.models import Enrollment, Guardian, Guardianship, Pupil, Staff
from tenants.people.roles import leave_school
from tenants.roster.export import export_roster
from tenants.roster.imports.models import PupilNumber
from tenants.roster.oneroster.spec import EXTENSIONS, OLD_USERS
from tenants.roster.oneroster.writing import oneroster_files
from tenants.roster.report import Outcome, Report
from tenants.roster.table import UnreadableFile

MOTHER = ("陈静", "妈妈", "12000000104")
FATHER = ("李建军", "爸爸", "12000000105")
MING = ("三年级2班", "1", "李小明", "男", "2017-11-03", *MOTHER, *FATHER)
YUE = ("一年级1班", "7", "阿依古丽·买买提", "女", "2019-12-24", *MOTHER)
ANNA = ("一年级1班", "8", "Anna Smith", "女", "2019-12-25")
PEOPLE = [MING, YUE, ANNA, ("一年级1班", "", "欧阳宁")]
STAFF = [
    ("王芳", "12000000103", "班主任", "三年级2班", "三年级2班 语文; 一年级1班 语文、书法"),
    ("何文", "12000000101", "管理员、校长", "", ""),
    ("赵敏", "12000000106", "教导主任", "", "三年级2班 数学"),
]
NUMBER = "110105201711030016"


@pytest.fixture(autouse=True)
def secrets() -> None:
    """Numbers are closed with this process's secret."""
    crypto.configure(Config(secret_key="test-secret-test-secret-test-secret-32"))


@pytest.fixture
def sent(school_id: int, tmp_path: Path) -> Callable[..., Path]:
    """sent("xlsx") exports the school to a file."""

    def run(kind: str, name: str) -> Path:
        path = tmp_path / name
        with db.transaction(school_id=school_id):
            export_roster(Actor.system(school_id), kind=kind, path=path)
        return path

    return run


@pytest.mark.parametrize(
    ("kind", "name"),
    [("xlsx", "out.xlsx"), ("oneroster", "out.zip"), ("oneroster", "folder")],
)
def test_exporting_and_importing_changes_nothing(
    kind: str, name: str, roster_file: Any, bring: Any, sent: Any, school_id: int
) -> None:
    number = (*MING, "", "", "", "G" + NUMBER, NUMBER)
    assert bring(roster_file([number, *PEOPLE[1:]], STAFF)).problems == []
    report: Report = bring(sent(kind, name))
    assert report.problems == []
    assert report.count(Outcome.UNCHANGED) == len(report.outcomes) == len(PEOPLE) + len(STAFF)


@pytest.mark.parametrize(("kind", "name"), [("xlsx", "out.xlsx"), ("oneroster", "out.zip")])
def test_an_export_brings_everybody_into_an_empty_school(
    kind: str, name: str, roster_file: Any, bring: Any, sent: Any, school_id: int
) -> None:
    bring(roster_file(PEOPLE, STAFF))
    path = sent(kind, name)
    with db.transaction(school_id=school_id) as session:
        for model in (Guardianship, Enrollment, Guardian, Pupil):
            session.query(model).delete()
    assert bring(path).count(Outcome.NEW) == len(PEOPLE)
    with db.transaction(school_id=school_id) as session:
        assert set(session.scalars(select(Pupil.name))) == {one[2] for one in PEOPLE}
        assert session.scalar(select(func.count()).select_from(Guardianship)) == 3


def test_numbers_are_closed_in_the_database(roster_file: Any, bring: Any, school_id: int) -> None:
    bring(roster_file([(*MING, "", "", "", "", NUMBER)]))
    with db.transaction(school_id=school_id) as session:
        (held,) = session.scalars(select(PupilNumber))
        assert (held.kind, held.tail) == ("id", NUMBER[-4:])
        assert NUMBER.encode() not in bytes(held.sealed)
        assert NUMBER.encode() not in bytes(held.blind)


def test_only_the_administrator_exports(school_id: int, tmp_path: Path) -> None:
    teacher = Actor(1, "王芳", school_id, frozenset({Role.TEACHER}))
    with db.transaction(school_id=school_id), pytest.raises(Forbidden):
        export_roster(teacher, kind="xlsx", path=tmp_path / "x.xlsx")


@pytest.fixture
def altered(roster_file: Any, bring: Any, school_id: int, tmp_path: Path) -> Callable[..., Path]:
    """altered(change) exports a small school, lets ``change`` edit the files, and zips them."""

    def run(change: Callable[[dict[str, str]], object], first: Any = MING) -> Path:
        bring(roster_file([first], STAFF[1:2]))
        with db.transaction(school_id=school_id, read_only=True):
            files = {name: data.decode() for name, data in oneroster_files().items()}
        change(files)
        path = tmp_path / "roster.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in files.items():
                archive.writestr(name, text)
        return path

    return run


def swap(name: str, before: str, after: str) -> Callable[[dict[str, str]], None]:
    def change(files: dict[str, str]) -> None:
        assert before in files[name]
        files[name] = files[name].replace(before, after, 1)

    return change


def circle(files: dict[str, str]) -> None:
    rows = list(csv.reader(io.StringIO(files["orgs.csv"])))
    at = rows[0].index("parentSourcedId")
    rows[1][at] = "other"
    rows.append(["other", "", "", "上级", "district", "", "org"])
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    files["orgs.csv"] = out.getvalue()


FAULTS = [
    (swap("users.csv", "givenName", "givenname"), "users.csv", 1, "header-misspelt"),
    (swap("users.csv", "familyName", "familyNam"), "users.csv", 1, "header-misspelt"),
    (swap("enrollments.csv", ",role,", ",x,"), "enrollments.csv", 1, "header-missing"),
    (lambda files: files.pop("demographics.csv"), "manifest.csv", None, "file-missing"),
    (lambda files: files.pop("users.csv"), "manifest.csv", None, "file-missing"),
    (
        swap("manifest.csv", "file.users,bulk", "file.users,absent"),
        "manifest.csv",
        24,
        "file-needed",
    ),
    (
        swap("manifest.csv", "file.users,bulk", "file.users,full"),
        "manifest.csv",
        None,
        "manifest-wrong",
    ),
    (circle, "orgs.csv", 2, "circle"),
    (
        swap("enrollments.csv", ",class-2024-2,", ",class-9,"),
        "enrollments.csv",
        2,
        "reference-missing",
    ),
    (swap("classes.csv", "2024级2班", "向阳班"), "classes.csv", 2, "class-wrong"),
]


@pytest.mark.parametrize(("change", "file", "row", "code"), FAULTS)
def test_a_fault_is_named_by_file_and_row(
    change: Any, file: str, row: int | None, code: str, altered: Any, bring: Any
) -> None:
    report = bring(altered(change))
    found = [one for one in report.problems if one.code == code]
    assert found, [one.message for one in report.problems]
    assert found[0].sheet == file
    assert row is None or found[0].row == row
    assert file in found[0].message
    assert report.count(Outcome.REFUSED) >= 1


ODD_CELLS = [
    (swap("users.csv", "guardian-", "guard-x-"), "users.csv", 2, "reference-missing"),
    (swap("demographics.csv", "2017-11-03", "2017-13-03"), "demographics.csv", 2, "birthday-wrong"),
]


@pytest.mark.parametrize(("change", "file", "row", "code"), ODD_CELLS)
def test_an_odd_cell_that_may_be_empty_is_told_and_costs_nobody(
    change: Any, file: str, row: int, code: str, altered: Any, bring: Any
) -> None:
    report = bring(altered(change))
    assert (file, row, code) in {(one.sheet, one.row, one.code) for one in report.problems}
    assert report.count(Outcome.REFUSED) == 0


def test_a_file_the_manifest_calls_absent_is_not_read(altered: Any, bring: Any) -> None:
    change = swap("manifest.csv", "file.demographics,bulk", "file.demographics,absent")
    report = bring(altered(change))
    assert [(one.sheet, one.code) for one in report.problems] == [
        ("manifest.csv", "file-unexpected")
    ]
    assert report.count(Outcome.REFUSED) == 0


def test_a_version_we_cannot_read_is_one_sentence(altered: Any, bring: Any) -> None:
    path = altered(swap("manifest.csv", "oneroster.version,1.2", "oneroster.version,2.0"))
    with pytest.raises(UnreadableFile, match=r"1\.1 和 1\.2"):
        bring(path)


def test_version_1_1_keeps_the_role_with_the_user(altered: Any, bring: Any) -> None:
    def older(files: dict[str, str]) -> None:
        swap("manifest.csv", "oneroster.version,1.2", "oneroster.version,1.1")(files)
        swap("manifest.csv", "file.roles,bulk", "file.roles,absent")(files)
        roles = {
            row["userSourcedId"]: row["role"]
            for row in csv.DictReader(io.StringIO(files.pop("roles.csv")))
        }
        out = io.StringIO()
        titles = [*OLD_USERS, *EXTENSIONS["users"]]
        writer = csv.DictWriter(out, titles, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(
            {**row, "orgSourcedIds": "org", "role": roles[row["sourcedId"]]}
            for row in csv.DictReader(io.StringIO(files["users.csv"]))
        )
        files["users.csv"] = out.getvalue()

    report = bring(altered(older))
    assert report.problems == []
    assert report.count(Outcome.UNCHANGED) == 2


def roles_of(school_id: int, phone: str) -> set[str]:
    with db.transaction(school_id=school_id, read_only=True) as session:
        query = select(Membership.roles).join(Account, Account.id == Membership.account_id)
        return set(session.scalar(query.where(Account.phone == phone)) or ())


@pytest.mark.parametrize(("kind", "name"), [("xlsx", "out.xlsx"), ("oneroster", "out.zip")])
def test_a_title_we_have_no_word_for_makes_nobody_a_teacher(
    kind: str, name: str, roster_file: Any, bring: Any, sent: Any, school_id: int
) -> None:
    bring(roster_file([MING, YUE], STAFF))
    with db.transaction(school_id=school_id) as session:
        session.execute(update(Staff).where(Staff.name == "何文").values(title="党支部书记"))
    report = bring(sent(kind, name))
    assert report.count(Outcome.UNCHANGED) == len(report.outcomes)
    assert roles_of(school_id, STAFF[1][1]) == {Role.ADMIN, Role.HEAD}


@pytest.mark.parametrize(("kind", "name"), [("xlsx", "out.xlsx"), ("oneroster", "out.zip")])
def test_a_doctor_who_does_not_teach_stays_one(
    kind: str, name: str, roster_file: Any, bring: Any, sent: Any, school_id: int
) -> None:
    doctor = ("钱医生", "12000000107", "", "", "")
    bring(roster_file([MING], [*STAFF[:2], doctor]))
    with db.transaction(school_id=school_id) as session:
        account = select(Account.id).where(Account.phone == doctor[1]).scalar_subquery()
        only = update(Membership).where(Membership.account_id == account)
        session.execute(only.values(roles=[Role.DOCTOR]))
    report = bring(sent(kind, name))
    assert "钱医生" in {who for who, _ in report.people.values()}
    assert report.count(Outcome.UNCHANGED) == len(report.outcomes)
    assert roles_of(school_id, doctor[1]) == {Role.DOCTOR}


@pytest.mark.parametrize(("kind", "name"), [("xlsx", "out.xlsx"), ("oneroster", "out.zip")])
def test_who_left_is_in_no_list_and_a_list_brings_them_back(
    kind: str, name: str, roster_file: Any, bring: Any, sent: Any, school_id: int
) -> None:
    bring(roster_file([MING, YUE], STAFF))
    with db.transaction(school_id=school_id) as session:
        gone = session.scalar(select(Staff.id).where(Staff.name == "赵敏"))
        leave_school(Actor.system(school_id), staff_id=gone)
    report = bring(sent(kind, name))
    assert "赵敏" not in {who for who, _ in report.people.values()}
    assert report.count(Outcome.UNCHANGED) == len(report.outcomes)
    assert Role.TEACHER not in roles_of(school_id, STAFF[2][1])
    back = bring(roster_file([], [(*STAFF[2][:2], "", "", "")]))
    assert [one.theirs for one in back.changes["教职工", 3]] == ["老师"]
    assert Role.TEACHER in roles_of(school_id, STAFF[2][1])


def test_what_a_file_adds_to_a_colleague_is_told(roster_file: Any, bring: Any) -> None:
    bring(roster_file([MING, YUE], STAFF))
    report = bring(roster_file([], [("何文", STAFF[1][1], "", "", "三年级2班 书法")]), dry_run=True)
    (told,) = report.changes.values()
    assert [(one.column, one.ours, one.theirs) for one in told] == [
        ("身份", "学校管理员、校长", "学校管理员、校长、老师"),
        ("任教", "", "2024级2班 书法"),
    ]


def test_who_is_nobodys_guardian_any_more_goes_into_no_file(
    roster_file: Any, bring: Any, school_id: int
) -> None:
    bring(roster_file([MING]))
    with db.transaction(school_id=school_id) as session:
        father = select(Guardian.id).where(Guardian.phone == FATHER[2]).scalar_subquery()
        ended = update(Guardianship).where(Guardianship.guardian_id == father)
        session.execute(ended.values(ended_at=clock.now()))
    with db.transaction(school_id=school_id, read_only=True):
        files = oneroster_files()
    assert FATHER[2].encode() not in b"".join(files.values())
    assert MOTHER[2].encode() in files["users.csv"]


def rows_of(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name].decode())))


def test_ids_say_nothing_and_names_are_parted_where_the_family_name_ends(
    roster_file: Any, bring: Any, school_id: int
) -> None:
    bring(roster_file([MING, ("一年级1班", "9", "上官莉", "女", "2019-12-25")], STAFF))
    with db.transaction(school_id=school_id, read_only=True):
        files = oneroster_files()
    for name in files:
        for row in rows_of(files, name):
            told = {key: text for key, text in row.items() if key not in {"sms", "phone"}}
            assert not [text for text in told.values() if "1200000" in (text or "")], (name, told)
    parted = {row["metadata.cn.name"]: row for row in rows_of(files, "users.csv")}
    assert (parted["上官莉"]["familyName"], parted["上官莉"]["givenName"]) == ("上官", "莉")


def test_a_school_without_terms_exports_classes_of_a_term(
    roster_file: Any, bring: Any, school_id: int
) -> None:
    bring(roster_file([MING], STAFF[1:2]))
    with db.transaction(school_id=school_id, read_only=True):
        files = oneroster_files()
    sessions = {row["sourcedId"]: row for row in rows_of(files, "academicSessions.csv")}
    (klass,) = rows_of(files, "classes.csv")
    held = sessions[klass["termSourcedIds"]]
    assert (held["type"], held["startDate"], held["endDate"], held["schoolYear"]) == (
        "term",
        "2026-09-01",
        "2027-08-31",
        "2027",
    )


@pytest.mark.parametrize("mark", ["=", "+", "-", "@"])
def test_no_cell_of_a_csv_is_a_formula_and_it_reads_back(
    mark: str, roster_file: Any, bring: Any, sent: Any, school_id: int
) -> None:
    bring(roster_file([MING], STAFF))
    title = f"{mark}HYPERLINK(1)"
    with db.transaction(school_id=school_id) as session:
        session.execute(update(Staff).where(Staff.name == "何文").values(title=title))
        session.execute(update(School).values(name=f"{mark}1小学"))
    with db.transaction(school_id=school_id, read_only=True):
        files = oneroster_files()
    cells = [
        cell
        for text in files.values()
        for row in csv.reader(io.StringIO(text.decode()))
        for cell in row
    ]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
    assert f"'{title}" in cells
    report = bring(sent("oneroster", "out.zip"))
    assert report.problems == []
    assert report.count(Outcome.UNCHANGED) == len(report.outcomes)
