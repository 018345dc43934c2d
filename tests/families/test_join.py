"""Joining: once, as the invited person, never by a number alone; and what it opens."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select, update

from campus import clock, db
from campus.actor import Actor
from campus.errors import CampusError
from campus.identity import throttle, totp
from campus.identity.actions import register_accounts
from campus.identity.models import Account
from campus.schools.models import Membership
from tenants.families import account, codes, look
from tenants.families.invite import Issued
from tenants.families.join import join_as_new
from tenants.families.look import masked_name
from tenants.people.enrol import GuardianTie, link_guardians
from tenants.people.models import Guardian, Guardianship
from tests.factories import PASSWORD as OLD_PASSWORD
from tests.factories import SECRET, Seed
from tests.families.conftest import NEW_PHONE, PASSWORD
from tests.support.databases import many

Issue = Callable[..., Issued]


def guardian(seed: Seed, row: int) -> Guardian:
    with db.transaction(school_id=seed.schools["a"].id, read_only=True) as session:
        return session.scalars(select(Guardian).where(Guardian.id == row)).one()


def children_of(seed: Seed, phone: str) -> set[int]:
    with db.transaction(school_id=seed.schools["a"].id, read_only=True) as session:
        return set(
            session.scalars(
                select(Guardianship.pupil_id)
                .join(Guardian, Guardian.id == Guardianship.guardian_id)
                .join(Account, Account.id == Guardian.account_id)
                .where(Account.phone == phone, Guardianship.ended_at.is_(None))
            )
        )


def link(seed: Seed, pupil: str, phone: str) -> int:
    """A guardian in the roster, not joined."""
    with db.transaction(school_id=seed.schools["a"].id):
        tie = GuardianTie(seed.schools["a"].ids[pupil], "某人", phone, "爸爸", 3)
        return link_guardians(seed.actor("admin"), [tie])[phone]


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("李明", "李＊"),
        ("李小明", "李＊明"),
        ("欧阳明月", "欧＊＊月"),
        ("阿依古丽·买买提", "阿＊＊＊提"),
        ("李", "李＊"),
    ],
)
def test_a_name_is_masked(name: str, masked: str) -> None:
    assert masked_name(name) == masked


def test_the_full_name_is_not_shown_before(seed: Seed, issue: Issue, phone: Any) -> None:
    page = phone().get(f"/join/{issue('child', 'unjoined_guardian').token}").get_data(as_text=True)
    assert "童＊＊＊" in page
    assert seed.schools["a"].private["child"] not in page
    assert "甲山小学" in page
    assert "三年级（1）班" in page


def test_from_the_paper_to_home(seed: Seed, issue: Issue, phone: Any) -> None:
    """QR → phone and password → consent → home; the row's number is the typed one."""
    ids, mine = seed.schools["a"].ids, phone()
    one = issue("child", "unjoined_guardian")
    location = mine.join(one.token).headers["Location"]
    assert location.endswith(f"/my-children/{ids['child']}/consent")
    assert "您来定" in mine.page(location).h1.get_text()
    answers = {"growth-photo": "true", "class-photo": "false", "reminders": "false"}
    home = mine.post(location, answers).headers["Location"]
    assert seed.schools["a"].private["child"] in mine.get(home).get_data(as_text=True)
    row = guardian(seed, ids["unjoined_guardian"])
    assert row.phone == NEW_PHONE
    assert row.account_id is not None
    phone().get(f"/join/{one.token}", 404)


def test_two_at_once_and_one_gets_in(seed: Seed, issue: Issue) -> None:
    one, results = issue("child", "unjoined_guardian"), []
    school = seed.schools["a"].id
    barrier = threading.Barrier(2)

    def run(number: str) -> None:
        attempt = throttle.Attempt(number, f"device-{number}", "127.0.0.1")
        person = account.Person(attempt, PASSWORD, "", "", SECRET)
        with db.transaction(school_id=school, read_only=True):
            offer = look.find(one.token, secret=SECRET)
        barrier.wait()
        try:
            join_as_new(offer, person, school_id=school, school_name="甲", relation="")
            results.append("in")
        except CampusError as error:
            results.append(type(error).__name__)

    threads = [threading.Thread(target=run, args=(f"1200000777{n}",)) for n in (1, 2)]
    with many():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(results) == ["Dead", "in"]
    with db.transaction(read_only=True) as session:
        made = select(func.count()).where(Account.phone.in_(["12000007771", "12000007772"]))
        assert session.scalar(made) == 1, "who came second left nothing behind"


