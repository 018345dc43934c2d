"""`account password`, `operator`, `disable`: for whoever has a shell on the server."""

from __future__ import annotations

import re
import sys

import click
from sqlalchemy import delete, func, select, update

from campus import db
from campus.actor import Actor
from campus.cli import connected
from campus.errors import InvalidInput, NotFound
from campus.forms import PHONE, PHONE_WRONG
from campus.identity import passwords
from campus.identity.actions import disable_account, register_accounts
from campus.identity.models import Account, AccountEvent, AccountSession
from campus.identity.passkey_models import Passkey
from campus.realtime import revoke

UNKNOWN = "没有这个手机号的账号。"


@click.group("account")
def commands() -> None:
    """账号：设密码，设平台运维，停用。"""


@commands.command("password")
@click.argument("phone")
def password(phone: str) -> None:
    """给一个账号设新密码（从提示或标准输入读），并结束它所有的登录。"""
    connected()
    with db.transaction(read_only=True):
        account = _account(phone)
    new = _asked()
    weak = passwords.weakness(new, (account.phone, account.name))
    if weak:
        raise InvalidInput({"new": weak})
    password_hash = passwords.hashed(new)
    with db.transaction():
        set_password_hash(account.id, password_hash)
    click.echo("密码已设好，原有的登录都已结束。")


@commands.command("operator")
@click.argument("phone")
@click.option("--name", default="平台运维", show_default=True, help="还没有账号时用的姓名")
@click.option("--revoke", "taken", is_flag=True, help="收回")
def operator(phone: str, name: str, taken: bool) -> None:
    """让一个账号成为平台运维（没有就新建），或收回。"""
    connected()
    with db.transaction() as session:
        if not taken:
            register_accounts({_phone(phone): name})
        account = _account(phone)
        session.execute(update(Account).where(Account.id == account.id).values(operator=not taken))
        kind = "operator-revoked" if taken else "operator"
        session.add(AccountEvent(account_id=account.id, kind=kind))
    click.echo("已收回平台运维。" if taken else "已设为平台运维。")


@commands.command("disable")
@click.argument("phone")
def disable(phone: str) -> None:
    """停用一个账号：不能再登录，所有登录立即结束；资料都还在。"""
    connected()
    with db.transaction():
        disable_account(Actor.system(), account_id=_account(phone).id)
    click.echo("账号已停用，它的登录都已结束。")


def set_password_hash(account_id: int, password_hash: str) -> None:
    """Store a new password and end every session and passkey of the account: whoever it was lost
    to is out. In the open transaction."""
    session = db.session()
    session.execute(delete(Passkey).where(Passkey.account_id == account_id))
    session.execute(
        update(Account)
        .where(Account.id == account_id)
        .values(password_hash=password_hash, password_changed_at=func.now())
    )
    ended = session.scalars(
        update(AccountSession)
        .where(AccountSession.account_id == account_id, AccountSession.ended_at.is_(None))
        .values(ended_at=func.now())
        .returning(AccountSession.id)
    ).all()
    revoke(session_ids=ended, reason="signed-out")
    session.add(AccountEvent(account_id=account_id, kind="password"))


def _phone(phone: str) -> str:
    if not re.fullmatch(PHONE, phone):
        raise InvalidInput({"phone": PHONE_WRONG})
    return phone


def _account(phone: str) -> Account:
    account = db.session().scalar(select(Account).where(Account.phone == _phone(phone)))
    if account is None:
        raise NotFound(UNKNOWN)
    return account


def _asked() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("新密码", hide_input=True, confirmation_prompt="再输一次"))
    return sys.stdin.readline().rstrip("\n")
