"""The websockets open in this process, found by session, by account and by school."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from engineio.packet import MESSAGE, Packet

from campus.actor import Actor
from campus.realtime import metrics

MAX_LINKS_PER_ACCOUNT = 5
MAX_LINKS = 20_000
REMEMBERED = 1_000


class Counted(Protocol):
    """A packet queue that counts the hints put into it."""

    hints: int


@dataclass(slots=True, eq=False)
class Link:
    """One websocket: whose it is, and the request it began with (to look at the person again)."""

    actor: Actor
    environ: dict[str, Any]
    engine: Any
    queue: Counted
    sid: str | None = None

    @property
    def owner(self) -> tuple[int | None, int | None]:
        """The school and the account: the same account in two schools is two owners."""
        return self.actor.school_id, self.actor.account_id

    def say(self, event: str, data: dict[str, Any]) -> None:
        """Tell this one client, in order with its hints; nothing if it has gone."""
        if self.sid is not None and not self.engine.closed:
            self.engine.send(Packet(MESSAGE, f"2{json.dumps([event, data])}"))

    def cut(self, reason: str) -> None:
        """Say ``bye`` and end the connection within half a second; twice is once."""
        if not self.engine.closed:
            metrics.CUTS.labels(reason).inc()
            self.say("bye", {"reason": reason})
            self.engine.close(wait=False)


@dataclass(frozen=True, slots=True)
class Whom:
    """Any of the sessions or accounts, within the school if one is named; or all of it."""

    session_ids: frozenset[int] | None = None
    account_ids: frozenset[int] | None = None
    school_id: int | None = None

    def __contains__(self, link: Link) -> bool:
        actor = link.actor
        if self.school_id is not None and actor.school_id != self.school_id:
            return False
        if self.session_ids is None and self.account_ids is None:
            return True
        return actor.session_id in (self.session_ids or ()) or actor.account_id in (
            self.account_ids or ()
        )


ANYBODY = Whom()


class Links:
    """The registry. One greenlet at a time changes it, as nothing here waits.

    Between the reading of a session at the gate and its link being known here, a revocation finds
    nothing to cut. So revocations are numbered and the last ones remembered: ``add`` is told how
    many there were before the reading, and ends a link that a later one names.
    """

    def __init__(self) -> None:
        self._all: dict[Link, None] = {}
        self._owners: dict[tuple[int | None, int | None], list[Link]] = {}
        self._recent: deque[Whom] = deque(maxlen=REMEMBERED)
        self.revocations = 0

    def add(self, link: Link, read_at: int) -> None:
        """Know a link from now on; beyond five of one person the oldest ends.

        ``read_at`` is ``revocations`` as it was before the person was read from the database.
        """
        self._all[link] = None
        self._owners.setdefault(link.owner, []).append(link)
        metrics.SOCKETS.set(len(self._all))
        for oldest in self._owners[link.owner][:-MAX_LINKS_PER_ACCOUNT]:
            oldest.cut("too-many")
        if self._revoked_since(link, self.revocations - read_at):
            link.cut("changed")

    def _revoked_since(self, link: Link, missed: int) -> bool:
        if missed > len(self._recent):
            return True  # more than we remember: let it come back and be read again
        return any(link in whom for whom in islice(reversed(self._recent), missed))

    def remove(self, link: Link) -> None:
        """Forget a link; twice is once."""
        if link in self._all:
            del self._all[link]
            mine = self._owners[link.owner]
            mine.remove(link)
            if not mine:
                del self._owners[link.owner]
            metrics.SOCKETS.set(len(self._all))

    def revoke(self, whom: Whom, reason: str) -> None:
        """Cut whoever is named, also those just between the gate and this registry."""
        self.suspect(whom)
        for link in self:
            if link in whom:
                link.cut(reason)

    def suspect(self, whom: Whom) -> None:
        """Cut only those between the gate and this registry: they may have been read too early."""
        self.revocations += 1
        self._recent.append(whom)

    def sessions(self) -> frozenset[int]:
        """The sessions that hold a link."""
        held = (link.actor.session_id for link in self._all)
        return frozenset(number for number in held if number is not None)

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Link]:
        return iter(list(self._all))


LINKS = Links()