@pytest.mark.parametrize("begins", ["t-", "-", "_", "t"])
def test_no_token_is_taken_for_a_ticket(
    issue: Issue, phone: Any, monkeypatch: pytest.MonkeyPatch, begins: str
) -> None:
    """One slip in 4,096 began as a ticket does, and opened nothing."""
    drawn = f"{begins}{codes.new_token()}"[:32]
    monkeypatch.setattr(codes, "new_token", lambda: drawn)
    one = issue("child", "unjoined_guardian")
    assert one.token == drawn
    phone().join(one.token)


def test_another_parent_is_asked_for_name_and_relation(
    seed: Seed, issue: Issue, phone: Any
) -> None:
    one = issue("child")
    phone().join(one.token, 422)
    phone().join(one.token, name="新来的爸爸", relation="爸爸")
    with db.transaction(school_id=seed.schools["a"].id, read_only=True) as session:
        tie = session.scalars(
            select(Guardianship)
            .join(Guardian, Guardian.id == Guardianship.guardian_id)
            .where(Guardian.phone == NEW_PHONE)
        ).one()
    assert tie.relation == "爸爸"
    assert not tie.may_pick_up, "the school has not met them yet"


def test_a_sibling_is_added_to_the_same_person(seed: Seed, issue: Issue, client_of: Any) -> None:
    """Signed in, from 我的: the typed code, a confirmation, and both children are there."""
    ids, browser = seed.schools["a"].ids, client_of("guardian")
    browser.foreign = []
    one = issue("classmate")
    ticket = browser.post("/my-children", {"code": one.short}).headers["Location"]
    assert "是我的孩子" in browser.page(ticket).get_text()
    browser.post(ticket, {"confirm": "true", "relation": "妈妈"})
    assert children_of(seed, seed.people["guardian"].phone) == {ids["child"], ids["classmate"]}


def test_an_account_that_exists_is_entered_by_its_password(
    seed: Seed, issue: Issue, phone: Any
) -> None:
    number, one = seed.people["other_guardian"].phone, issue("child", "unjoined_guardian")
    phone().join(one.token, 422, phone=number, password="不是这个密码吧")
    phone().join(one.token, phone=number, password=OLD_PASSWORD)
    ids = seed.schools["a"].ids
    assert children_of(seed, number) == {ids["child"], ids["classmate"]}
    assert guardian(seed, ids["unjoined_guardian"]).account_id is None, "its ties moved over"


def test_a_wrong_password_uses_a_code_up(seed: Seed, issue: Issue, phone: Any) -> None:
    one = issue("child", "unjoined_guardian")
    number = seed.people["other_guardian"].phone
    for _ in range(look.MOST_TRIES):  # each from a device of its own, as the lockout has it
        phone().join(one.token, 422, phone=number, password="不是这个密码吧")
    phone().get(f"/join/{one.token}", 404)


def test_a_number_alone_opens_no_other_child(seed: Seed, issue: Issue, phone: Any) -> None:
    """The number of another child's parent, who has not joined, must not bring that child."""
    link(seed, "stranger", NEW_PHONE)
    for one in (issue("child", "unjoined_guardian"), issue("child")):
        answer = phone().join(one.token, 422, name="某", relation="爸爸")
        assert "登记在别处" in answer.get_data(as_text=True)
    assert children_of(seed, NEW_PHONE) == set()


def test_the_same_person_twice_on_one_child_is_merged(seed: Seed, issue: Issue, phone: Any) -> None:
    """The number of this child's own other row: one person, with the tighter limits."""
    ids = seed.schools["a"].ids
    row = link(seed, "child", NEW_PHONE)
    phone().join(issue("child", "unjoined_guardian").token)
    assert guardian(seed, row).account_id is not None
    assert children_of(seed, NEW_PHONE) == {ids["child"]}


