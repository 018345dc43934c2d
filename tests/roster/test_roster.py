"""A school's spreadsheet becomes its people, once, and says in Chinese what it cannot take."""

from __future__ import annotations

from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import func, select

from campus import db
from campus.actor import Actor
from campus.audit import AuditEntry
from campus.errors import Forbidden
from campus.identity.models import Account
from campus.permissions import Role
from campus.schools.models import Membership
from tenants.people.models import (
    Assignment,
    Enrollment,
    Guardian,
    Guardianship,
    HomeroomClass,
    Pupil,
    Staff,
    Subject,
)
from tenants.roster.report import Outcome
from tenants.roster.run_import import import_roster
from tenants.roster.table import Table, UnreadableFile, read_table
from tenants.roster.template import write_template
from tenants.roster.titles import PUPIL_COLUMNS

MOTHER = ("陈静", "妈妈", "12000000104")
FATHER = ("李建军", "爸爸", "12000000105")
MING = ("三年级2班", "1", "李小明", "男", "2017-11-03", *MOTHER, *FATHER)
YUE = ("一（1）班", "7", "李小悦", "女", "2019/12/24", *MOTHER)
WANG = ("王芳", "12000000103", "班主任", "三年级2班", "三年级2班 语文; 一年级1班 语文、书法")
HE = ("何文", "12000000101", "管理员、校长", "", "")


def counts(school_id: int, *models: Any) -> list[int]:
    with db.transaction(school_id=school_id, read_only=True) as session:
        return [session.scalar(select(func.count()).select_from(model)) or 0 for model in models]


def test_the_template_is_read_as_an_empty_roster(tmp_path: Any, bring: Any) -> None:
    path = tmp_path / "template.xlsx"
    write_template(path)
    said = bring(path).as_json()
    assert (said["rows"], said["problems"], said["questions"]) == (0, [], [])
    assert [(one["lines"], one["read"], one["skipped"]) for one in said["sheets"]] == [
        (2, 0, 2)
    ] * 2


def test_a_filled_template_brings_everybody_in(
    school_id: int, roster_file: Any, bring: Any
) -> None:
    report = bring(roster_file([MING, YUE], [WANG, HE]))
    assert report.problems == []
    assert report.count(Outcome.NEW) == 4
    models = (Pupil, Enrollment, Guardian, Guardianship, Staff, Subject, Assignment, HomeroomClass)
    assert counts(school_id, *models) == [2, 2, 2, 3, 2, 2, 4, 2]
    with db.transaction(school_id=school_id) as session:
        assert set(session.execute(select(HomeroomClass.entry_year, HomeroomClass.number))) == {
            (2024, 2),
            (2026, 1),
        }
        keys = session.execute(select(Pupil.name, Pupil.sex, Pupil.name_key).order_by(Pupil.id))
        assert [tuple(row) for row in keys] == [
            ("李小明", 1, "li3 xiao3 ming2 李小明"),
            ("李小悦", 2, "li3 xiao3 yue4 李小悦"),
        ]


def test_siblings_share_the_guardian_with_their_phone(
    school_id: int, roster_file: Any, bring: Any
) -> None:
    bring(roster_file([MING, YUE]))
    with db.transaction(school_id=school_id) as session:
        tied = session.execute(
            select(Guardian.name, func.count())
            .join(Guardianship, Guardianship.guardian_id == Guardian.id)
            .group_by(Guardian.name)
        )
        assert dict(tied.all()) == {"陈静": 2, "李建军": 1}


def test_staff_get_accounts_without_a_password(
    school_id: int, roster_file: Any, bring: Any
) -> None:
    bring(roster_file([MING, YUE], [WANG, HE]))
    with db.transaction(school_id=school_id) as session:
        assert session.scalars(select(Account.password_hash)).all() == [None, None]
        roles = session.scalars(select(Membership.roles)).all()
        assert {frozenset(held) for held in roles} == {
            frozenset({Role.TEACHER}),
            frozenset({Role.ADMIN, Role.HEAD}),
        }


def test_the_same_file_again_changes_nothing(school_id: int, roster_file: Any, bring: Any) -> None:
    path = roster_file([MING, YUE], [WANG, HE])
    bring(path)
    before = counts(school_id, Pupil, Guardianship, Assignment)
    again = bring(path)
    assert again.count(Outcome.UNCHANGED) == 4
    assert counts(school_id, Pupil, Guardianship, Assignment) == before


