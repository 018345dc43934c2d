"""On the pages: what a list does not say is asked; what was chosen holds for lists made alike."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import select

from campus import crypto, db, jobs, storage
from campus.config import Config
from tenants.people.models import Enrollment, Guardian, HomeroomClass, Pupil
from tenants.roster.imports.jobs import apply_import, preview_import
from tenants.roster.imports.models import ImportRun
from tests.support.memory_store import MemoryStore

ROSTER = "/onboarding/roster"
CASES = Path(__file__).parents[1] / "cases"


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects in memory; keys of ours for numbers."""
    monkeypatch.setattr(storage, "_configured", [MemoryStore()])
    crypto.configure(Config(secret_key="test-secret-test-secret-test-secret-32"))


@pytest.fixture(autouse=True)
def today() -> None:
    """These pages live in the seed's own year."""


@pytest.fixture
def admin(fresh: str, client_of: Any) -> Any:
    """The administrator of school A, with a database of this test's own."""
    return client_of("admin")


@pytest.fixture
def school(seed: Any) -> int:
    return int(seed.schools["a"].id)


def book(*rows: str, name: str = "名册") -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        page = made.add_worksheet(name)
        for number, row in enumerate(rows):
            for at, cell in enumerate(row.split("|")):
                if cell:
                    page.write_string(number, at, cell)
    return out.getvalue()


def form_of(page: Any) -> dict[str, list[str]]:
    """The page's form as it stands."""
    return {
        "kind": [one.find("option", selected=True)["value"] for one in page.select("[name=kind]")],
        "column": [
            (one.find("option", selected=True) or one.find("option"))["value"]
            for one in page.select("[name=column]")
        ],
        "room_of": [one["value"] for one in page.select("[name=room_of]")],
        "room": ["" for _ in page.select("[name=room]")],
    }


@pytest.fixture
def upload(admin: Any) -> Callable[[bytes], int]:
    """upload(bytes) starts a run; its number."""

    def run(data: bytes) -> int:
        answer = admin.post(ROSTER, {"file": (io.BytesIO(data), "名册.xlsx")})
        return int(answer.headers["Location"].rsplit("/", 1)[1])

    return run


@pytest.fixture
def look(admin: Any, school: int) -> Callable[..., Any]:
    """look(run, **changes) sends the columns as they stand and shows the preview."""

    def run(number: int, **changes: Any) -> Any:
        form = form_of(admin.page(f"{ROSTER}/{number}")) | changes
        admin.post(f"{ROSTER}/{number}/columns", form)
        jobs.perform(preview_import, {"school_id": school, "run_id": number})
        return admin.page(f"{ROSTER}/{number}")

    return run


@pytest.fixture
def apply(admin: Any, school: int) -> Callable[[int], Any]:
    """apply(run) confirms, and shows the result."""

    def run(number: int) -> Any:
        admin.post(f"{ROSTER}/{number}/apply")
        jobs.perform(apply_import, {"school_id": school, "run_id": number})
        return admin.page(f"{ROSTER}/{number}")

    return run


@pytest.fixture
def answer(admin: Any, school: int) -> Callable[..., Any]:
    """answer(run, words) presses the button that says ``words``."""

    def run(number: int, words: str) -> Any:
        page = admin.page(f"{ROSTER}/{number}")
        button = next(one for one in page.select("[name=take]") if words in one.get_text())
        form = button.find_parent("form")
        hidden = {one["name"]: one["value"] for one in form.select("input[type=hidden]")}
        sent = {"place": hidden["place"], "column": hidden["column"], "take": button["value"]}
        admin.post(f"{ROSTER}/{number}/answers", sent)
        jobs.perform(preview_import, {"school_id": school, "run_id": number})
        return admin.page(f"{ROSTER}/{number}")

    return run


def test_the_class_of_a_sheet_that_does_not_say_it_is_asked(
    admin: Any, upload: Any, look: Any, apply: Any, school: int
) -> None:
    run = upload(book("座号|姓名", "1|安一", "2|安二"))
    page = admin.page(f"{ROSTER}/{run}")
    assert "这张表是哪个班？" in page.get_text()
    lacking = admin.post(f"{ROSTER}/{run}/columns", form_of(page), status=422)
    assert "也可以直接写这张表是哪个班" in lacking.get_data(as_text=True)
    wrong = form_of(page) | {"room": ["三年级"]}
    said = admin.post(f"{ROSTER}/{run}/columns", wrong, status=422).get_data(as_text=True)
    assert "「名册」的班级：班级应像" in said
    assert "会新开 1 个班：三年级（9）班" in look(run, room=["三年级9班"]).get_text()
    apply(run)
    with db.transaction(school_id=school, read_only=True) as session:
        rooms = select(HomeroomClass.number).join(
            Enrollment, Enrollment.class_id == HomeroomClass.id
        )
        names = session.scalars(select(Pupil.name).where(Pupil.name.in_(["安一", "安二"]))).all()
        assert (len(names), session.scalars(rooms).all().count(9)) == (2, 2)


