"""What a guardian may know of a child: the one door for pages, JSON, zips, paper and sockets.

The school limits a guardian (Guardianship.limited) where parents live apart, or keeps illness from
one (may_see_health). Whatever is shown or handed to a guardian asks here, when it is shown and when
it is packed, and again when what was packed is fetched. Hints through sockets carry ids and
counters only, so there is nothing in them to hold back. Nobody else reads the two columns, but for
the staff's page where they are set (tests/rules/test_custody.py).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Select, and_

from campus import db
from campus.actor import Actor
from campus.errors import NotFound
from campus.personal_data import Reader
from tenants.people import scope
from tenants.people.events import CustodyChanged, custody_changed
from tenants.people.models import Guardianship

# Conditions on a guardian's own tie: may they know of illness, and of the other guardians.
HEALTH = and_(Guardianship.may_see_health, Guardianship.limited.is_(False))
OTHERS = Guardianship.limited.is_(False)


class Sight(NamedTuple):
    """What one guardian may know of one child; ``guardians`` are their own rows."""

    guardians: frozenset[int]
    health: bool
    others: bool

    def reader(self) -> Reader:
        """For whom a book is made."""
        return Reader(health=self.health, guardians=None if self.others else self.guardians)

    def made(self) -> dict[str, bool]:
        """What is kept beside something packed for this guardian."""
        return {"health": self.health, "others": self.others}

    def covers(self, made: dict[str, Any]) -> bool:
        """Whether something packed earlier holds no more than this guardian may know now."""
        return (self.health or not made.get("health", True)) and (
            self.others or not made.get("others", True)
        )


def sight_of(actor: Actor, pupil_id: int) -> Sight:
    """What the actor, as a guardian, may know of the own child. Raises NotFound."""
    own = scope.children_of(actor).where(Guardianship.pupil_id == pupil_id)
    rows = db.rows(own.with_only_columns(Guardianship.guardian_id, HEALTH, OTHERS))
    if not rows:
        raise NotFound
    return Sight(
        frozenset(row[0] for row in rows),
        all(row[1] for row in rows),
        all(row[2] for row in rows),
    )


def health_of(actor: Actor) -> Select[int]:
    """Those of the actor's own children whose illness the actor may know of."""
    return scope.children_of(actor).where(HEALTH)


def changed(pupil_id: int, account_id: int | None) -> None:
    """Tell those above that an account may know of a child something else than before."""
    if account_id is not None:
        custody_changed.send(None, event=CustodyChanged(pupil_id, account_id))