def test_a_preview_says_the_same_and_writes_nothing(
    school_id: int, roster_file: Any, bring: Any
) -> None:
    path = roster_file([MING, YUE], [WANG])
    empty = counts(school_id, Pupil, Staff, AuditEntry, Account)
    preview = bring(path, dry_run=True)
    assert counts(school_id, Pupil, Staff, AuditEntry, Account) == empty
    assert preview.as_json() == bring(path).as_json()


def test_a_changed_seat_is_a_change_and_an_empty_cell_is_none(
    school_id: int, roster_file: Any, bring: Any
) -> None:
    bring(roster_file([MING]))
    moved = ("2024级2班", "9", "李小明", "", "", *MOTHER)
    assert bring(roster_file([moved])).count(Outcome.CHANGED) == 1
    with db.transaction(school_id=school_id) as session:
        assert session.scalar(select(Enrollment.seat_no)) == 9
        assert session.scalar(select(Pupil.sex)) == 1
    assert counts(school_id, Guardianship) == [2]


REFUSED = [
    (("三年级", *MING[1:]), "班级", "class-wrong"),
    (("2012级2班", *MING[1:]), "班级", "class-gone"),
    ((*MING[:2], "", *MING[3:]), "姓名", "name-missing"),
    ((*MING[:2], "李3", *MING[3:]), "姓名", "name-wrong"),
    ((*MING[:2], "待定", *MING[3:]), "姓名", "name-word"),
]
# One odd optional cell never costs the child.
TOLD = [
    (1, "八八", "座号", "seat-wrong"),
    (3, "公", "性别", "sex-wrong"),
    (4, "2017-13-03", "出生日期", "birthday-wrong"),
    (4, "1987-11-03", "出生日期", "birthday-age"),
    (4, "2017年11月", "出生日期", "birthday-month"),
    (7, "1200000010", "监护人1手机", "phone-wrong"),
    (7, "0731-8888000", "监护人1手机", "phone-landline"),
    (7, "", "监护人1姓名", "guardian-no-phone"),
    (6, "邻居", "监护人1关系", "relation-unknown"),
    (5, "陈3", "监护人1姓名", "name-wrong"),
    (14, "2024330100123", "学籍号", "register-wrong"),
    (15, "E12345678", "身份证号", "id-wrong"),
    (15, "110105201711030017", "身份证号", "id-check"),
]


@pytest.mark.parametrize(("line", "column", "code"), REFUSED)
def test_a_child_without_name_or_class_is_refused_by_sheet_row_and_column(
    line: Any, column: str, code: str, roster_file: Any, bring: Any
) -> None:
    report = bring(roster_file([YUE, line]))
    (found,) = report.as_json()["problems"]
    assert (found["sheet"], found["row"], found["column"], found["code"]) == (
        "学生",
        4,
        column,
        code,
    )
    assert found["message"].startswith(f"「学生」第 4 行「{column}」：")
    assert (report.count(Outcome.REFUSED), report.count(Outcome.NEW)) == (1, 1)


def test_an_odd_optional_cell_is_told_and_the_child_enters(roster_file: Any, bring: Any) -> None:
    lines = []
    for at, (place, text, _, _) in enumerate(TOLD):
        line = [
            "三年级2班",
            str(at + 1),
            f"李小{'甲乙丙丁戊己庚辛壬癸子丑寅'[at]}",
            "男",
            "2017-11-03",
        ]
        line += ["陈静", "妈妈", f"120000001{at:02}", *[""] * 8]
        line[place] = text
        lines.append(tuple(line))
    report = bring(roster_file(lines), dry_run=True)
    assert report.count(Outcome.NEW) == len(TOLD)
    assert [(one.row, one.column, one.code) for one in report.problems] == [
        (at, column, code) for at, (_, _, column, code) in enumerate(TOLD, 3)
    ]


def test_rows_that_contradict_each_other_are_refused(roster_file: Any, bring: Any) -> None:
    same_seat = ("三年级2班", "1", "周宁", "女")
    report = bring(roster_file([MING, MING, same_seat]))
    found = {(item.row, item.code) for item in report.problems}
    assert found == {(4, "row-twice"), (5, "seat-taken")}
    assert report.count(Outcome.NEW) == 1