def test_staff_without_a_password_cannot_be_taken_over(
    seed: Seed, issue: Issue, phone: Any
) -> None:
    """An invitation is no way into a teacher's account."""
    with db.transaction() as session:
        session.execute(
            update(Account)
            .where(Account.phone == seed.people["subject_teacher"].phone)
            .values(password_hash=None)
        )
        register_accounts({NEW_PHONE: "没有密码的人"})
    one = issue("child", "unjoined_guardian")
    for number in (seed.people["subject_teacher"].phone, NEW_PHONE):
        answer = phone().join(one.token, 422, phone=number)
        assert "还没有设密码" in answer.get_data(as_text=True)


def test_the_invited_number_may_claim_its_account(seed: Seed, issue: Issue, phone: Any) -> None:
    row = guardian(seed, seed.schools["a"].ids["unjoined_guardian"])
    with db.transaction():
        register_accounts({row.phone: row.name})
    phone().join(issue("child", "unjoined_guardian").token, phone=row.phone)
    assert children_of(seed, row.phone)


def test_a_weak_password_is_refused(issue: Issue, phone: Any) -> None:
    one = issue("child", "unjoined_guardian")
    for weak in ("12345678", "短", f"我是{NEW_PHONE}", "甲山小学的家长"):
        phone().join(one.token, 422, password=weak)
    phone().join(one.token)


def test_joining_ends_the_other_codes_of_that_place(issue: Issue, phone: Any) -> None:
    first, second = (issue("child", "unjoined_guardian") for _ in range(2))
    other = issue("child")
    phone().join(second.token)
    phone().get(f"/join/{first.token}", 404)
    phone().get(f"/join/{other.token}")


def test_the_role_is_given_and_a_teacher_keeps_theirs(seed: Seed, issue: Issue) -> None:
    teacher = seed.people["subject_teacher"]
    one = issue("child")
    with db.transaction(school_id=seed.schools["a"].id, read_only=True):
        offer = look.find(one.token, secret=SECRET)
    attempt = throttle.Attempt(teacher.phone, "device", "127.0.0.1")
    person = account.Person(attempt, OLD_PASSWORD, "", "", SECRET)
    join_as_new(offer, person, school_id=seed.schools["a"].id, school_name="甲", relation="爸爸")
    with db.transaction(read_only=True) as session:
        roles = session.scalars(
            select(Membership.roles).where(
                Membership.account_id == teacher.account_id,
                Membership.school_id == seed.schools["a"].id,
            )
        ).one()
    assert set(roles) == {"teacher", "guardian"}


def test_no_school_no_code(app: Any, seed: Seed, phone: Any) -> None:
    nowhere = phone()
    nowhere.get("/join", 404, at="")
    nowhere.get("/join", 404, at="/s/no-such-school")


def spare_codes(actor: Actor) -> list[str]:
    """Switch the second step on; codes that work at once."""
    with db.transaction():
        totp.begin(actor)
        enrolment = totp.enrolment(actor)
        assert enrolment is not None
        code = pyotp.TOTP(enrolment.secret.replace(" ", "")).at(clock.now())
        return totp.confirm(actor, code=code)


def test_an_account_with_a_second_step_gives_its_code_and_comes_back(
    seed: Seed, issue: Issue, phone: Any, client_of: Any
) -> None:
    """A right password alone opens nothing; after the code the slip's page knows who is there."""
    teacher = seed.people["subject_teacher"]
    spare = spare_codes(seed.actor("subject_teacher"))
    one, mine = issue("child", "unjoined_guardian"), phone()
    asked = mine.join(one.token, 200, phone=teacher.phone, password=OLD_PASSWORD)
    page = BeautifulSoup(asked.get_data(), "html5lib")
    held = {name: page.find("input", attrs={"name": name})["value"] for name in ("pending", "next")}
    back = mine.post("/login/code", {**held, "code": spare[0]}).headers["Location"]
    assert back == f"/s/jiaxiao/join/{one.token}"
    assert "是我的孩子" in mine.page(back).get_text()
    mine.post(back, {"confirm": "true"})
    assert children_of(seed, teacher.phone) == {seed.schools["a"].ids["child"]}
