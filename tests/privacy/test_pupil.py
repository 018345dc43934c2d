"""A family takes its child's book: complete, alone its own, offline, and only for a while."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import urllib3
from python_calamine import CalamineWorkbook
from sqlalchemy import select, update

from campus import audit, clock, db, jobs, storage
from campus.errors import NotFound
from tenants.growth.models import GrowthRecord
from tenants.people.models import Guardianship
from tenants.privacy import actions, tasks
from tenants.privacy.models import TakeawayTask
from tests.privacy.conftest import Zip, stored, task_of
from tests.support.canary import assert_clean
from tests.support.client import PageClient
from tests.support.memory_store import MemoryStore
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]
Work = Callable[[int, int], None]


def ask(seed: Seed, who: str = "guardian", child: str = "child") -> int:
    """The task a guardian's wish makes."""
    school = seed.schools[seed.people[who].school or ""]
    with db.transaction(school_id=school.id):
        return actions.ask_own(seed.actor(who), pupil_id=school.ids[child])


def taken(seed: Seed, work: Work, who: str = "guardian") -> Zip:
    """The finished file of one family."""
    task_id, school = ask(seed, who), seed.schools[seed.people[who].school or ""]
    work(school.id, task_id)
    return stored(school.id, task_id)


def test_from_mine_to_the_file(
    client_of: ClientOf, seed: Seed, fresh: str, real_objects: storage.Storage, work: Work
) -> None:
    """我的 → 带走成长册 → 整理一份 → a page that survives a reload → 下载."""
    browser, school = client_of("guardian"), seed.schools["a"]
    assert browser.page("/me").find("a", href=re.compile("/takeaway/mine$"))
    browser.post(f"/takeaway/mine/{school.ids['mine_open']}/cancellation")
    answer = browser.post("/takeaway/mine", {"pupil_id": school.ids["child"]})
    address = answer.headers["Location"]
    assert "排队中" in browser.page(address).get_text()
    task_id = int(address.rsplit("/", 1)[1])
    work(school.id, task_id)
    page = browser.page(address)
    assert "已完成" in page.get_text()
    link = browser.get(page.find("a", string="下载")["href"], 302).headers["Location"]
    seconds = int(re.search(r"X-Amz-Expires=(\d+)", link)[1])
    assert seconds <= 300
    with urllib3.PoolManager(retries=False, timeout=5.0) as pool:
        got = pool.request("GET", link)
    assert got.status == 200
    assert "attachment" in got.headers["Content-Disposition"]
    assert Zip(got.data).json["pupil"]["name"].startswith("童")
    with db.transaction(school_id=school.id) as session:
        done = set(session.scalars(select(audit.AuditEntry.action)))
    assert {"takeaway.ask", "takeaway.fetch"} <= done


def test_everything_is_in_it(
    seed: Seed, fresh: str, objects_of_seed: MemoryStore, work: Work
) -> None:
    found, private = taken(seed, work), seed.schools["a"].private["child"]
    assert {"index.html", "book.css", "pupil.xlsx", "data.json", "SHA256SUMS"} <= set(found.names)
    assert "photos/0001.jpg" in found.names
    assert private in found.text("index.html")
    assert private in found.json["records"][0]["text"]
    assert found.json["attendance"][0]["half_days"] == 2
    assert "点名 2 个半天，到校 2 个，天天按时" in found.text("index.html")
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(found.read("pupil.xlsx")))
    assert sheets.sheet_names == ["基本信息", "班级", "考勤", "成长记录"]
    assert private in str(sheets.get_sheet_by_name("成长记录").to_python())


def test_the_sums_are_true_and_complete(
    seed: Seed, fresh: str, objects_of_seed: MemoryStore, work: Work
) -> None:
    found = taken(seed, work)
    listed = dict(line.split("  ")[::-1] for line in found.text("SHA256SUMS").splitlines())
    assert set(listed) == set(found.names) - {"SHA256SUMS"}
    for name, digest in listed.items():
        assert hashlib.sha256(found.read(name)).hexdigest() == digest, name


def test_the_photo_is_the_stored_one(
    seed: Seed, fresh: str, objects_of_seed: MemoryStore, work: Work
) -> None:
    school = seed.schools["a"]
    found = taken(seed, work)
    assert found.read("photos/0001.jpg") == objects_of_seed.get(school.id, school.files[0])


