"""What the platform itself keeps of people: accounts, sign-ins, memberships, the log, hints."""

from __future__ import annotations

from sqlalchemy import Integer, any_, cast, func, update

from campus import db
from campus.erasure import Erasure
from campus.outbox import Outbox
from campus.personal_data import AccountRule, Kept, PersonalData, Rule

ONLY_HERE = "操作日志的封印，只有本平台能核对"


def _erase_hints(erasure: Erasure, pupil_id: int) -> None:
    about = cast(Outbox.payload["pupil_id"].astext, Integer) == pupil_id
    erasure.delete(Outbox, about)


def _erase_addressee(erasure: Erasure, account_id: int) -> None:
    erasure.delete(Outbox, Outbox.account_ids == [account_id])
    db.session().execute(
        update(Outbox)
        .where(Outbox.school_id == db.school_id(), any_(Outbox.account_ids) == account_id)
        .values(account_ids=func.array_remove(Outbox.account_ids, account_id))
    )


PERSONAL_DATA = PersonalData(
    tables={
        "school": Rule(Kept.HOUSE, "学校"),
        "membership": Rule(Kept.PERSON, "在学校的身份"),
        "idempotency_key": Rule(
            Kept.PERSON,
            "防重复提交的记号",
            account="account_id",
            left_out="防止重复提交的记号，对别处没有用",
        ),
        "audit_entry": Rule(Kept.LOG, "操作日志"),
        "audit_seal": Rule(Kept.LOG, "日志的封印", left_out=ONLY_HERE),
        "audit_head": Rule(Kept.LOG, "日志的封印", left_out=ONLY_HERE),
        "audit_pending": Rule(Kept.LOG, "待封印的日志"),
        "outbox": Rule(Kept.SHORT, "待发的提示"),
    },
    accounts={
        "account": AccountRule("改成去掉姓名和手机号的空壳，日志里的编号不再指向任何人"),
        "account_session": AccountRule("删除", own="登录"),
        "account_event": AccountRule("只增不改的登录日志，至少六个月，账号已是空壳"),
        "second_factor": AccountRule("删除", own="两步验证"),
        "recovery_code": AccountRule("删除", own="备用码"),
        "passkey": AccountRule("删除", own="通行密钥"),
        "passkey_challenge": AccountRule("三分钟后无用，不知道是谁的"),
        "phone_change": AccountRule("删除；平时三十天后自动删除", own="换手机号的记录"),
        "login_failure": AccountRule("只有手机号的密钥散列，十五分钟后无用"),
        "erasure_certificate": AccountRule("删除学校的证明，一直保存"),
        "sealed_line": AccountRule("去掉姓名的日志，到期自动删除"),
    },
    erase_consented=_erase_hints,
    erase_account=_erase_addressee,
)
