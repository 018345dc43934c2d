"""The number a guardian signs in with, where the school has a hand in it, and who hears of it.

A school may move the sign-in of a family that lost the old number, as far as it may reset the
password: never of staff, never of somebody who also belongs to another school, never onto a number
of somebody else's. All sessions end and the person is told, so a wrong hand shows.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, func, select, update

from campus import clock, db
from campus.actor import Actor
from campus.errors import Conflict, InvalidInput
from campus.identity import phones
from campus.identity.events import PhoneChanged, phone_changed
from campus.identity.models import Account, AccountSession
from campus.realtime import revoke
from tenants.families import reset
from tenants.messages.actions import News, notify
from tenants.people import scope
from tenants.people.models import Assignment, Enrollment, Guardian, Guardianship, Pupil, Staff
from tenants.people.queries import given_name

ACCOUNT = "account"
THEIRS = (
    "这个账号同时是老师账号，或在别的学校也有身份：请本人登录后，在“我的”里点“换手机号”自己改。"
    "本人登不进来的，请联系学校管理员转平台处理。"
)
OTHERS = (
    "这个号码已经有别人的账号，或最近换过主人，不能改成它。请和家长再核对一遍；"
    "如果家长自己用这个号码注册过，请家长用那个账号扫入校单加入。"
)
MOVED = News(
    0,
    "您的登录手机号改了",
    "学校把您的手机号改成了新的，以后用新号码和原来的密码登录。如果您没有请学校改，请马上联系班主任。",
)


def listen() -> None:
    """Hear of people who change their number themselves; connecting twice changes nothing."""
    phone_changed.connect(on_phone_changed)


def move_login(actor: Actor, *, account_id: int, phone: str) -> None:
    """Let the account sign in by the number the school has just corrected; its sessions end.

    Raises Conflict for an account that is not only this school's family, InvalidInput when the
    number is somebody else's.
    """
    account = db.session().get_one(Account, account_id, with_for_update=True)
    if reset.reaches_further(account_id):
        raise Conflict(THEIRS)
    if account.phone == phone:
        return
    try:
        phones.move(account, phone, by=actor)
    except InvalidInput as error:
        raise InvalidInput({"phone": OTHERS}) from error
    ended = db.session().scalars(
        update(AccountSession)
        .where(AccountSession.account_id == account_id, AccountSession.ended_at.is_(None))
        .values(ended_at=func.now())
        .returning(AccountSession.id)
    )
    revoke(session_ids=ended.all(), reason="signed-out")
    _tell([News(account_id, MOVED.title, MOVED.body)])


def on_phone_changed(_: object, *, event: PhoneChanged) -> None:
    """The class teachers of the person's children hear that the list has a new number."""
    _tell(
        [
            News(
                row.account_id,
                f"{given_name(row.name)}的{row.relation}换了手机号",
                "本人改的，名册里的号码已经一起改好，不用您做什么。如果家长说不是自己改的，请联系学校管理员。",
                row.pupil_id,
            )
            for row in _class_teachers(event.account_id)
            if row.account_id != event.account_id
        ]
    )


def _tell(news: list[News]) -> None:
    notify(
        news,
        kind=ACCOUNT,
        source_kind="phone",
        source_id=None,
        class_id=None,
        at=clock.now(),
    )


def _class_teachers(guardian_account: int) -> list[Any]:
    """(account_id, pupil_id, name, relation) of each child's class teacher today."""

    def along(one: Any, key: Any, other: Any, to: Any) -> Any:
        return and_(other.school_id == one.school_id, to == key)

    return list(
        db.rows(
            select(Staff.account_id, Pupil.id.label("pupil_id"), Pupil.name, Guardianship.relation)
            .select_from(Guardian)
            .join(
                Guardianship, along(Guardian, Guardian.id, Guardianship, Guardianship.guardian_id)
            )
            .join(Pupil, along(Guardianship, Guardianship.pupil_id, Pupil, Pupil.id))
            .join(Enrollment, along(Pupil, Pupil.id, Enrollment, Enrollment.pupil_id))
            .join(
                Assignment,
                along(Enrollment, Enrollment.class_id, Assignment, Assignment.class_id),
            )
            .join(Staff, along(Assignment, Assignment.staff_id, Staff, Staff.id))
            .where(
                Guardian.school_id == db.school_id(),
                Guardian.account_id == guardian_account,
                Guardianship.ended_at.is_(None),
                scope.current(Enrollment),
                scope.current(Assignment),
                Assignment.homeroom,
            )
            .distinct()
        )
    )
