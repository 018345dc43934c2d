"""Codes: five alive, the sixth ends the first, a week, hashes only, limits for typing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from campus import clock, db
from campus.errors import Forbidden, NotFound
from tenants.families import codes, look
from tenants.families.invite import Issued, Place, issue_codes
from tenants.families.models import Invitation
from tests.factories import SECRET, Seed

Issue = Callable[..., Issued]


def opens(seed: Seed, token: str, school: str = "a") -> bool:
    with db.transaction(school_id=seed.schools[school].id, read_only=True):
        try:
            look.find(token, secret=SECRET)
        except look.Dead:
            return False
        return True


def change(seed: Seed, one: Issued, **values: Any) -> None:
    with db.transaction(school_id=seed.schools["a"].id) as session:
        session.execute(
            update(Invitation).where(Invitation.id == one.invitation_id).values(**values)
        )


def test_the_sixth_code_ends_the_first(seed: Seed, issue: Issue) -> None:
    made = [issue("classmate") for _ in range(6)]
    assert [opens(seed, one.token) for one in made] == [False] + [True] * 5
    another = issue("child")
    assert opens(seed, another.token), "each child has five of its own"
    assert opens(seed, made[1].token)


def test_expired_revoked_and_tried_out_answer_alike(seed: Seed, issue: Issue, phone: Any) -> None:
    made = {name: issue("classmate") for name in ("expired", "revoked", "used", "tried")}
    now = clock.now()
    change(seed, made["expired"], expires_at=now - timedelta(seconds=1))
    change(seed, made["revoked"], revoked_at=now)
    change(seed, made["used"], used_at=now)
    change(seed, made["tried"], tries=look.MOST_TRIES)
    shown = {phone().page(f"/join/{one.token}", 404).main.get_text() for one in made.values()}
    shown.add(phone().page("/join/never-was", 404).main.get_text())
    assert len(shown) == 1
    assert "班主任" in shown.pop()


def test_only_hashes_are_kept(seed: Seed, issue: Issue) -> None:
    one = issue()
    assert len(one.token) >= 22, "128 bits at least"
    with db.transaction(school_id=seed.schools["a"].id, read_only=True) as session:
        row = session.scalars(select(Invitation).filter_by(id=one.invitation_id)).one()
        assert row.token_hash == codes.token_hash(one.token)
        assert one.short.encode() not in row.code_hash
        assert row.expires_at - row.created_at <= timedelta(days=7, seconds=1)


@pytest.mark.parametrize("typed", ["{}", " {} ", "{0[0]}-{0[1]}", "low"])
def test_a_short_code_as_people_type_it(seed: Seed, issue: Issue, phone: Any, typed: str) -> None:
    one = issue("classmate")
    halves = (one.short[:4], one.short[4:])
    text = (
        one.short.lower() if typed == "low" else typed.format(halves if "[" in typed else one.short)
    )
    found = phone().post("/join", {"code": text})
    assert phone().get(found.headers["Location"]).status_code == 200


def test_short_codes_are_of_one_school(seed: Seed, issue: Issue, phone: Any) -> None:
    one = issue()
    phone("b").post("/join", {"code": one.short}, 422)
    assert not opens(seed, one.token, "b")
    phone("b").get(f"/join/{one.token}", 404)


def test_guessing_is_slowed_down_and_the_qr_is_not(issue: Issue, phone: Any) -> None:
    one = issue()
    for _ in range(look.MISSES):
        phone().post("/join", {"code": "AAAA-AAAA"}, 422)
    phone().post("/join", {"code": one.short}, 429)
    phone().get(f"/join/{one.token}")


def test_a_ticket_is_of_one_school_and_half_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    given = codes.ticket(SECRET, 1, 7)
    assert codes.ticket_id(SECRET, 1, given) == 7
    assert codes.ticket_id(SECRET, 2, given) is None
    assert codes.ticket_id(SECRET, 1, given.replace("t.7", "t.8")) is None
    later = codes.time.time() + codes.TICKET_SECONDS + 1
    monkeypatch.setattr(codes.time, "time", lambda: later)
    assert codes.ticket_id(SECRET, 1, given) is None


@pytest.mark.parametrize(
    ("who", "error"),
    [("subject_teacher", NotFound), ("other_teacher", NotFound), ("head", Forbidden)],
)
def test_who_may_not_invite(seed: Seed, who: str, error: type[Exception]) -> None:
    place = Place(seed.schools["a"].ids["child"])
    with pytest.raises(error), db.transaction(school_id=seed.schools["a"].id):
        issue_codes(seed.actor(who), places=[place], secret=SECRET)


def test_a_guardian_of_another_child_is_no_place(seed: Seed) -> None:
    ids = seed.schools["a"].ids
    place = Place(ids["classmate"], ids["unjoined_guardian"])
    with pytest.raises(NotFound), db.transaction(school_id=seed.schools["a"].id):
        issue_codes(seed.actor("class_teacher"), places=[place], secret=SECRET)


def test_taking_a_code_back(seed: Seed, issue: Issue, client_of: Any) -> None:
    one = issue()
    page = f"/families/pupils/{seed.schools['a'].ids['child']}"
    assert "还有效的码" in client_of("class_teacher").page(page).get_text()
    for _ in range(2):
        client_of("class_teacher").post(f"/families/invitations/{one.invitation_id}/revocation")
    assert not opens(seed, one.token)


def test_inviting_shows_the_code_once(seed: Seed, client_of: Any) -> None:
    ids = seed.schools["a"].ids
    form = {"guardian_id": ids["unjoined_guardian"]}
    answer = client_of("class_teacher").post(
        f"/families/pupils/{ids['child']}/invitations", form, 200
    )
    text = answer.get_data(as_text=True)
    assert "/join/" in text
    assert "data:image/svg+xml" in text
