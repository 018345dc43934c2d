"""The websockets open in this process, found by session, by account and by school."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from engineio.packet import MESSAGE, Packet

from campus.actor import Actor
from campus.realtime import metrics

MAX_LINKS_PER_ACCOUNT = 5
MAX_LINKS = 20_000


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


class Links:
    """The registry. One greenlet at a time changes it, as nothing here waits."""

    def __init__(self) -> None:
        self._all: dict[Link, None] = {}
        self._owners: dict[tuple[int | None, int | None], list[Link]] = {}

    def add(self, link: Link) -> None:
        """Know a link from now on; beyond five of one person the oldest ends."""
        self._all[link] = None
        self._owners.setdefault(link.owner, []).append(link)
        metrics.SOCKETS.set(len(self._all))
        for oldest in self._owners[link.owner][:-MAX_LINKS_PER_ACCOUNT]:
            oldest.cut("too-many")

    def remove(self, link: Link) -> None:
        """Forget a link; twice is once."""
        if link in self._all:
            del self._all[link]
            mine = self._owners[link.owner]
            mine.remove(link)
            if not mine:
                del self._owners[link.owner]
            metrics.SOCKETS.set(len(self._all))

    def sessions(self) -> set[int]:
        """The sessions that hold a link."""
        return {link.actor.session_id for link in self._all if link.actor.session_id is not None}

    def find(
        self,
        *,
        session_ids: Collection[int] | None = None,
        account_ids: Collection[int] | None = None,
        school_id: int | None = None,
    ) -> list[Link]:
        """The links of any of the sessions or accounts, within the school if one is named."""
        anybody = session_ids is None and account_ids is None
        sessions, accounts = set(session_ids or ()), set(account_ids or ())
        return [
            link
            for link in self._all
            if (school_id is None or link.actor.school_id == school_id)
            and (anybody or link.actor.session_id in sessions or link.actor.account_id in accounts)
        ]

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Link]:
        return iter(list(self._all))


LINKS = Links()
