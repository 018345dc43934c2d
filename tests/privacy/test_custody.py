"""A guardian limited by custody: every way out of the house beside a canary of what is not theirs.

Pages, their fragments and their JSON by the whole authorization table, the take-away zip with all
that is in it, and the hints sockets carry (a hint is a row of the outbox, word for word). Families
get no PDF.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from campus import clock, db, storage
from campus.outbox import Outbox
from tenants.classes.actions import award_praise, mark_attendance
from tenants.families import guardians
from tenants.oversight.reveal import reveal_phone
from tenants.people.models import Guardian, Guardianship
from tenants.privacy import actions
from tests.authz import table
from tests.privacy.conftest import Zip, stored, task_of
from tests.support.canary import assert_clean, leaks, new_canary
from tests.support.client import FRAGMENT, JSON, PageClient
from tests.support.memory_store import MemoryStore
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]
Work = Callable[[int, int], None]
ILL = "病假"


@pytest.fixture
def canaries(seed: Seed, fresh: str) -> list[str]:
    """Name, number and relation of the child's other guardians; the child is ill this afternoon."""
    school, words = seed.schools["a"], []
    with db.transaction(school_id=school.id) as session:
        others = session.scalars(
            select(Guardianship.guardian_id).where(
                Guardianship.pupil_id == school.ids["child"],
                Guardianship.guardian_id != school.ids["guardian_row"],
                Guardianship.ended_at.is_(None),
            )
        ).all()
        assert others
        for at, number in enumerate(others):
            name, relation, phone = new_canary(), new_canary(), f"1200000777{at}"
            words += [name, relation, phone]
            session.execute(
                update(Guardian).where(Guardian.id == number).values(name=name, phone=phone)
            )
            session.execute(
                update(Guardianship)
                .where(Guardianship.guardian_id == number)
                .values(relation=relation)
            )
    with db.transaction(school_id=school.id):
        reveal_phone(
            seed.actor("head"),
            pupil_id=school.ids["child"],
            guardian_id=others[0],
            reason="verify",
        )
        mark_attendance(
            seed.actor("class_teacher"),
            class_id=school.ids["class"],
            pupil_id=school.ids["child"],
            day=clock.today(),
            half="pm",
            state="sick",
        )
    return words


def act(seed: Seed, name: str, **more: Any) -> None:
    """What the class teacher does with the tie of the guardian to the child."""
    ids = seed.schools["a"].ids
    with db.transaction(school_id=seed.schools["a"].id):
        getattr(guardians, name)(
            seed.actor("class_teacher"),
            pupil_id=ids["child"],
            guardian_id=ids["guardian_row"],
            **more,
        )


def ask(seed: Seed) -> int:
    with db.transaction(school_id=seed.schools["a"].id):
        return actions.ask_own(seed.actor("guardian"), pupil_id=seed.schools["a"].ids["child"])


def packed(seed: Seed, work: Work) -> tuple[int, Zip]:
    task_id = ask(seed)
    work(seed.schools["a"].id, task_id)
    return task_id, stored(seed.schools["a"].id, task_id)


def everything(seed: Seed, browser: PageClient) -> dict[str, str]:
    """What the guardian may open, each as page, fragment and JSON; the words of its own child."""
    found = {}
    for row in table.routes():
        if row.method != "GET" or row.expect["guardian"] != 200:
            continue
        path = row.path(row.values(seed, "a"))
        at = "" if row.platform else None
        for kind, headers in (("page", {}), ("fragment", FRAGMENT), ("json", JSON)):
            answer = browser.get(path, None, at=at, headers=headers)
            found[f"{kind} {path}"] = answer.get_data(as_text=True)
    assert len(found) > 40
    return found


def hints(seed: Seed) -> str:
    """Everything sockets would carry to the guardian."""
    account = seed.people["guardian"].account_id
    with db.transaction(school_id=seed.schools["a"].id) as session:
        rows = session.execute(
            select(Outbox.event, Outbox.payload).where(Outbox.account_ids.contains([account]))
        ).all()
    assert rows
    return str(rows)


def a_day(seed: Seed) -> None:
    """What the school does with the child and with the other guardians."""
    ids = seed.schools["a"].ids
    with db.transaction(school_id=seed.schools["a"].id):
        award_praise(
            seed.actor("class_teacher"),
            class_id=ids["class"],
            pupil_ids=[ids["child"]],
            area="moral",
            text="帮助同学",
            key="custody",
        )
        other = {"pupil_id": ids["child"], "guardian_id": ids["unjoined_guardian"]}
        teacher = seed.actor("class_teacher")
        guardians.change_details(teacher, **other, may_pick_up=False)
        guardians.mark_wrong_number(teacher, **other, wrong=True)
        guardians.unlink(teacher, **other)
        guardians.link_again(teacher, **other)


