"""What needs two people: the whole school's export, every erasure.

The export asks through `access.approval` like every other list with names; an erasure is a task of
its own that the second person confirms on its page. Who may be the second is decided there too.
"""

from __future__ import annotations

from campus import clock
from campus.actor import Actor
from campus.errors import Forbidden
from tenants.oversight.approval import OWN, Asked, may_decide
from tenants.privacy.models import TakeawayTask

KIND = "takeaway-school"


def wish(reason: str, back: str) -> Asked:
    """The whole school's export as a question to the second person."""
    return Asked(KIND, reason, "全校资料：名单、记录、照片", back)


def confirm(actor: Actor, task: TakeawayTask) -> None:
    """Sign as the second person. Raises Forbidden for the one who asked."""
    if actor.account_id is None or not may_decide(actor, task.asked_by or 0):
        raise Forbidden(OWN)
    task.approved_by, task.approved_at = actor.account_id, clock.now()
