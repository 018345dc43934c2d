"""Putting news into inboxes, taking it back, reading it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from campus import audit, clock, db, idempotency, outbox
from campus.actor import Actor
from campus.errors import InvalidInput
from tenants.classes.attendance import reach_class
from tenants.messages.blanks import unfilled
from tenants.messages.models import Inbox, Notification
from tenants.messages.permissions import Messages
from tenants.people import scope
from tenants.people.bulk import raise_counters
from tenants.people.models import Enrollment

CHANGED = "messages.changed"
NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class News:
    """One piece of news for one person."""

    account_id: int
    title: str
    body: str = ""
    pupil_id: int | None = None


def notify(
    news: Iterable[News],
    *,
    kind: str,
    source_kind: str,
    source_id: int | None,
    class_id: int | None,
    at: datetime,
) -> int:
    """Put news into its readers' inboxes and hint to them; returns how many there were.

    Every inbox's counter is raised under its row lock, in one order, in one statement.
    """
    waiting: dict[int, list[News]] = {}
    for item in news:
        waiting.setdefault(item.account_id, []).append(item)
    if not waiting:
        return 0
    counts = {account: len(items) for account, items in waiting.items()}
    last = raise_counters(Inbox, "account_id", "last_seq", counts)
    common: dict[str, Any] = {
        "school_id": db.school_id(),
        "kind": kind,
        "source_kind": source_kind,
        "source_id": source_id,
        "class_id": class_id,
        "created_at": at,
    }
    rows = [
        common
        | {
            "account_id": account,
            "seq": last[account] - len(items) + position,
            "title": item.title,
            "body": item.body,
            "pupil_id": item.pupil_id,
        }
        for account, items in waiting.items()
        for position, item in enumerate(items, start=1)
    ]
    db.session().execute(insert(Notification), rows)
    outbox.publish(CHANGED, to=waiting)
    return len(rows)


def withdraw(*, source_kind: str, source_id: int) -> None:
    """Take news of one source back from every inbox and hint to those who had it."""
    had = db.session().scalars(
        update(Notification)
        .where(
            Notification.school_id == db.school_id(),
            Notification.source_kind == source_kind,
            Notification.source_id == source_id,
            Notification.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=func.now())
        .returning(Notification.account_id)
    )
    outbox.publish(CHANGED, to=set(had))


def announce(
    actor: Actor,
    *,
    class_ids: Sequence[int],
    title: str,
    body: str,
    key: str | None = None,
    at: datetime | None = None,
) -> int:
    """Tell the families of classes something; returns how many people it reached.

    Raises NotFound for a class out of reach, InvalidInput by field, Conflict for a reused key.
    """
    check_notice(actor, class_ids=class_ids, title=title, body=body)
    asked = {"classes": sorted(class_ids), "title": title, "body": body}

    def act() -> int:
        return _announce(actor, sorted(set(class_ids)), title.strip(), body.strip(), at)

    return idempotency.once(actor, key, asked, act)


def check_notice(actor: Actor, *, class_ids: Sequence[int], title: str, body: str) -> None:
    """What must be so before a notice is shown or sent. Raises as `announce` does."""
    actor.check(Messages.ANNOUNCE)
    for class_id in class_ids:
        reach_class(actor, class_id)
    wrong = {name: unfilled(text) for name, text in (("title", title), ("body", body))}
    if not title.strip():
        wrong["title"] = "请写一个标题。"
    found = {name: words for name, words in wrong.items() if words}
    if found:
        raise InvalidInput(found)


def _announce(
    actor: Actor, class_ids: Sequence[int], title: str, body: str, at: datetime | None
) -> int:
    """One piece of news a person, also where two of their children are in the classes."""
    pupils = select(Enrollment.pupil_id).where(
        Enrollment.school_id == db.school_id(),
        Enrollment.class_id == func.any(list(class_ids)),
        scope.current(Enrollment),
    )
    children: dict[int, list[int]] = {}
    for pupil_id, account in db.session().execute(scope.guardian_accounts(pupils)):
        children.setdefault(account, []).append(pupil_id)
    for class_id in class_ids:
        audit.record(actor, "messages.announce", "class", class_id, people=len(children))
    return notify(
        [
            News(account, title, body, own[0] if len(own) == 1 else None)
            for account, own in children.items()
        ],
        kind=NOTICE,
        source_kind=NOTICE,
        source_id=None,
        class_id=class_ids[0] if len(class_ids) == 1 else None,
        at=at or clock.now(),
    )


def read_all(actor: Actor) -> None:
    """Mark everything in the actor's inbox as read."""
    actor.check(Messages.READ)
    db.session().execute(
        update(Notification)
        .where(
            Notification.school_id == db.school_id(),
            Notification.account_id == actor.account_id,
            Notification.read_at.is_(None),
        )
        .values(read_at=func.now())
    )


def read_one(actor: Actor, *, seq: int) -> None:
    """Mark one piece of news in the actor's inbox as read; an unknown one changes nothing."""
    actor.check(Messages.READ)
    db.session().execute(
        update(Notification)
        .where(
            Notification.school_id == db.school_id(),
            Notification.account_id == actor.account_id,
            Notification.seq == seq,
            Notification.read_at.is_(None),
        )
        .values(read_at=func.now())
    )
