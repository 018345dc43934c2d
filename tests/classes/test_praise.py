"""Praise: once, to whom it belongs, undone without a trace on the family's screen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from campus import clock, db
from campus.errors import Conflict, InvalidInput, NotFound
from tenants.classes.actions import award_praise, retract_praise
from tenants.classes.models import Praise
from tenants.growth.models import GrowthRecord
from tenants.messages.models import Notification
from tests.support.client import FRAGMENT, JSON, PageClient
from tests.support.databases import many
from tests.support.queries import counting
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]


@pytest.fixture(autouse=True)
def own(fresh: str) -> None:
    """Every test here praises."""


def rows(model: type, school: int) -> int:
    with db.transaction(school_id=school) as session:
        return session.scalars(select(func.count()).select_from(model)).one()


def praise(seed: Seed, key: str | None = None, text: str = "很棒", who: str = "child") -> int:
    ids = seed.schools["a"].ids
    with db.transaction(school_id=seed.schools["a"].id):
        return award_praise(
            seed.actor("class_teacher"),
            class_id=ids["class"],
            pupil_ids=[ids[who]],
            area="moral",
            text=text,
            key=key,
        )


def send(browser: PageClient, seed: Seed, status: int = 303, **more: Any) -> Any:
    ids = seed.schools["a"].ids
    headers = more.pop("headers", {})
    data = {"pupil_id": ids["child"], "area": "moral", "comment": "主动帮忙"} | more
    return browser.post(f"/classes/{ids['class']}/praise", data, status, headers=headers)


def test_the_family_sees_it_and_no_other_does(client_of: ClientOf, seed: Seed) -> None:
    send(client_of("class_teacher"), seed)
    assert "主动帮忙" in client_of("guardian").get("/home").get_data(as_text=True)
    assert "主动帮忙" in client_of("guardian").get("/messages").get_data(as_text=True)
    assert "主动帮忙" not in client_of("other_guardian").get("/home").get_data(as_text=True)


def test_all_three_ways_to_ask(client_of: ClientOf, seed: Seed) -> None:
    """A page, a fragment and the interface: one action behind them."""
    browser = client_of("class_teacher")
    send(browser, seed)
    page = browser.page(f"/classes/{seed.schools['a'].ids['class']}")
    assert "已点评" in page.select_one("#toasts").get_text()
    assert "撤销" in send(browser, seed, 200, headers=FRAGMENT).get_data(as_text=True)
    assert send(browser, seed, 201, headers=JSON).get_json()["id"] > 0


def test_the_same_key_is_done_once(client_of: ClientOf, seed: Seed) -> None:
    school = seed.schools["a"].id
    before, browser = rows(Praise, school), client_of("class_teacher")
    first = send(browser, seed, 201, headers=JSON, idempotency_key="k1").get_json()
    again = send(browser, seed, 201, headers=JSON, idempotency_key="k1").get_json()
    assert first == again
    assert rows(Praise, school) == before + 1
    assert send(browser, seed, 409, headers=JSON, idempotency_key="k1", comment="别的话")
    other = send(client_of("subject_teacher"), seed, 201, headers=JSON, idempotency_key="k1")
    assert other.get_json() != first, "a key belongs to its author"


def test_parallel_twins_become_one_row(seed: Seed) -> None:
    """Eight taps at the same moment with one key: one praise, one record, one answer."""
    school = seed.schools["a"].id
    before = rows(Praise, school)
    answers = at_once(8, lambda _: praise(seed, key="twins"))
    assert len(set(answers)) == 1
    assert rows(Praise, school) == before + 1


def at_once(times: int, act: Callable[[int], Any]) -> list[Any]:
    """Run ``act`` in threads that start together; what each returned."""
    start, answers, failures = threading.Barrier(times), list[Any](), list[Exception]()

    def run(number: int) -> None:
        start.wait()
        try:
            answers.append(act(number))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(times)]
    with many():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []
    return answers


def test_counters_have_no_gap_and_no_twin(seed: Seed) -> None:
    """Twelve teachers at once: the book and the inbox count 1, 2, 3 … in commit order."""
    at_once(4, lambda number: [praise(seed, text=f"第{number}次{turn}") for turn in range(3)])
    ids, school = seed.schools["a"].ids, seed.schools["a"].id
    with db.transaction(school_id=school) as session:
        book = session.scalars(
            select(GrowthRecord.seq).filter_by(pupil_id=ids["child"]).order_by(GrowthRecord.seq)
        ).all()
        inbox = session.scalars(
            select(Notification.seq)
            .filter_by(account_id=seed.people["guardian"].account_id)
            .order_by(Notification.seq)
        ).all()
    assert book == list(range(1, len(book) + 1))
    assert inbox == list(range(1, len(inbox) + 1))
    assert len(book) == 13


def test_a_rolled_back_praise_leaves_no_gap(seed: Seed) -> None:
    with pytest.raises(RuntimeError), db.transaction(school_id=seed.schools["a"].id):
        award_praise(
            seed.actor("class_teacher"),
            class_id=seed.schools["a"].ids["class"],
            pupil_ids=[seed.schools["a"].ids["child"]],
            area="moral",
            text="不算",
        )
        raise RuntimeError
    test_counters_have_no_gap_and_no_twin(seed)


def test_undo(client_of: ClientOf, seed: Seed) -> None:
    """Taken back it leaves the home, the timeline and the inbox; the cursor tells a phone so."""
    number, child = praise(seed, text="要撤销的话"), seed.schools["a"].ids["child"]
    family = client_of("guardian")
    cursor = int(family.get(f"/children/{child}/changes").headers["X-Cursor"])
    client_of("class_teacher").post(f"/praise/{number}/retraction")
    for path in ("/home", f"/children/{child}", "/messages"):
        assert "要撤销的话" not in family.get(path).get_data(as_text=True)
    changes = family.get(f"/children/{child}/changes?since={cursor}")
    assert int(changes.headers["X-Cursor"]) == cursor + 1
    assert "data-withdrawn" in changes.get_data(as_text=True)
    assert "要撤销的话" not in changes.get_data(as_text=True)
    client_of("class_teacher").post(f"/praise/{number}/retraction")
    assert family.get(f"/children/{child}/changes").headers["X-Cursor"] == str(cursor + 1)


def test_undo_has_its_limits(seed: Seed) -> None:
    number = praise(seed)
    school = seed.schools["a"].id
    with pytest.raises(NotFound), db.transaction(school_id=school):
        retract_praise(seed.actor("subject_teacher"), praise_id=number)
    with db.transaction(school_id=school) as session:
        old = clock.now() - timedelta(days=1, minutes=1)
        session.execute(update(Praise).where(Praise.id == number).values(created_at=old))
    with pytest.raises(Conflict), db.transaction(school_id=school):
        retract_praise(seed.actor("class_teacher"), praise_id=number)


@pytest.mark.parametrize(
    "wrong",
    [
        {"area": "money"},
        {"comment": ""},
        {"comment": "字" * 301},
        {"pupil_id": ""},
        {"pupil_id": "abc"},
        {"pupil_id": 0},
        {"pupil_id": -1},
        {"pupil_id": 10**20},
        {"kind": "no-such"},
        {"comment": "a\x00b"},
        {"idempotency_key": "k" * 65},
        {"pupil_id": list(range(1, 102))},
    ],
    ids=str,
)
def test_bad_input_is_a_sentence(wrong: dict[str, Any], client_of: ClientOf, seed: Seed) -> None:
    """Never a 500, always the field and a Chinese sentence."""
    body = send(client_of("class_teacher"), seed, 422, headers=JSON, **wrong).get_json()
    assert body["status"] == 422
    assert body["errors"]
    assert all("一" <= text[0] <= "鿿" for text in body["errors"].values()), body["errors"]


def test_a_child_of_another_class_is_refused(seed: Seed) -> None:
    with pytest.raises(InvalidInput):
        praise(seed, who="stranger")


def test_statements_of_the_class_page(client_of: ClientOf, seed: Seed) -> None:
    """Round trips are what a page costs: six statements, BEGIN and COMMIT among them."""
    browser, path = client_of("class_teacher"), f"/classes/{seed.schools['a'].ids['class']}"
    browser.get(path)  # a new connection asks the server a few things about itself
    with counting() as count:
        browser.get(path)
    assert len(count) <= 6, str(count)


def test_a_praise_costs_few_statements_and_fewer_trips(client_of: ClientOf, seed: Seed) -> None:
    """The family waits for this: what is read comes in one trip, log and hints go with COMMIT."""
    browser = client_of("class_teacher")
    send(browser, seed, 201, headers=JSON, idempotency_key="warm")
    with counting() as count:
        send(browser, seed, 201, headers=JSON, idempotency_key="counted")
    asked_alone = [one for one in count.statements if "%(" in one]
    assert len(count) <= 16, str(count)
    assert len(asked_alone) + count.waits <= 10, str(count)
