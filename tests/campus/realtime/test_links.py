"""Nobody slips in between the reading of a session and the registry."""

from __future__ import annotations

import pytest

from campus.actor import Actor
from campus.realtime.links import ANYBODY, REMEMBERED, Link, Links, Whom


class Engine:
    """Stands for Engine.IO's socket: only whether it was closed matters here."""

    closed = False

    def close(self, wait: bool) -> None:
        self.closed = True


class Queue:
    """A packet queue that counts."""

    hints = 0


def link_of(account: int, session: int, school: int = 1) -> Link:
    return Link(Actor(account, "某人", school, session_id=session), {}, Engine(), Queue())


@pytest.mark.parametrize(
    ("whom", "named"),
    [
        (Whom(session_ids=frozenset({11})), True),
        (Whom(session_ids=frozenset({12})), False),
        (Whom(account_ids=frozenset({1})), True),
        (Whom(account_ids=frozenset({1}), school_id=2), False),
        (Whom(school_id=1), True),
        (Whom(session_ids=frozenset()), False),
        (Whom(session_ids=frozenset(), school_id=1), False),
        (ANYBODY, True),
    ],
)
def test_a_revocation_during_the_handshake_ends_the_link(whom: Whom, named: bool) -> None:
    links, link = Links(), link_of(account=1, session=11)
    read_at = links.revocations
    links.revoke(whom, "left")
    links.add(link, read_at)
    assert link.engine.closed is named


def test_an_earlier_revocation_does_not_concern_a_later_reading() -> None:
    links, link = Links(), link_of(account=1, session=11)
    links.revoke(Whom(account_ids=frozenset({1})), "left")
    links.add(link, links.revocations)
    assert not link.engine.closed
    assert links.sessions() == {11}


def test_more_revocations_than_remembered_end_the_link_to_be_safe() -> None:
    links, link = Links(), link_of(account=1, session=11)
    for _ in range(REMEMBERED + 1):
        links.revoke(Whom(session_ids=frozenset({99})), "left")
    links.add(link, 0)
    assert link.engine.closed


def test_forgetting_twice_is_once() -> None:
    links, link = Links(), link_of(account=1, session=11)
    links.add(link, 0)
    links.remove(link)
    links.remove(link)
    assert len(links) == 0
    assert links.sessions() == frozenset()