def test_the_book_needs_no_network_and_runs_nothing(
    seed: Seed, fresh: str, objects_of_seed: MemoryStore, work: Work
) -> None:
    page = taken(seed, work)
    html, css = page.text("index.html"), page.text("book.css")
    assert "<script" not in html
    assert not re.search(r"(?:src|href)=\"(?!photos/|book\.css)", html)
    assert not re.search(r"https?:|url\(|@import", css + html)


def test_what_a_teacher_typed_stays_text(
    seed: Seed, fresh: str, objects_of_seed: MemoryStore, work: Work
) -> None:
    """Markup and formulas in a record run nowhere."""
    school, evil = seed.schools["a"], '<img src=x onerror=alert(1)>=cmd|" /C calc"!A0'
    with db.transaction(school_id=school.id) as session:
        session.execute(
            update(GrowthRecord)
            .where(GrowthRecord.pupil_id == school.ids["child"])
            .values(text=evil, kind="")
        )
    found = taken(seed, work)
    assert "<img src=x" not in found.text("index.html")
    assert found.json["records"][0]["text"] == evil
    assert b"<f>" not in found.every_byte()


@pytest.mark.parametrize("who", ["guardian", "guardian_b"])
def test_no_other_child_and_no_other_school_is_in_it(
    who: str, seed: Seed, fresh: str, objects_of_seed: MemoryStore, work: Work
) -> None:
    """Every byte, unpacked, also of the spreadsheet inside."""
    assert_clean("the zip", taken(seed, work, who).every_byte(), seed.foreign(seed.people[who]))


def test_phones_stay_at_the_school(
    seed: Seed, fresh: str, objects_of_seed: MemoryStore, work: Work
) -> None:
    phones = [person.phone for person in seed.people.values() if person.phone]
    assert_clean("the zip", taken(seed, work).every_byte(), phones)


def test_a_guardian_who_may_not_know_of_illness_reads_leave(
    seed: Seed, fresh: str, objects_of_seed: MemoryStore, work: Work
) -> None:
    with db.transaction(school_id=seed.schools["a"].id) as session:
        session.execute(update(Guardianship).values(may_see_health=False))
    found = taken(seed, work)
    assert "sick" not in found.json["attendance"][0]["states"]
    assert "病假" not in found.text("index.html")


def test_another_s_child_is_not_there(seed: Seed, database: str, client_of: ClientOf) -> None:
    with pytest.raises(NotFound):
        ask(seed, "guardian", "classmate")
    for other in (seed.schools["a"].ids["stranger"], seed.schools["b"].ids["child"]):
        client_of("guardian").post("/takeaway/mine", {"pupil_id": other}, 404)


def test_whose_child_left_them_has_no_file(
    client_of: ClientOf, seed: Seed, fresh: str, objects_of_seed: MemoryStore, work: Work
) -> None:
    """The tie ends after the file was made: the page and the file are gone for them."""
    school, task_id = seed.schools["a"], ask(seed)
    work(school.id, task_id)
    with db.transaction(school_id=school.id) as session:
        session.execute(update(Guardianship).values(ended_at=clock.now()))
    client_of("guardian").get(f"/takeaway/mine/{task_id}", 404)
    client_of("guardian").get(f"/takeaway/mine/{task_id}/file", 404)


def test_twice_pressed_is_one_task(seed: Seed, fresh: str) -> None:
    assert ask(seed) == ask(seed)


def test_five_an_hour(seed: Seed, fresh: str, client_of: ClientOf) -> None:
    browser, child = client_of("guardian"), seed.schools["a"].ids["child"]
    for _ in range(tasks.MOST_AN_HOUR + 1):
        answer = browser.post("/takeaway/mine", {"pupil_id": child}, None)
        if answer.status_code == 303:
            browser.post(answer.headers["Location"] + "/cancellation")
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "3600"


def test_a_cancelled_task_does_nothing(
    client_of: ClientOf, seed: Seed, fresh: str, objects_of_seed: MemoryStore, work: Work
) -> None:
    school, task_id = seed.schools["a"], ask(seed)
    client_of("guardian").post(f"/takeaway/mine/{task_id}/cancellation")
    before = set(objects_of_seed.objects)
    work(school.id, task_id)
    assert task_of(school.id, task_id).state == "cancelled"
    assert set(objects_of_seed.objects) == before
    client_of("guardian").post(f"/takeaway/mine/{task_id}/cancellation", status=409)


