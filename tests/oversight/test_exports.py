"""The roster leaves by the browser only when two agree, within a day, and each time is kept."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import select, update

from campus import clock, db
from campus.actor import Actor
from campus.audit import AuditEntry
from campus.identity.models import Account
from campus.permissions import Role
from campus.schools.actions import grant_roles
from campus.schools.models import Membership
from tenants.oversight.models import Approval
from tenants.roster.run_import import import_roster
from tenants.roster.table import read_table
from tests.support.canary import assert_clean
from tests.support.client import PageClient
from tests.support.queries import counting
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]
XLSX = {"format": "xlsx"}


@pytest.fixture
def second(fresh: str, seed: Seed) -> Iterator[str]:
    """A second administrator in each school; the name of A's."""
    for tail, key in (("", "a"), ("_b", "b")):
        with db.transaction(school_id=seed.schools[key].id):
            accounts = [seed.people[f"other_teacher{tail}"].account_id]
            grant_roles(seed.actor(f"admin{tail}"), account_ids=accounts, roles=[Role.ADMIN])
    yield "other_teacher"


def ask(browser: PageClient, form: dict[str, str] = XLSX, reason: str = "上报教育局") -> None:
    """Press, be sent to the question, write why."""
    place = browser.post("/exports/roster", form).headers["Location"]
    found = re.search(r"token=([^&]+)", place)
    assert found, place
    browser.post("/approvals/ask", {"token": found[1], "reason": reason})


def newest(seed: Seed, key: str = "a") -> Approval:
    with db.transaction(school_id=seed.schools[key].id) as session:
        query = select(Approval).where(Approval.kind == "roster").order_by(Approval.id.desc())
        return session.scalars(query.limit(1)).one()


def agree(browser: PageClient, seed: Seed, key: str = "a", answer: str = "yes") -> None:
    browser.post(f"/approvals/{newest(seed, key).id}/decision", {"answer": answer})


def downloads(seed: Seed) -> list[AuditEntry]:
    with db.transaction(school_id=seed.schools["a"].id) as session:
        lines = session.scalars(select(AuditEntry).where(AuditEntry.action == "access.export"))
        return list(lines)


@pytest.mark.parametrize("tail", ["", "_b"])
def test_asked_agreed_fetched_and_kept(
    tail: str, second: str, seed: Seed, client_of: ClientOf, tmp_path: Path
) -> None:
    """Both directions: each school gets its own roster, which imported again changes nothing."""
    key = "b" if tail else "a"
    browser, other = client_of(f"admin{tail}"), client_of(f"{second}{tail}")
    ask(browser)
    waiting = browser.page("/exports")
    assert "已提出申请" in waiting.get_text()
    assert waiting.select_one("#offers[data-wait]"), "it asks by itself for the answer"
    page = other.page("/approvals").get_text(" ")
    assert "全校名册（Excel 名册）" in page
    assert "上报教育局" in page
    agree(other, seed, key)
    answer = browser.post("/exports/roster", XLSX, 200)
    assert re.search(r'filename="roster-\d{8}\.xlsx"', answer.headers["Content-Disposition"])
    foreign = seed.schools["a" if tail else "b"].marks
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as book:
        for name in book.namelist():
            assert_clean(name, book.read(name), foreign)
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(answer.get_data()))
    assert {"学生", "教职工"} <= set(sheets.sheet_names)
    file = tmp_path / "roster.xlsx"
    file.write_bytes(answer.get_data())
    school, table = seed.schools[key].id, read_table(file)
    with db.transaction(school_id=school, read_only=True):
        report = import_roster(Actor.system(school), table=table, dry_run=True)
    assert report.as_json()["changed"] == report.as_json()["new"] == 0


def test_each_time_is_in_the_log(second: str, seed: Seed, client_of: ClientOf) -> None:
    """Twice within the day is twice in the log, with the number of the agreement and no name."""
    browser = client_of("admin")
    ask(browser)
    agree(client_of(second), seed)
    for _ in range(2):
        browser.post("/exports/roster", XLSX, 200)
    lines = downloads(seed)
    assert [one.object_id for one in lines] == [newest(seed).id] * 2
    assert {one.account_id for one in lines} == {seed.people["admin"].account_id}
    assert newest(seed).used_at is not None
    assert "导出了资料" in browser.get("/access").get_data(as_text=True)


def test_an_agreement_is_for_this_person_and_this_file(
    second: str, seed: Seed, client_of: ClientOf
) -> None:
    """Not for the other file, not for whoever agreed, not for the other school."""
    browser, other = client_of("admin"), client_of(second)
    ask(browser)
    agree(other, seed)
    assert "/approvals/ask" in _sent(browser, {"format": "oneroster"})
    assert "/approvals/ask" in _sent(other, XLSX)
    assert "/approvals/ask" in _sent(client_of("admin_b"), XLSX)
    client_of(f"{second}_b").post(f"/approvals/{newest(seed).id}/decision", {"answer": "yes"}, 404)
    assert downloads(seed) == []


