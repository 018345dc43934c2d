"""The register of purposes: what is collected, why, how long, and what a no means; and the answers.

Sources: PIPL 17, 28, 31 (purpose, necessity, a guardian's consent for children under 14), 47
(deletion when consent is withdrawn); 儿童个人信息网络保护规定 8–10 (a named officer; a real refuse;
storage place, term and after-expiry; safeguards; how to correct and delete; where to complain).
A changed sentence is a new version in `people.consents.VERSIONS`, and families are asked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from campus import audit, db
from campus.actor import Actor
from campus.errors import NotFound
from tenants.families.permissions import Families
from tenants.people.consents import (
    CLASS_PHOTO,
    GROWTH_PHOTO,
    REMINDERS,
    VERSIONS,
    Answer,
    Consent,
    record_answers,
)
from tenants.people.models import Guardian, Guardianship, Pupil
from tenants.setup.rules import newest

JOINING, OWN_PAGE = "joining", "own-page"


@dataclass(frozen=True, slots=True)
class Purpose:
    """One thing that may be done with a child's data, asked for on its own."""

    key: str
    title: str
    collected: str
    why: str
    kept: str
    refusing: str

    @property
    def version(self) -> int:
        """Which wording this is."""
        return VERSIONS[self.key]


PURPOSES = (
    Purpose(
        GROWTH_PHOTO,
        "成长记录里放孩子的照片",
        "老师拍下的、只有您的孩子的照片",
        "和老师写的话一起放进孩子自己的成长记录，只有孩子的监护人和任课老师看得到",
        "孩子在校期间；您改成不同意，马上撤下并删除",
        "成长记录照常有文字，没有照片",
    ),
    Purpose(
        CLASS_PHOTO,
        "和同学一起出现在照片里",
        "课堂和活动里有您的孩子、也有别的孩子的照片",
        "放进照片里每个孩子的成长记录和班级相册，这些同学的家长也看得到",
        "孩子在校期间；您改成不同意，马上从每个人那里撤下并删除",
        "有您孩子的合影不会发给别的家庭；孩子照常参加活动",
    ),
    Purpose(
        REMINDERS,
        "在这个网站以外提醒您",
        "您的手机号",
        "有要签字的通知时，用短信或微信提醒您。目前学校还没有开通，开通后按您的选择来",
        "到您改变选择，或孩子离校",
        "不发站外提醒；您登录后一样看得到全部通知",
    ),
)

# What a school must keep by law: told plainly, not asked for, not refusable.
BY_LAW = (
    ("学籍和班级", "姓名、性别、出生日期、班级、座号", "义务教育法、中小学生学籍管理办法"),
    ("考勤和请假", "到校、迟到、请假", "学校安全管理，未到校要及时告诉家长"),
    ("老师的评价", "五个方面的文字评语，不打总分、不排名", "义务教育质量评价指南"),
    ("监护人和电话", "称呼、手机号、谁可以接孩子", "出事时找得到您"),
)
SAFEGUARDS = (
    ("存在哪里", "中华人民共和国境内的服务器，学校之间互相看不到。"),
    ("怎么保护", "传输加密；按班级授权，谁看过孩子的资料都有记录；手机号默认遮住中间四位。"),
    ("到期以后", "由学校删除，或去掉能认出孩子的内容；法律要求归档的只保存、不再使用。"),
    (
        "改正和删除",
        "在“我的孩子”里随时改主意；资料有错或要删除，告诉班主任或负责人，学校按规定及时处理。",
    ),
)
NO_OFFICER = (
    "学校还没有公布个人信息保护负责人。公布以前，要查看、更正或者删除孩子的信息，请先找班主任。"
)
AUTHORITIES = "不满意可以向当地网信部门或 12377 投诉。"


@dataclass(frozen=True, slots=True)
class Officer:
    """Who answers for children's information, as the school published it (规定 art. 8)."""

    name: str
    phone: str
    email: str
    complaint: str

    @property
    def words(self) -> str:
        """Who and how to reach them, in one sentence."""
        mail = f"，邮箱 {self.email}" if self.email else ""
        return f"{self.name}，学校的个人信息保护负责人，电话 {self.phone}{mail}。"


def officer() -> Officer | None:
    """The officer of the rules as they stand now; None while the school has named nobody."""
    said = newest()
    if not said or not said.get("officer"):
        return None
    return Officer(said["officer"], said["officer_phone"], said["officer_email"], said["complaint"])


def safeguards(found: Officer | None) -> list[tuple[str, str]]:
    """What is done with the data and whom to turn to: a name and a number, not a role."""
    complain = f"先找负责人，或：{found.complaint}。" if found else "先找班主任或学校办公室。"
    return [
        ("谁负责", found.words if found else NO_OFFICER),
        *SAFEGUARDS,
        ("投诉", complain.replace("。。", "。") + AUTHORITIES),
    ]


@dataclass(frozen=True, slots=True)
class Line:
    """A purpose with the actor's own standing answer: None when not answered to this wording."""

    purpose: Purpose
    agreed: bool | None
    at: datetime | None


def lines_of(actor: Actor, pupil_id: int) -> list[Line]:
    """Every purpose with what the actor answered about the own child. Raises NotFound."""
    guardian_id, _ = own_tie(actor, pupil_id)
    rows = db.rows(
        select(Consent.purpose, Consent.version, Consent.agreed, Consent.at).where(
            Consent.school_id == db.school_id(),
            Consent.guardian_id == guardian_id,
            Consent.pupil_id == pupil_id,
            Consent.withdrawn_at.is_(None),
        )
    )
    held = {(row[0], row[1]): (row[2], row[3]) for row in rows}
    return [Line(one, *held.get((one.key, one.version), (None, None))) for one in PURPOSES]


def own_tie(actor: Actor, pupil_id: int) -> tuple[int, str]:
    """The actor's guardian row for an own child, and the child's name. Raises NotFound."""
    rows = db.rows(
        select(Guardianship.guardian_id, Pupil.name)
        .join(Guardian, db.on(Guardianship, Guardian, "guardian_id"))
        .join(Pupil, db.on(Guardianship, Pupil, "pupil_id"))
        .where(
            Guardianship.school_id == db.school_id(),
            Guardianship.pupil_id == pupil_id,
            Guardianship.ended_at.is_(None),
            Guardian.account_id == actor.account_id,
        )
    )
    if not rows:
        raise NotFound
    return rows[0][0], rows[0][1]


def answer(actor: Actor, *, pupil_id: int, answers: Mapping[str, bool], channel: str) -> int:
    """Let the actor's answers about the own child stand; returns how many changed.

    A no takes down at once what it forbids: whoever shows it hears `people.consent_changed`.
    Raises NotFound for a child that is not the actor's.
    """
    actor.check(Families.OWN)
    guardian_id, _ = own_tie(actor, pupil_id)
    standing = {line.purpose.key: line.agreed for line in lines_of(actor, pupil_id)}
    changed = {key: agreed for key, agreed in answers.items() if standing[key] != agreed}
    record_answers(
        actor,
        [Answer(guardian_id, pupil_id, key, agreed) for key, agreed in changed.items()],
        channel=channel,
    )
    if changed:
        said = {key: "yes" if agreed else "no" for key, agreed in changed.items()}
        audit.record(actor, "families.consent", "pupil", pupil_id, channel=channel, **said)
    return len(changed)
