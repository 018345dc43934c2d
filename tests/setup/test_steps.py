"""Each step says in Chinese which field is wrong, and puts what is right where it belongs."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from campus import db
from campus.audit import AuditEntry
from campus.schools.models import School
from tenants.people.models import Assignment, SchoolYear, Subject, Term
from tests.setup.conftest import FORMS, Wizard

BAD: list[tuple[str, dict[str, Any], str]] = [
    ("identity", {"name": ""}, "「学校全称」"),
    ("identity", {"short_name": "一二三四五六七八九十一二三"}, "「简称」"),
    ("identity", {"code": "214300000"}, "「学校标识码」应是 10 位"),
    ("identity", {"code": "2043000001"}, "「学校标识码」前两位 20"),
    ("identity", {"code": "2199000001"}, "「学校标识码」第 3、4 位 99"),
    ("identity", {"code": "2111000001"}, "「学校标识码」第 3、4 位是北京市，「省」选的是湖南省"),
    ("identity", {"code": "3143000001"}, "「学校标识码」前两位 31 是普通初中"),
    ("identity", {"school_type": "999"}, "「办学类型」还没有选"),
    ("identity", {"urban": ""}, "「城乡分类」还没有选"),
    ("identity", {"province": ""}, "「省」还没有选"),
    ("identity", {"city": " "}, "「市（州）」还没有填写"),
    ("identity", {"county": ""}, "「县（市、区）」"),
    ("identity", {"region_code": "43010"}, "「行政区划代码」应是 6 位"),
    ("identity", {"region_code": "110105"}, "「行政区划代码」前两位"),
    ("stages", {"preset": "kindergarten"}, "「学校类型」还没有选"),
    ("stages", {"first_grade": "10"}, "「最低年级」"),
    ("stages", {"naming": "甲班"}, "「班级怎么叫」还没有选"),
    ("stages", {"first_grade": "6", "last_grade": "3"}, "「最高年级」不能低于"),
    ("calendar", {"year": "明年"}, "「学年」"),
    ("calendar", {"first_starts": ""}, "「上学期第一天」应像"),
    ("calendar", {"first_ends": "2026-13-01"}, "「上学期最后一天」应像"),
    ("calendar", {"first_ends": "2026-09-10"}, "「上学期最后一天」要比第一天晚 8"),
    ("calendar", {"first_starts": "2026-12-01"}, "「上学期第一天」应在 2026 年 8 月到 10 月"),
    ("calendar", {"second_starts": "2027-01-15"}, "「下学期第一天」要在上学期最后一天之后"),
    ("calendar", {"second_starts": "2027-01-29"}, "「下学期第一天」和上学期最后一天重了"),
    ("calendar", {"first_ends": "2026-11-20"}, "「下学期第一天」离上学期结束空了 93 天"),
    ("calendar", {"second_ends": "2027-09-02"}, "「下学期最后一天」不能晚于 2027 年 8 月 31 日"),
    ("calendar", {"holiday_from": ["国庆", ""]}, "「假期」第 1 行的日期"),
    ("calendar", {"holiday_to": ["2026-09-30", ""]}, "「假期」国庆：最后一天早于第一天"),
    (
        "calendar",
        {"holiday_from": ["2027-02-01", ""], "holiday_to": ["", ""]},
        "「假期」国庆：不在学期",
    ),
    (
        "calendar",
        {
            "holiday": ["国庆", "中秋"],
            "holiday_from": ["2026-10-01", "2026-10-07"],
            "holiday_to": ["2026-10-07", "2026-10-08"],
        },
        "「假期」国庆和中秋的日子重了",
    ),
    ("subjects", {"subject": ["", ""]}, "「科目」至少要有一门"),
    ("subjects", {"subject": ["语文", "语文"]}, "「科目」里的“语文”写了两次"),
    (
        "subjects",
        {"subject": ["一二三四五六七八九十一二三四五六七八九十长"]},
        "「科目」最多 20 个字",
    ),
    ("look", {"accent": "#ff0000"}, "「主色」还没有选"),
    ("privacy", {"officer": ""}, "「负责人姓名」还没有填写"),
    ("privacy", {"officer_phone": "12345"}, "「负责人电话」应是"),
    ("privacy", {"officer_email": "谁"}, "「负责人邮箱」"),
    ("privacy", {"complaint": ""}, "「投诉渠道」"),
    ("privacy", {"icp": ""}, "「ICP 备案号」请填写；暂时没有"),
    ("privacy", {"security": "", "security_reason": "无"}, "「等保备案号」请填写"),
    ("privacy", {"provider": ""}, "「提供者备案号」"),
    ("privacy", {"user_reason": ""}, "「使用者备案号」"),
]


@pytest.mark.parametrize("step", FORMS)
def test_a_wrong_field_is_named(step: str, wizard: Wizard) -> None:
    """A refusal changes nothing, so one school serves for all of a step's mistakes."""
    for _, wrong, said in (line for line in BAD if line[0] == step):
        assert said in wizard.errors(step, **wrong), wrong


def test_what_was_typed_stays_on_a_refusal(wizard: Wizard) -> None:
    """The version that is no number is the one mistake every step can make."""
    for step, form in FORMS.items():
        soup = wizard.save(step, 422, version="alt")
        assert "页面放得太久" in soup.get_text()
        for name, value in form.items():
            field = soup.find("input", attrs={"name": name, "type": ["text", "date"]})
            if field is not None and isinstance(value, str):
                assert field["value"] == value, name