def test_a_phone_with_two_names_ties_the_second_child_to_nobody(
    school_id: int, roster_file: Any, bring: Any
) -> None:
    other_name = ("三年级2班", "3", "何乐", "男", "", "陈靖", "妈妈", MOTHER[2])
    report = bring(roster_file([MING, other_name]))
    assert [(one.row, one.code) for one in report.problems] == [(4, "phone-two-names")]
    assert report.count(Outcome.NEW) == 2
    assert counts(school_id, Guardian, Guardianship) == [2, 2]


def test_two_children_may_swap_seats(school_id: int, roster_file: Any, bring: Any) -> None:
    bring(roster_file([("三年级2班", "1", "周宁"), ("三年级2班", "2", "何乐")]))
    report = bring(roster_file([("三年级2班", "2", "周宁"), ("三年级2班", "1", "何乐")]))
    assert report.count(Outcome.CHANGED) == 2


def test_namesakes_in_a_class_are_told_apart_by_seat(roster_file: Any, bring: Any) -> None:
    both = [("三年级2班", "1", "周宁"), ("三年级2班", "2", "周宁")]
    assert bring(roster_file(both)).count(Outcome.NEW) == 2
    assert bring(roster_file(both)).count(Outcome.UNCHANGED) == 2
    vague = bring(roster_file([("三年级2班", "", "周宁")]))
    assert [item.code for item in vague.problems] == ["namesakes"]
    assert vague.count(Outcome.CONFLICTS) == 1


def test_a_child_who_may_have_moved_is_a_conflict(
    school_id: int, roster_file: Any, bring: Any
) -> None:
    bring(roster_file([MING]))
    report = bring(roster_file([("三年级3班", *MING[1:])]))
    assert [item.code for item in report.problems] == ["maybe-moved"]
    assert counts(school_id, Pupil) == [1]


def test_a_class_has_one_class_teacher_and_must_exist(roster_file: Any, bring: Any) -> None:
    bring(roster_file([MING], [WANG[:4]]))
    second = ("赵敏", "12000000106", "班主任", "三年级2班", "")
    typo = ("周杰", "12000000107", "任课教师", "", "三年级12班 数学")
    report = bring(roster_file([], [second, typo, ("无名", "12000000108", "厨师")]))
    assert [(item.column, item.code) for item in report.problems] == [
        ("职务", "post-wrong"),
        ("班主任班级", "homeroom-taken"),
        ("任教", "class-unknown"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
def test_csv_in_the_encodings_offices_save(
    encoding: str, school_id: int, csv_file: Any, bring: Any
) -> None:
    rare = ("三年级2班", "2", "王𠮷", "男", "20171103")
    report = bring(csv_file([PUPIL_COLUMNS, MING, rare], encoding))
    assert report.problems == []
    assert counts(school_id, Pupil) == [2]


def test_columns_in_any_order_and_an_unknown_one_is_named(csv_file: Any, bring: Any) -> None:
    report = bring(csv_file([("姓名", "班级", "星座", "备注"), ("周宁", "三2班", "天蝎", "x")]))
    assert report.count(Outcome.NEW) == 1
    assert [(item.column, item.code) for item in report.problems] == [("星座", "column-unknown")]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "空的"),
        (b"PK\x03\x04 not a zip", "损坏"),
        (b"\xd0\xcf\x11\xe0 not a workbook", "打不开"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "文件"),
        ("姓名,血型\n周宁,1\n".encode(), "没有找到名册"),
        ("姓名,座号,性别\n周宁,1,女\n".encode(), "缺少列：班级"),
    ],
)
def test_an_unusable_file_is_one_sentence(
    content: bytes, words: str, tmp_path: Any, bring: Any
) -> None:
    path = tmp_path / "file.xlsx"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=words):
        bring(path)


def test_a_sheet_that_reaches_to_the_last_cell_is_refused_at_once(tmp_path: Any) -> None:
    path = tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("学生")
        sheet.write(0, 0, "班级")
        sheet.write(1_048_575, 16_383, "x")
    with pytest.raises(UnreadableFile, match="行"):
        read_table(path)


def test_only_the_administrator_imports(school_id: int) -> None:
    teacher = Actor(1, "王芳", school_id, frozenset({Role.TEACHER}))
    with db.transaction(school_id=school_id), pytest.raises((Forbidden, KeyError)):
        import_roster(teacher, table=Table(()))