@pytest.mark.parametrize("at", ["get", "put_stream"])
def test_cancelled_while_at_work(
    at: str,
    seed: Seed,
    fresh: str,
    objects_of_seed: MemoryStore,
    work: Work,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At a photo or when all is packed: it notices, and leaves no object behind."""
    school, task_id, before = seed.schools["a"], ask(seed), set(objects_of_seed.objects)
    really = getattr(objects_of_seed, at)

    def slowly(school_id: int, *rest: object) -> object:
        with db.transaction(school_id=school_id):
            actions.cancel_own(seed.actor("guardian"), task_id=task_id, kinds=actions.OWN)
        return really(school_id, *rest)

    monkeypatch.setattr(objects_of_seed, at, slowly)
    work(school.id, task_id)
    assert task_of(school.id, task_id).state == "cancelled"
    assert set(objects_of_seed.objects) == before


def test_a_dead_store_says_so_and_the_next_try_works(
    client_of: ClientOf, seed: Seed, fresh: str, work: Work
) -> None:
    school, task_id = seed.schools["a"], ask(seed)
    work(school.id, task_id)
    found = task_of(school.id, task_id)
    assert found.state == "failed"
    assert "文件服务" in client_of("guardian").page(f"/takeaway/mine/{task_id}").get_text()
    assert ask(seed) != task_id


def test_a_killed_worker_s_task_is_done_again(
    seed: Seed, fresh: str, objects_of_seed: MemoryStore, work: Work
) -> None:
    school, task_id = seed.schools["a"], ask(seed)
    tasks.begin(school.id, task_id)
    assert task_of(school.id, task_id).state == "running"
    work(school.id, task_id)
    assert stored(school.id, task_id).names


def test_after_a_week_it_is_gone(
    client_of: ClientOf, seed: Seed, fresh: str, objects_of_seed: MemoryStore, work: Work
) -> None:
    school, task_id = seed.schools["a"], ask(seed)
    work(school.id, task_id)
    kept = task_of(school.id, task_id).expires_at - clock.now()
    assert timedelta(days=6, hours=23) < kept <= timedelta(days=7)
    with db.transaction(school_id=school.id) as session:
        session.execute(update(TakeawayTask).values(expires_at=clock.now() - timedelta(seconds=1)))
    client_of("guardian").get(f"/takeaway/mine/{task_id}/file", 404)
    jobs.perform(jobs.JOBS["takeaway.expire"], {"school_id": school.id})
    assert task_of(school.id, task_id).key is None
    assert "文件已过期" in client_of("guardian").page(f"/takeaway/mine/{task_id}").get_text()


def test_the_sweep_leaves_kept_files_alone(
    seed: Seed, fresh: str, objects_of_seed: MemoryStore, work: Work
) -> None:
    """Old in the store, named by a task: stays. Named by nobody any more: goes."""
    school, task_id = seed.schools["a"], ask(seed)
    work(school.id, task_id)
    key = task_of(school.id, task_id).key
    objects_of_seed.objects[key] = (
        objects_of_seed.objects[key][0],
        clock.now() - timedelta(days=2),
    )
    jobs.perform(jobs.JOBS["media.sweep"], {"school_id": school.id})
    assert key in objects_of_seed.objects
    with db.transaction(school_id=school.id) as session:
        session.execute(update(TakeawayTask).values(key=None))
    jobs.perform(jobs.JOBS["media.sweep"], {"school_id": school.id})
    assert key not in objects_of_seed.objects


def test_the_office_takes_one_with_a_reason(
    client_of: ClientOf, seed: Seed, fresh: str, objects_of_seed: MemoryStore, work: Work
) -> None:
    browser, ids = client_of("admin"), seed.schools["a"].ids
    page = browser.page(f"/takeaway/pupils?class_id={ids['class']}")
    assert page.find("input", attrs={"name": "pupil_id", "value": str(ids["child"])})
    browser.post("/takeaway/pupils", {"pupil_id": ids["child"]}, 422)
    browser.post("/takeaway/pupils", {"pupil_id": ids["child"], "reason": "curious"}, 422)
    wish = {"pupil_id": ids["child"], "reason": "transfer"}
    address = browser.post("/takeaway/pupils", wish).headers["Location"]
    work(seed.schools["a"].id, int(address.rsplit("/", 1)[1]))
    assert "下载" in browser.page(address).get_text()
    client_of("head").get(address, 403)
    client_of("guardian").get(address.replace("/takeaway/", "/takeaway/mine/"), 404)
    with db.transaction(school_id=seed.schools["a"].id) as session:
        lines = session.execute(
            select(audit.AuditEntry.detail).where(audit.AuditEntry.action == "takeaway.ask")
        ).scalars()
        assert [line["reason"] for line in lines if line["reason"]] == ["transfer"]