def test_no_way_out_shows_a_limited_guardian_what_is_not_theirs(
    seed: Seed,
    canaries: list[str],
    client_of: ClientOf,
    objects_of_seed: MemoryStore,
    work: Work,
) -> None:
    browser, child = client_of("guardian"), seed.schools["a"].ids["child"]
    open_pages = everything(seed, browser)
    assert any(leaks(text, canaries) for text in open_pages.values()), "pages show the canary"
    assert ILL in open_pages["page /home"]
    assert "家长电话" in open_pages[f"page /children/{child}/access"]
    _, whole = packed(seed, work)
    assert leaks(whole.every_byte(), canaries), "the zip holds the canary"
    assert whole.json["attendance"][0]["states"]["sick"] == 1

    act(seed, "change_details", limited=True)
    a_day(seed)
    about_child = {f"{kind} /home" for kind in ("page", "fragment")}
    for what, text in everything(seed, browser).items():
        assert_clean(what, text, canaries)
        if what in about_child or f"/children/{child}" in what:
            assert ILL not in text, what
            assert "sick" not in text, what
    assert "家长电话" not in everything(seed, browser)[f"page /children/{child}/access"]
    _, found = packed(seed, work)
    assert_clean("the zip", found.every_byte(), canaries)
    assert "sick" not in found.json["attendance"][0]["states"]
    own = seed.people["guardian"].full_name
    assert [one["name"] for one in found.json["guardians"]] == [own], "their own line stays"
    assert_clean("hints", hints(seed), canaries)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "change_details", "limited": True},
        {"name": "change_details", "may_see_health": False},
        {"name": "unlink"},
    ],
)
def test_what_was_packed_before_a_limit_is_gone_with_it(
    seed: Seed,
    canaries: list[str],
    client_of: ClientOf,
    objects_of_seed: MemoryStore,
    work: Work,
    change: dict[str, Any],
) -> None:
    """Also the object: a link handed out a minute ago leads nowhere."""
    task_id, _ = packed(seed, work)
    school, browser = seed.schools["a"], client_of("guardian")
    browser.get(f"/takeaway/mine/{task_id}/file", 302)
    key = task_of(school.id, task_id).key
    act(seed, **change)
    browser.get(f"/takeaway/mine/{task_id}/file", 404)
    with pytest.raises(storage.ObjectMissing):
        storage.store().get(school.id, key)
    assert task_of(school.id, task_id).state == "expired"


def test_a_limit_that_came_another_way_holds_at_the_fetch(
    seed: Seed,
    canaries: list[str],
    client_of: ClientOf,
    objects_of_seed: MemoryStore,
    work: Work,
) -> None:
    """By SQL, by a restore, by a race: what the zip was made for is compared with what holds."""
    task_id, _ = packed(seed, work)
    limit(seed)
    client_of("guardian").get(f"/takeaway/mine/{task_id}/file", 404)
    fetched, _ = packed(seed, work)
    client_of("guardian").get(f"/takeaway/mine/{fetched}/file", 302)


def limit(seed: Seed) -> None:
    row = seed.schools["a"].ids["guardian_row"]
    with db.transaction(school_id=seed.schools["a"].id) as session:
        session.execute(
            update(Guardianship).where(Guardianship.guardian_id == row).values(limited=True)
        )


def test_a_limit_between_asking_and_packing_holds(
    seed: Seed, canaries: list[str], objects_of_seed: MemoryStore, work: Work
) -> None:
    task_id = ask(seed)
    act(seed, "change_details", limited=True)
    work(seed.schools["a"].id, task_id)
    assert_clean("the zip", stored(seed.schools["a"].id, task_id).every_byte(), canaries)


def test_nothing_is_packed_for_who_is_no_guardian_any_more(
    seed: Seed, canaries: list[str], objects_of_seed: MemoryStore, work: Work
) -> None:
    task_id = ask(seed)
    act(seed, "unlink")
    work(seed.schools["a"].id, task_id)
    task = task_of(seed.schools["a"].id, task_id)
    assert (task.state, task.key) == ("failed", None)


def test_the_school_s_own_copy_names_everybody(
    seed: Seed, canaries: list[str], objects_of_seed: MemoryStore, work: Work
) -> None:
    """What the office takes out for another school is not narrowed by a parent's limit."""
    school = seed.schools["a"]
    act(seed, "change_details", limited=True)
    with db.transaction(school_id=school.id):
        task_id = actions.ask_pupil(
            seed.actor("admin"), pupil_id=school.ids["child"], reason="transfer"
        )
    work(school.id, task_id)
    assert len(leaks(stored(school.id, task_id).every_byte(), canaries)) >= 2