def test_the_school_s_name_is_new_at_once(wizard: Wizard) -> None:
    wizard.save("identity", code="２１４３ 000001")
    soup = wizard.page()
    assert "枫林小学" in soup.select_one(".brand").get_text()
    assert "枫林镇中心小学" in soup.select_one(".topbar").get_text()
    assert wizard.page("identity").find("input", id="code")["value"] == "2143000001"


def test_the_audit_line_names_fields_and_holds_no_value(wizard: Wizard, preparing: int) -> None:
    wizard.save("privacy")
    wizard.save("privacy", officer="童副校长")
    with db.transaction(school_id=preparing) as session:
        lines = session.scalars(
            select(AuditEntry.detail).where(AuditEntry.action == "onboarding.setup")
        ).all()
    assert lines[-1] == {"step": "privacy", "changed": ["officer"]}
    assert "何主任" not in str(lines) and "0731" not in str(lines)


def test_a_preset_says_the_grades_and_the_subjects(wizard: Wizard) -> None:
    wizard.save("identity", school_type="311", code="3143000001")
    assert wizard.page("stages").find("input", value="junior").has_attr("checked")
    wizard.save("stages", preset="junior")
    assert "七年级（2）班" in wizard.page("stages").get_text()
    names = [one["value"] for one in wizard.page("subjects").select("input[name=subject]")]
    assert names[:5] == ["语文", "数学", "英语", "道德与法治", "历史"] and names[-1] == ""


def test_the_calendar_is_shown_before_it_is_saved(wizard: Wizard, preparing: int) -> None:
    soup = wizard.save("calendar", 200, preview="1", first_starts="2026-08-31", second_starts="")
    [title] = [one.get_text() for one in soup.select("summary")]
    assert title == "上学期 · 共 22 周"
    assert soup.select_one(".weeks tbody tr th").get_text() == "第1周 单"
    assert len(soup.select(".weeks td.holiday")) == 7
    with db.transaction(school_id=preparing) as session:
        assert session.scalars(select(Term)).all() == []


def test_a_year_keeps_its_rows_when_its_dates_change(wizard: Wizard, preparing: int) -> None:
    wizard.save("calendar")
    with db.transaction(school_id=preparing) as session:
        before = session.scalars(select(Term.id).order_by(Term.starts_on)).all()
    wizard.save("calendar", first_starts="2026-08-31", second_ends="2027-07-02")
    with db.transaction(school_id=preparing) as session:
        terms = session.scalars(select(Term).order_by(Term.starts_on)).all()
        [year] = session.scalars(select(SchoolYear)).all()
    assert [one.id for one in terms] == list(before)
    assert (terms[0].starts_on, terms[1].ends_on) == (date(2026, 8, 31), date(2027, 7, 2))
    assert (year.name, year.starts_on) == ("2026—2027学年", date(2026, 8, 31))
    shown = wizard.page("calendar")
    assert shown.find("input", id="first_starts")["value"] == "2026-08-31"
    assert shown.find("input", attrs={"name": "holiday"})["value"] == "国庆"


def test_subjects_keep_their_rows_through_names_and_order(wizard: Wizard, preparing: int) -> None:
    wizard.save("subjects")
    with db.transaction(school_id=preparing) as session:
        held = {one.name: str(one.id) for one in session.scalars(select(Subject))}
    assert list(held) == ["语文", "数学", "音乐"]
    swapped = {
        "subject": ["数学", "语文", "", "科学"],
        "subject_id": [held["语文"], held["数学"], held["音乐"], ""],
        "place": ["2", "3", "1", "1"],
    }
    wizard.save("subjects", **swapped)
    with db.transaction(school_id=preparing) as session:
        rows = session.scalars(select(Subject).order_by(Subject.position)).all()
    assert [(one.name, str(one.id)) for one in rows[1:]] == [
        ("数学", held["语文"]),
        ("语文", held["数学"]),
    ]
    assert rows[0].name == "科学"


def test_a_subject_that_is_taught_stays(wizard: Wizard, peopled: int) -> None:
    wizard.save("subjects")
    with db.transaction(school_id=peopled) as session:
        held = {one.name: one.id for one in session.scalars(select(Subject))}
        duty = session.scalars(select(Assignment)).one()
        duty.subject_id = held["音乐"]
    ids = [str(held[name]) for name in ("语文", "数学", "音乐")]
    said = wizard.errors("subjects", subject=["语文", "数学", ""], subject_id=ids)
    assert "「科目」里的“音乐”已经有任课老师" in said
    said = wizard.errors("subjects", subject=["体育"], subject_id=["999999"])
    assert "刚刚被改动过" in said


def test_a_school_s_row_is_its_own(wizard: Wizard, preparing: int) -> None:
    """The registry has no policy, so the action itself must name the school."""
    with db.transaction() as session:
        session.add(School(name="别的学校", slug="other", short_name="别的"))
    wizard.save("identity")
    wizard.save("look")
    with db.transaction() as session:
        other = session.scalars(select(School).where(School.slug == "other")).one()
        assert (other.name, other.accent, other.icp) == ("别的学校", "", "")
