"""A phone needs a reason, a look leaves a line, an export a second person."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from campus import clock, db
from campus.audit.models import AuditEntry
from campus.errors import Conflict, Forbidden, NotFound
from campus.identity.models import Account
from campus.permissions import Role
from campus.schools.actions import grant_roles
from tenants.oversight import approval, records
from tenants.oversight.models import Approval
from tests.factories import STAFF
from tests.support.client import PageClient
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]
NOTE = "接电话的是孩子外婆林阿姨"


@pytest.fixture
def school(fresh: str, seed: Seed) -> int:
    return seed.schools["a"].id


def address(seed: Seed) -> str:
    ids = seed.schools["a"].ids
    return f"/access/pupils/{ids['child']}/guardians/{ids['guardian_row']}/phone"


def entries(school: int, action: str) -> list[AuditEntry]:
    with db.transaction(school_id=school) as session:
        found = session.scalars(
            select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)
        )
        return list(found)


def test_a_number_is_shown_once_the_reason_is_kept(
    school: int, seed: Seed, client_of: ClientOf
) -> None:
    teacher, phone = client_of("class_teacher"), seed.people["guardian"].phone
    page = teacher.get(f"/pupils/{seed.schools['a'].ids['child']}").get_data(as_text=True)
    assert phone not in page
    assert address(seed) in page, "the masked number leads to the question why"
    assert phone not in teacher.get(address(seed)).get_data(as_text=True)
    shown = teacher.post(address(seed), {"reason": "other", "note": NOTE}, 200)
    assert phone in shown.get_data(as_text=True)
    assert shown.headers["Cache-Control"] == "no-store"
    [line] = entries(school, "access.reveal-phone")
    assert line.account_id == seed.people["class_teacher"].account_id
    assert line.detail["reason"] == "other"
    assert NOTE not in str(line.detail), "what people write is closed in the log"
    assert phone not in str(line.detail)
    text = client_of("admin").get("/access").get_data(as_text=True)
    assert NOTE in text, "and read by those who may"


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({}, "请选择为什么"),
        ({"reason": "curious"}, "请选择为什么"),
        ({"reason": "other"}, "请写明原因"),
    ],
)
def test_without_a_reason_nothing_is_shown(
    form: dict[str, str], says: str, school: int, seed: Seed, client_of: ClientOf
) -> None:
    answer = client_of("class_teacher").post(address(seed), form, 422).get_data(as_text=True)
    assert says in answer
    assert seed.people["guardian"].phone not in answer
    assert entries(school, "access.reveal-phone") == []


def test_who_looked_is_listed_and_filtered(school: int, seed: Seed, client_of: ClientOf) -> None:
    ids = seed.schools["a"].ids
    client_of("class_teacher").get(f"/pupils/{ids['child']}")
    client_of("subject_teacher").get(f"/pupils/{ids['classmate']}")
    client_of("subject_teacher").post(address(seed), {"reason": "ill"}, 200)
    admin = client_of("admin")

    def lines(query: str = "") -> int:
        return len(admin.page(f"/access{query}").select("ul.cells > li"))

    assert lines() == 3
    assert lines(f"?pupil_id={ids['child']}") == 2
    assert lines(f"?staff_id={ids['staff_subject_teacher']}") == 2
    assert lines(f"?since={clock.today()}&until={clock.today()}") == 3
    assert lines(f"?until={clock.today() - timedelta(days=1)}") == 0
    assert lines("?since=&until=&pupil_id=") == 3
    admin.get("/access?since=yesterday", 422)
    admin.get(f"/access?pupil_id={seed.schools['b'].ids['child']}", 404)
    admin.get("/access?staff_id=999999999", 404)


def test_a_family_learns_which_office_looked(school: int, seed: Seed, client_of: ClientOf) -> None:
    ids, own = seed.schools["a"].ids, f"/children/{seed.schools['a'].ids['child']}/access"
    assert "没有人看过" in client_of("guardian").get(own).get_data(as_text=True)
    client_of("class_teacher").get(f"/pupils/{ids['child']}")
    client_of("class_teacher").post(address(seed), {"reason": "pickup"}, 200)
    client_of("head").get(f"/pupils/{ids['child']}")
    page = client_of("guardian").page(own)
    text = page.get_text(" ")
    assert [one.b.get_text() for one in page.select("ul.cells > li")] == ["校长", "老师"]
    assert "看过家长电话" in text
    assert seed.people["class_teacher"].full_name not in text
    client_of("other_guardian").get(own, 404)


def asked(client: PageClient, path: str) -> str:
    """Follow the way to the question; the signed link in it."""
    answer = client.get(path, 302)
    found = re.search(r"token=([^&]+)", answer.headers["Location"])
    assert found
    return found[1]


def number_of(school: int) -> int:
    with db.transaction(school_id=school) as session:
        return session.scalars(select(func.max(Approval.id))).one()


def make_admin(school: int, seed: Seed, name: str) -> None:
    with db.transaction(school_id=school):
        grant_roles(
            seed.actor("admin"), account_ids=[seed.people[name].account_id], roles=[Role.ADMIN]
        )


def test_an_export_takes_two(school: int, seed: Seed, client_of: ClientOf) -> None:
    """Asked, agreed to by a second administrator, used; the file holds what the page shows."""
    make_admin(school, seed, "other_teacher")
    admin, second = client_of("admin"), client_of("other_teacher")
    token = asked(admin, "/staff/list.xlsx")
    assert "全校教职工名单" in admin.get(f"/approvals/ask?token={token}").get_data(as_text=True)
    admin.post("/approvals/ask", {"token": token, "reason": "上报教育局"})
    number = number_of(school)
    admin.post("/approvals/ask", {"token": token, "reason": "再点一次"})
    assert number_of(school) == number, "the same question is not asked twice"
    admin.get("/staff/list.xlsx", 302)
    admin.post(f"/approvals/{number}/decision", {"answer": "yes"}, 403)
    client_of("head").post(f"/approvals/{number}/decision", {"answer": "yes"}, 403)
    second.post(f"/approvals/{number}/decision", {"answer": "yes"})
    assert "去导出" in admin.get("/approvals").get_data(as_text=True)
    got = admin.get("/staff/list.xlsx")
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(got.get_data())).get_sheet_by_index(0).to_python()
    )
    assert len(rows) == 1 + len(STAFF)
    assert re.fullmatch(
        r'attachment; filename="staff-\d{8}\.xlsx"', got.headers["Content-Disposition"]
    )
    [line] = entries(school, "access.export")
    assert line.detail == {"rows": len(STAFF)}
    second.get("/staff/list.xlsx", 302)
    second.post(f"/approvals/{number}/decision", {"answer": "no"}, 409)


def test_with_one_administrator_the_head_decides(
    school: int, seed: Seed, client_of: ClientOf
) -> None:
    admin = client_of("admin")
    token = asked(admin, "/access/records.xlsx?since=2026-01-01")
    assert "先请校长同意" in admin.get(f"/approvals/ask?token={token}").get_data(as_text=True)
    admin.post("/approvals/ask", {"token": token, "reason": "年度审计"})
    client_of("head").post(f"/approvals/{number_of(school)}/decision", {"answer": "yes"})
    admin.get("/access/records.xlsx?since=2026-01-01")
    admin.get("/access/records.xlsx", 302)
    admin.get("/access/records.xlsx?since=2025-01-01", 302)


def test_a_no_is_a_no_and_a_day_is_a_day(school: int, seed: Seed, client_of: ClientOf) -> None:
    make_admin(school, seed, "other_teacher")
    admin, second = client_of("admin"), client_of("other_teacher")
    for answer, status in (("no", 302), ("yes", 200)):
        token = asked(admin, "/staff/list.xlsx")
        admin.post("/approvals/ask", {"token": token, "reason": "上报"})
        second.post(f"/approvals/{number_of(school)}/decision", {"answer": answer})
        admin.get("/staff/list.xlsx", status)
    with db.transaction(school_id=school) as session:
        session.execute(update(Approval).values(expires_at=clock.now() - timedelta(seconds=1)))
    admin.get("/staff/list.xlsx", 302)
    assert "已过期" in admin.get("/approvals").get_data(as_text=True)
    token = asked(admin, "/staff/list.xlsx")
    admin.post("/approvals/ask", {"token": token, "reason": "上报"})
    with db.transaction(school_id=school) as session:
        session.execute(update(Approval).values(expires_at=clock.now() - timedelta(seconds=1)))
    second.post(f"/approvals/{number_of(school)}/decision", {"answer": "yes"}, 409)


def test_the_words_of_a_question_cannot_be_changed(
    school: int, seed: Seed, client_of: ClientOf
) -> None:
    admin = client_of("admin")
    token = asked(admin, "/staff/list.xlsx")
    for forged in (token[:-3] + "abc", "x." + token, ""):
        admin.get(f"/approvals/ask?token={forged}", 422)
        admin.post("/approvals/ask", {"token": forged, "reason": "上报"}, 422)


def test_helper_for_other_parts(school: int, seed: Seed, app: object) -> None:
    admin, head = seed.actor("admin"), seed.actor("head")
    question = approval.Asked("roster", "class=1", "名册", "/x")
    with db.transaction(school_id=school):
        with pytest.raises(approval.ApprovalNeeded):
            approval.require_approval(admin, "roster", "class=1")
        number = approval.request_approval(admin, asked=question, reason="上报")
        with pytest.raises(Forbidden):
            approval.decide(admin, approval_id=number, granted=True)
        with pytest.raises(NotFound):
            approval.decide(head, approval_id=10**9, granted=True)
        approval.decide(head, approval_id=number, granted=True)
        assert approval.require_approval(admin, "roster", "class=1") == number
        with pytest.raises(Conflict):
            approval.decide(head, approval_id=number, granted=False)
        for other in (("roster", "class=2"), ("pupils", "class=1")):
            with pytest.raises(approval.ApprovalNeeded):
                approval.require_approval(admin, *other)
        with pytest.raises(approval.ApprovalNeeded):
            approval.require_approval(head, "roster", "class=1")


def test_the_database_itself_wants_two_people(school: int, seed: Seed) -> None:
    with pytest.raises(DBAPIError), db.transaction(school_id=school) as session:
        account = session.scalars(select(Account.id).limit(1)).one()
        session.add(
            Approval(
                kind="x",
                fingerprint="",
                what="",
                back="",
                reason="",
                requested_by=account,
                expires_at=clock.now(),
                decided_by=account,
                decided_at=clock.now(),
                granted=True,
            )
        )


def test_looking_is_cheap(school: int, seed: Seed) -> None:
    with db.transaction(school_id=school, read_only=True):
        found = records.looks(seed.actor("admin"), records.Wanted())
    assert found == []
