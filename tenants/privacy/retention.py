"""What is kept how long and why, table by table; docs/retention.md is the same in sentences.

The classes, and what an erasure does with each (PIPL 19, 47; 儿童个人信息网络保护规定 art. 10):

CONSENT  rests on the guardian's consent: goes when that is withdrawn
DUTY     what the school must be able to show (roll, attendance): goes with the pupil, after leaving
PERSON   a person's own things in one school: goes with the person
HOUSE    the school's own arrangements without a family in them: goes with the school
LOG      who did what, numbers only: at least six months (网络安全法 art. 23), then pseudonymous
SHORT    works for minutes or days and empties itself
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

LOG_KEPT = timedelta(days=183)


class Kept(StrEnum):
    """The retention class of a table."""

    CONSENT = "consent"
    DUTY = "duty"
    PERSON = "person"
    HOUSE = "house"
    LOG = "log"
    SHORT = "short"


CLASS_TITLES = {
    Kept.CONSENT: "撤回同意即删除",
    Kept.DUTY: "学校依法保存，离校后可删",
    Kept.PERSON: "随本人删除",
    Kept.HOUSE: "随学校删除",
    Kept.LOG: "日志，至少六个月",
    Kept.SHORT: "短期，自动清空",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """The class of one table, what it is in words, and how long it stays."""

    kept: Kept
    title: str
    how_long: str


def _rules(kept: Kept, how_long: str, **titles: str) -> dict[str, Rule]:
    return {name: Rule(kept, title, how_long) for name, title in titles.items()}


RULES: dict[str, Rule] = {
    **_rules(
        Kept.CONSENT,
        "在校期间；撤回同意或离校后按申请删除",
        growth_record="成长记录",
        praise_pupil="点评了谁",
        praise="点评",
        photo="照片",
        notification="发给家长的消息",
    ),
    **_rules(
        Kept.DUTY,
        "按学籍和档案规定；离校后按申请删除",
        pupil="学生",
        pupil_number="学籍号、身份证号（加密）",
        enrollment="在哪个班",
        departure="转出、休学",
        attendance_mark="考勤",
        consent="同意和撤回的凭证",
        turn="升级、转班的记录",
        turn_change="升级、转班改了什么",
        pupil_merge="重复学生的合并",
    ),
    **_rules(
        Kept.PERSON,
        "有这个身份期间",
        guardian="监护人",
        guardianship="监护关系",
        former_phone="以前的手机号",
        growth_book="成长册的计数",
        inbox="收件箱的计数",
        membership="在学校的身份",
        idempotency_key="防重复提交的记号",
        invitation="邀请码（散列）",
        reset_code="密码重设码（散列）",
        staff="教职工",
        assignment="任教",
        duty="职务",
        approval="审批",
        takeaway_task="带走与删除的办理",
    ),
    **_rules(
        Kept.HOUSE,
        "学校使用期间",
        school="学校",
        school_year="学年",
        term="学期",
        calendar_day="校历上的放假和补课",
        subject="科目",
        homeroom_class="班级",
        attendance_sheet="点名表",
        period="作息",
        timetable_slot="课表",
        privacy_rules="儿童个人信息保护规则",
        setup_step="开通向导",
        turn_plan="升级计划",
        turn_choice="升级计划里的例外",
        import_habit="导入时认得的表头",
    ),
    **_rules(
        Kept.LOG,
        "至少六个月；删除学校时换成去掉姓名的封存行",
        audit_entry="操作日志",
        audit_seal="日志的封印",
        audit_head="日志的封印",
        audit_pending="待封印的日志",
    ),
    **_rules(
        Kept.SHORT,
        "几分钟到几天",
        outbox="待发的提示",
        invitation_miss="输错邀请码",
        import_run="一次导入",
        import_line="导入的行",
        import_memory="导入时见过的值",
    ),
}
# Tables without a school: what happens to them when a person's last school is gone.
ACCOUNTS = {
    "account": "改成去掉姓名和手机号的空壳，日志里的编号不再指向任何人",
    "account_session": "删除",
    "account_event": "只增不改的登录日志，至少六个月，账号已是空壳",
    "second_factor": "删除",
    "recovery_code": "删除",
    "passkey": "删除",
    "passkey_challenge": "三分钟后无用，不知道是谁的",
    "phone_change": "删除；平时三十天后自动删除",
    "login_failure": "只有手机号的密钥散列，十五分钟后无用",
    "erasure_certificate": "删除学校的证明，一直保存",
    "sealed_line": "去掉姓名的日志，到期自动删除",
}
# Those of them that hold only one person's own things, in the words of a certificate.
OWN_TABLES = {
    "account_session": "登录",
    "second_factor": "两步验证",
    "recovery_code": "备用码",
    "passkey": "通行密钥",
    "phone_change": "换手机号的记录",
}


def title(table: str) -> str:
    """A table in words."""
    rule = RULES.get(table)
    return rule.title if rule else table