def test_a_leaver_waits_for_an_answer_on_the_page(upload: Any, look: Any, answer: Any) -> None:
    run = upload(book("班级|姓名|状态", "三年级9班|安一|在读", "三年级9班|安二|转出"))
    page = look(run)
    assert "1 行要您选择" in page.get_text()
    assert "表里写着“转出”" in page.get_text()
    assert "确认导入 2 行" in answer(run, "照样导入").get_text()


def test_one_who_is_left_out_is_counted_as_skipped(upload: Any, look: Any, answer: Any) -> None:
    run = upload(book("班级|姓名|状态", "三年级9班|安一|在读", "三年级9班|安二|转出"))
    look(run)
    page = answer(run, "不导入这个孩子").get_text()
    assert "3 行 = 读了 1 + 跳过 2 + 没有导入 0" in page
    assert "您选择了不导入这一行" in page


def test_the_meaning_of_0_and_1_is_asked_once_for_the_sheet(
    upload: Any, look: Any, answer: Any, apply: Any, school: int
) -> None:
    run = upload(book("班级|姓名|性别", "三年级9班|安一|0", "三年级9班|安二|1"))
    assert "不知道哪个是男、哪个是女" in look(run).get_text()
    assert "不知道哪个是男" not in answer(run, "0 是男，1 是女").get_text()
    apply(run)
    with db.transaction(school_id=school, read_only=True) as session:
        rows = session.execute(select(Pupil.name, Pupil.sex).where(Pupil.name.startswith("安")))
        assert dict(rows.all()) == {"安一": 1, "安二": 2}


def test_a_phone_of_many_is_asked_where_it_first_stands(
    upload: Any, look: Any, answer: Any
) -> None:
    lines = [f"三年级9班|安{one}|12000000304" for one in "一二三四五六七"]
    run = upload(book("班级|姓名|联系电话", *lines))
    page = look(run).get_text()
    assert "写给了 7 个孩子" in page
    assert page.count("没有监护人") == 7
    assert "没有监护人" not in answer(run, "是这些孩子的监护人").get_text()


def test_the_web_reads_guardians_of_two_heading_rows_as_the_command_does(
    upload: Any, look: Any, apply: Any, school: int
) -> None:
    groups, heads = "学生信息|||父亲信息", "班级|座号|姓名|姓名|电话"
    run = upload(book(groups, heads, "三年级9班|1|安一|张伟|12000000432"))
    assert "爸爸 张伟　120****0432" in look(run).get_text()
    apply(run)
    with db.transaction(school_id=school, read_only=True) as session:
        assert session.scalar(select(Guardian.name).where(Guardian.phone == "12000000432"))


def test_a_sheet_that_is_not_read_is_told_in_preview_and_result(
    upload: Any, look: Any, apply: Any
) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        made.add_worksheet("三年级9班").write_column(0, 0, ["姓名", "安一"])
        made.get_worksheet_by_name("三年级9班").write_column(0, 1, ["性别", "男"])
        made.add_worksheet("说明").write_column(0, 0, ["请认真填写", "谢谢"])
        made.add_worksheet("旧的").hide()
    run = upload(out.getvalue())
    for page in (look(run).get_text(), apply(run).get_text()):
        assert "「说明」没有读（2 行）" in page
        assert "「旧的」没有读（0 行）：这张工作表是隐藏的" in page


def test_what_was_chosen_holds_for_lists_made_alike_and_for_no_other(
    admin: Any, upload: Any, look: Any, school: int
) -> None:
    """The second 关系 of one list says nothing about the only 关系 of another."""
    two = (CASES / "b01-家长1关系电话-家长2关系电话2.xlsx").read_bytes()
    run = upload(two)
    form = form_of(admin.page(f"{ROSTER}/{run}"))
    changed = [one if not one.startswith("0:7:") else "0:7:" for one in form["column"]]
    assert changed != form["column"]
    look(run, column=changed)
    assert form_of(admin.page(f"{ROSTER}/{upload(two)}"))["column"] == changed
    plain = upload((CASES / "l01-平常的表.xlsx").read_bytes())
    assert "0:4:监护人1关系" in form_of(admin.page(f"{ROSTER}/{plain}"))["column"]
    look(upload(two), column=form["column"])
    assert form_of(admin.page(f"{ROSTER}/{upload(two)}"))["column"] == form["column"]


def test_nothing_of_an_account_stays_with_a_cancelled_run(
    admin: Any, upload: Any, look: Any, school: int
) -> None:
    run = upload(book("班级|姓名|状态", "三年级9班|安一|转出"))
    look(run)
    admin.post(f"{ROSTER}/{run}/cancel")
    with db.transaction(school_id=school, read_only=True) as session:
        assert session.get_one(ImportRun, (school, run)).account is None