def _sent(browser: PageClient, form: dict[str, str]) -> str:
    return browser.post("/exports/roster", form).headers["Location"]


def test_oneroster_goes_the_same_way(second: str, seed: Seed, client_of: ClientOf) -> None:
    browser, form = client_of("admin"), {"format": "oneroster"}
    ask(browser, form)
    agree(client_of(second), seed)
    answer = browser.post("/exports/roster", form, 200)
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as files:
        assert "manifest.csv" in files.namelist()
        for name in files.namelist():
            assert_clean(name, files.read(name), seed.schools["b"].marks)


def test_nobody_agrees_with_themselves(second: str, seed: Seed, client_of: ClientOf) -> None:
    browser = client_of("admin")
    ask(browser)
    page = browser.post(f"/approvals/{newest(seed).id}/decision", {"answer": "yes"}, 403)
    assert "不能批准自己" in page.get_data(as_text=True)
    assert "/approvals/ask" in _sent(browser, XLSX)


def test_refused_is_refused_and_can_be_asked_again(
    second: str, seed: Seed, client_of: ClientOf
) -> None:
    browser, other = client_of("admin"), client_of(second)
    ask(browser)
    agree(other, seed, answer="no")
    assert "未同意" in browser.get("/exports").get_data(as_text=True)
    assert "/approvals/ask" in _sent(browser, XLSX)
    other.post(f"/approvals/{newest(seed).id}/decision", {"answer": "yes"}, 409)
    ask(browser, reason="这次写清楚")
    agree(other, seed)
    browser.post("/exports/roster", XLSX, 200)


def test_a_day_later_it_is_over(second: str, seed: Seed, client_of: ClientOf) -> None:
    """Both what was agreed and what nobody answered."""
    browser, other = client_of("admin"), client_of(second)
    ask(browser)
    _age(seed)
    other.post(f"/approvals/{newest(seed).id}/decision", {"answer": "yes"}, 409)
    ask(browser)
    agree(other, seed)
    browser.post("/exports/roster", XLSX, 200)
    _age(seed)
    assert "已过期" in browser.get("/exports").get_data(as_text=True)
    assert "/approvals/ask" in _sent(browser, XLSX)
    assert len(downloads(seed)) == 1


def _age(seed: Seed) -> None:
    with db.transaction(school_id=seed.schools["a"].id) as session:
        over = clock.now() - timedelta(seconds=1)
        session.execute(update(Approval).where(Approval.kind == "roster").values(expires_at=over))


def test_where_there_is_nobody_else_the_page_says_what_to_do(
    seed: Seed, fresh: str, client_of: ClientOf
) -> None:
    """The head decides for a lone administrator; without a head the page names the way out."""
    browser = client_of("admin")
    place = _sent(browser, XLSX).removeprefix("/s/jiaxiao")
    assert "先请校长同意" in browser.get(place).get_data(as_text=True)
    with db.transaction(school_id=seed.schools["a"].id) as session:
        session.execute(
            update(Membership)
            .where(Membership.account_id == seed.people["head"].account_id)
            .values(ended_at=clock.now())
        )
    page = browser.page(place)
    assert "教职工" in page.get_text()
    assert "只有您一个人" in page.get_text()
    assert page.find("textarea") is None
    token = place.partition("token=")[2]
    browser.post("/approvals/ask", {"token": token, "reason": "还是想要"}, 409)


def test_who_cannot_sign_in_is_nobody_to_wait_for(
    second: str, seed: Seed, client_of: ClientOf
) -> None:
    """A second administrator who was disabled leaves the decision to the head."""
    with db.transaction() as session:
        other = seed.people[second].account_id
        session.execute(update(Account).where(Account.id == other).values(disabled_at=clock.now()))
    browser = client_of("admin")
    ask(browser)
    agree(client_of("head"), seed)
    browser.post("/exports/roster", XLSX, 200)


def test_the_way_on_leads_back_here(second: str, seed: Seed, client_of: ClientOf) -> None:
    """For the roster, the staff list and the whole school alike: one school in the address."""
    browser = client_of("admin")
    ask(browser)
    agree(client_of(second), seed)
    link = browser.page("/approvals").find("a", string="去导出")["href"]
    assert link == "/s/jiaxiao/exports"
    browser.get(link)
    place = browser.post("/takeaway/school", {"reason": "archive"}).headers["Location"]
    token = place.partition("token=")[2]
    browser.post("/approvals/ask", {"token": token, "reason": "换平台"})
    with db.transaction(school_id=seed.schools["a"].id) as session:
        query = select(Approval.back).where(Approval.kind == "takeaway-school")
        assert session.scalars(query).one() == "/takeaway/school?reason=archive"


def test_the_page_asks_little(client_of: ClientOf, database: str) -> None:
    browser = client_of("admin")
    browser.get("/exports")
    with counting() as statements:
        browser.get("/exports")
    assert len(statements) <= 6, str(statements)


def test_a_format_nobody_makes(app: Flask, client_of: ClientOf, database: str) -> None:
    client_of("admin").post("/exports/roster", {"format": "pdf"}, 422)
